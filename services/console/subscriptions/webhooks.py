"""`dvk webhooks run`: sends the events of units to their receivers, as CloudEvents in batches.

The cursor moves only after a receiver has answered 2xx, so every event is sent at least once, in
the order of the log. A batch that is sent again has the same id.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import orjson

from services.console.client.feed import cut_items
from services.console.client.http_client import Unanswered, client_for, response_of
from services.console.commands.complaints import complain
from services.console.local.data_directory import CannotStart
from services.console.output.texts import said_on
from services.console.subscriptions.cursors import open_cursors
from services.console.subscriptions.files import read_webhooks
from services.console.subscriptions.news import NewsReader
from services.console.subscriptions.receivers import (
    BATCH_TYPE,
    Receiver,
    Reply,
    Unsendable,
    secret_of,
    signed,
)
from shared.client.addresses import addresses_at

if TYPE_CHECKING:
    from pathlib import Path

    from services.console.output.texts import Say, Terminal
    from services.console.subscriptions.cursors import Cursor, Cursors
    from services.console.subscriptions.files import WebhookSubscription
    from shared.settings import Settings

BATCH = 100
"""The number of events of one request at most."""
FIRST_RETRY_SECONDS = 5
LAST_RETRY_SECONDS = 24 * 3_600
POLL_SECONDS = 2.0
_GONE = 410

Sleep = Callable[[float], None]


def webhooks(settings: Settings, at: str, console: Terminal, *, once: bool) -> int:
    """Deliver until stopped, or `once` what is due; 0, or 1 if some was not, or 2 if nothing."""
    try:
        file = read_webhooks(settings.home)
        origin = _origin(settings)
        with client_for(at, 60) as client, open_cursors(settings.home, "webhook") as cursors:
            ledger = NewsReader(client, addresses_at(at, client).reporting)
            run = WebhookRun(
                ledger,
                cursors,
                origin,
                settings.home,
                said_on(console),
                allow_loopback=file.allow_loopback,
            )
            while True:
                done = [run.deliver(each) for each in file.webhook]
                if once:
                    return 0 if all(done) else 1
                time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return 0
    except (CannotStart, Unanswered) as error:
        complain(console, error)
        return 2


def _origin(settings: Settings) -> str:
    """Return the host name by which receivers know this ledger."""
    origin = urlsplit(settings.public_url or "").hostname
    if origin is None:
        raise CannotStart(
            "Hãy đặt DVK_PUBLIC_URL: máy nhận tin biết sổ qua tên máy trong địa chỉ này.",
            "Set DVK_PUBLIC_URL: receivers know the ledger by its host name.",
        )
    return origin


@dataclass
class WebhookRun:
    """Delivers to the receivers, one after the other."""

    ledger: NewsReader
    cursors: Cursors
    origin: str
    home: Path
    say: Say
    allow_loopback: bool = False
    now: Callable[[], float] = time.time
    sleep: Sleep = time.sleep
    _sent_at: dict[str, float] = field(default_factory=dict)

    def deliver(self, webhook: WebhookSubscription) -> bool:
        """Send a receiver all that is new; say whether nothing is left undelivered."""
        cursor = self.cursors.get(webhook.name)
        try:
            if cursor is None:
                begun = self.ledger.reached() if webhook.after is None else webhook.after
                cursor = self.cursors.begin(webhook.name, begun)
            if cursor.is_off or cursor.retry_at > self.now():
                return False
            return self._deliver(webhook, cursor)
        except Unanswered as error:  # the ledger itself: the receiver is not at fault
            self.say(
                f"{webhook.name}: chưa đọc được sổ ({error}).",
                f"{webhook.name}: the ledger cannot be read ({error}).",
            )
            return False

    def _deliver(self, webhook: WebhookSubscription, cursor: Cursor) -> bool:
        receiver = Receiver(webhook.url, self.origin, self.allow_loopback)
        try:
            key = secret_of(self.home / webhook.secret_file)
            while batch := self._batch(webhook, cursor):
                if cursor.verified != webhook.url:
                    cursor.rate = receiver.verify()
                    cursor.verified = webhook.url
                    self.cursors.save(cursor)
                reply = self._send(webhook, cursor, receiver, key, batch)
                if not 200 <= reply.status < 300:
                    self._failed(cursor, f"HTTP {reply.status}", reply)
                    return False
                self._store(cursor, cursor.pending or cursor.position)
        except Unsendable as error:
            self._failed(cursor, str(error), None)
            return False
        return True

    def _batch(self, webhook: WebhookSubscription, cursor: Cursor) -> list[bytes]:
        """Return the next events to send, none if there is nothing new.

        The end of a batch is stored before it is sent. What does not concern the receiver is
        passed over.
        """
        while True:
            items, reached = self._events(webhook, cursor.position)
            if cursor.pending is not None:
                until = cursor.pending
                items = [each for each in items if _position(each) <= until]
            elif items:
                cursor.pending = _position(items[-1])
                self.cursors.save(cursor)
            wanted = [each for each in items if _is_wanted(each, webhook.types)]
            if wanted:
                return wanted
            last = cursor.pending or reached
            if last == cursor.position:
                return []
            self._store(cursor, last)

    def _events(self, webhook: WebhookSubscription, after: int) -> tuple[list[bytes], int]:
        """Return up to a batch of events, byte for byte, and the last position looked at."""
        query = httpx.QueryParams({"after": after, "limit": BATCH, "of": list(webhook.of)})
        address = f"{self.ledger.reporting}/feeds/{webhook.unit}.json"
        text = response_of(self.ledger.client, address, query).text
        items = cut_items(text[text.index("[") :])
        return items, int(orjson.loads(text)["reached"])

    def _send(
        self,
        webhook: WebhookSubscription,
        cursor: Cursor,
        receiver: Receiver,
        key: bytes,
        batch: list[bytes],
    ) -> Reply:
        last = self._sent_at.get(webhook.name)
        if cursor.rate and last is not None:
            self.sleep(max(0.0, last + 60 / cursor.rate - self.now()))
        self._sent_at[webhook.name] = self.now()
        body = b"[" + b",".join(batch) + b"]"
        message_id = delivery_id(webhook, cursor)
        headers = {
            "Content-Type": BATCH_TYPE,
            "WebHook-Request-Origin": self.origin,
            **signed(key, message_id, int(self.now()), body),
        }
        return receiver.request("POST", headers, body)

    def _store(self, cursor: Cursor, position: int) -> None:
        cursor.position, cursor.pending = position, None
        cursor.failures, cursor.retry_at = 0, 0
        self.cursors.save(cursor)

    def _failed(self, cursor: Cursor, why: str, reply: Reply | None) -> None:
        """Store when to try again; a receiver that is gone (410) is not tried again."""
        if reply is not None and reply.status == _GONE:
            cursor.is_off = 1
            self.cursors.save(cursor)
            self.say(
                f"{cursor.name}: bên nhận đã thôi nhận (410); không gửi nữa.",
                f"{cursor.name}: the receiver is gone (410); nothing more is sent.",
            )
            return
        pause = min(FIRST_RETRY_SECONDS * 2 ** min(cursor.failures, 30), LAST_RETRY_SECONDS)
        if reply is not None:
            stated = reply.headers.get("retry-after", "").strip()
            if stated.isascii() and stated.isdigit():
                pause = max(pause, min(int(stated), LAST_RETRY_SECONDS))
        cursor.failures += 1
        cursor.retry_at = self.now() + pause
        self.cursors.save(cursor)
        self.say(
            f"{cursor.name}: chưa gửi được ({why}); thử lại sau {pause} giây.",
            f"{cursor.name}: not delivered ({why}); tried again in {pause} seconds.",
        )


def delivery_id(webhook: WebhookSubscription, cursor: Cursor) -> str:
    """Return the `webhook-id` of a batch: the same whenever the batch is sent again."""
    stated = (webhook.name, webhook.url, cursor.position, cursor.pending)
    return "msg_" + sha256(repr(stated).encode()).hexdigest()[:32]


def _position(item: bytes) -> int:
    return int(orjson.loads(item)["sequence"])


def _is_wanted(item: bytes, types: list[str]) -> bool:
    """Say whether an event is of one of the types: `AwardGranted` or `dvk.AwardGranted.v1`."""
    type_ = str(orjson.loads(item)["type"])
    return not types or type_ in types or type_.split(".")[1] in types
