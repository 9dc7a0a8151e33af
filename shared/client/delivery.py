"""Delivery of events: to the service of their type, in batches, with retries when it is busy.

A repeat is harmless: the ledger recognises every event by its id for ever.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx
import orjson

from shared.client.addresses import Addresses
from shared.errors import Language
from shared.events.acceptance.encodings import IS_OTHER, NOT_UTF8, other_encoding
from shared.events.bilingual import said
from shared.events.catalogue import CATALOGUE
from shared.vocabulary import Family

MAX_EVENTS: Final = 500
MAX_BYTES: Final = 4 * 1024 * 1024
_SIGNATURE_BYTES = 640
"""Most that the attributes of a signature add to an event."""
_RETRIED = {429, 500, 502, 503, 504}
_LONGEST_PAUSE_SECONDS = 30.0
_CORRECTED_BY = {
    "award": Family.EVALUATION,
    "inspection": Family.EVALUATION,
    "session": Family.EVALUATION,
    "commendation": Family.EVALUATION,
    "figure": Family.REPORTING,
}

Item = dict[str, Any]
"""The result of one event, as the services return it (events.md, POST /events)."""


class Undeliverable(Exception):  # noqa: N818  the message is what the user reads
    """A service is unreachable, or refuses the request, or does not follow the contract.

    `problem` is the problem document with which it refuses.
    """

    def __init__(self, message: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number from 1, the offset of the next one, and its bytes.

    `prefix` is the SHA-256 (hex) of the file up to that offset.
    """

    number: int
    end: int
    raw: bytes
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive lines for one service; `family` is None for a line that cannot be sent."""

    family: Family | None
    lines: tuple[Line, ...]


def batches(lines: Iterable[Line]) -> Iterator[Batch]:
    """Group consecutive lines of one service, within the limits of the contract.

    The order across services is kept: a line of another service ends the batch.
    """
    family: Family | None = None
    waiting: list[Line] = []
    size = 2
    for line in lines:
        readable, wanted = _routed(line.raw)
        # An event of an unknown type is sent too: the service returns the problem.
        target = wanted or family or Family.REGISTRY
        full = len(waiting) == MAX_EVENTS or size + len(line.raw) > MAX_BYTES
        if waiting and (full or target is not family or not readable):
            yield Batch(family, tuple(waiting))
            waiting, size = [], 2
        if not readable:
            yield Batch(None, (line,))
            continue
        family = target
        waiting.append(line)
        size += len(line.raw) + 1 + _SIGNATURE_BYTES
    if waiting:
        yield Batch(family, tuple(waiting))


def _routed(raw: bytes) -> tuple[bool, Family | None]:
    """Return whether the line can be part of a batch, and the service its type belongs to."""
    if len(raw) + 2 > MAX_BYTES:
        return False, None
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False, None
    if not isinstance(event, dict):
        return True, None
    kind = event.get("type")
    known = CATALOGUE.get(kind) if isinstance(kind, str) else None
    if known is None:
        return True, None
    if len(known.families) == 1:
        return True, next(iter(known.families))
    # A retraction or redaction goes to the service that accepted its event.
    stream = str(event.get("subject")).partition("/")[0]
    return True, _CORRECTED_BY.get(stream, Family.REGISTRY)


def unsendable(line: Line) -> Item:
    """Return the receipt of a line that cannot be sent to any service."""
    too_large = len(line.raw) + 2 > MAX_BYTES
    code = "too_large" if too_large else "not_json"
    words = _reason(line.raw)
    problem = {"type": f"urn:dvk:problem:{code}", "code": code, "title": words, "detail": words}
    return {
        "id": None,
        "source": None,
        "status": "invalid",
        "position": None,
        "chain": None,
        "problem": {**problem, "status": 413 if too_large else 400},
    }


def _reason(raw: bytes) -> str:
    """Return why a line is not JSON, as far as its bytes show."""
    name = other_encoding(raw) or ("UTF-16" if b"\0" in raw else None)
    if name is not None:
        return IS_OTHER.format(name=name)
    if b"\r" in raw:
        return said(
            "Dòng kết thúc bằng CR như trên máy Mac cũ: hãy lưu lại với LF hoặc CRLF.",
            "Lines end in CR, as on old Macs: save the file with LF or CRLF.",
        )
    if len(raw) + 2 > MAX_BYTES:
        return said(
            "Dòng này dài hơn một lô được phép.", "This line is longer than a batch may be."
        )
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start}: {NOT_UTF8}"
    return said("Dòng này không phải JSON.", "This line is not JSON.")


class Signs(Protocol):
    """A signer of events, such as `Signer`."""

    def signed(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """Return events as they are written, with their signatures."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """Sends batches, signed if there is a signer.

    `pause` sleeps for some seconds; `busy` is notified before, with the reason.
    """

    client: httpx.Client
    addresses: Addresses
    patience_seconds: float = 600.0
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    busy: Callable[[str, float], None] = field(default=lambda _reason, _seconds: None)
    signer: Signs | None = None
    reads: httpx.Auth | None = None
    """Signs reads, such as `SignedReads`: once trust began, receipts are their publisher's only."""

    def send(
        self,
        family: Family,
        events: Sequence[bytes],
        *,
        dry_run: bool = False,
        language: Language | None = None,
        origin_head: int | None = None,
    ) -> list[Item]:
        """Send one batch until it is answered; raise `Undeliverable` after `patience_seconds`.

        Problems are in `language`; without one they are in the language of the client.
        `origin_head` is the last position of the ledger that forwards these events.
        """
        query = "?dry_run=1" if dry_run else f"?origin_head={origin_head}" if origin_head else ""
        url = f"{self.addresses.of(family)}/events{query}"
        if self.signer is not None:
            events = self.signer.signed(events)
        body = b"[" + b",".join(events) + b"]"
        headers = {"content-type": "application/cloudevents-batch+json"}
        if language is not None:
            headers["accept-language"] = language
        answer = self._answer("POST", url, content=body, headers=headers)
        return self._items(url, _successful(answer), len(events))

    def page_of(self, family: Family, path: str, **params: str) -> dict[str, Any]:
        """Return a page of a list, with its `items` and the cursor `next`; raise as `send` does."""
        answer = self.read(family, path, **params)
        if not isinstance(answer.get("items"), list):
            raise Undeliverable(f"{self.addresses.of(family)}/{path}: the answer holds no items")
        return answer

    def read(self, family: Family, path: str, **params: str) -> dict[str, Any]:
        """Return the JSON object at an address of a service; raise as `send` does."""
        url = f"{self.addresses.of(family)}/{path}"
        answer = _successful(self._answer("GET", url, params=params, auth=self.reads))
        if not isinstance(answer, dict):
            raise Undeliverable(f"{url}: the answer is no object")
        return answer

    def holds(self, item: Item) -> bool:
        """Say whether the ledger still has this receipt; raise as `send` does."""
        url = f"{self.addresses.registry}/receipts"
        key = {"source": str(item.get("source")), "id": str(item.get("id"))}
        answer = self._answer("GET", url, params=key, auth=self.reads)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return False
        receipt = _successful(answer)
        # The chain covers everything that was recorded up to that position.
        return isinstance(receipt, dict) and all(
            receipt.get(name) == item.get(name) for name in ("position", "chain")
        )

    def _answer(self, method: str, url: str, **request: Any) -> httpx.Response:  # noqa: ANN401
        """Repeat a request until the service answers and is not busy."""
        deadline = self.clock() + self.patience_seconds
        attempt = 0
        while True:
            try:
                answer = self.client.request(method, url, **request)
            except httpx.TransportError as error:
                reason, wanted = type(error).__name__, None
            else:
                if answer.status_code not in _RETRIED:
                    return answer
                reason = f"HTTP {answer.status_code}"
                wanted = _seconds(answer.headers.get("retry-after"))
            seconds = min(_LONGEST_PAUSE_SECONDS, max(float(wanted or 0), 0.2 * 2**attempt))
            if self.clock() + seconds > deadline:
                raise Undeliverable(f"{url}: {reason}")
            self.busy(reason, seconds)
            self.pause(seconds)
            attempt = min(attempt + 1, 10)

    def send_all(self, events: Iterable[bytes]) -> Iterator[list[Item]]:
        """Send generated events, and yield the results batch by batch; raise as `send` does."""
        for batch in batches(Line(number, 0, raw) for number, raw in enumerate(events, start=1)):
            if batch.family is None:
                raise AssertionError(batch)
            yield self.send(batch.family, [line.raw for line in batch.lines])

    @staticmethod
    def _items(url: str, answer: Any, expected: int) -> list[Item]:  # noqa: ANN401  JSON
        items = answer.get("items") if isinstance(answer, dict) else None
        if not isinstance(items, list) or len(items) != expected:
            raise Undeliverable(f"{url}: the answer does not hold one item for each event")
        return items


def _successful(answer: httpx.Response) -> Any:  # noqa: ANN401  JSON
    """Return the JSON of an answer; raise `Undeliverable` for any but 200."""
    if answer.status_code != httpx.codes.OK:
        raise _unexpected(answer)
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        raise Undeliverable(f"{answer.url}: {answer.text[:200]!r}") from None


def _unexpected(answer: httpx.Response) -> Undeliverable:
    message = f"{answer.url}: HTTP {answer.status_code}: {answer.text[:500]}"
    try:
        problem = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        problem = None
    return Undeliverable(message, problem if isinstance(problem, dict) else None)


def _seconds(text: str | None) -> float | None:
    """Return Retry-After in seconds; a date is ignored."""
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None
