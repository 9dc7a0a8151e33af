"""Honest publishers: they send again until they are answered, and note every answer they get."""

import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
from redis import Redis
from redis.exceptions import RedisError

from tests.faults.scripts import Event, Life

ANSWER_SECONDS = 4.0
"""So long a publisher waits for an answer, or a receipt, before it sends again."""
LONGEST_PAUSE_SECONDS = 0.5
"""Shorter than what Retry-After asks for: an impatient publisher is the harder test."""
EARLY = 2
"""So many lives a publisher may be ahead of the one whose registrations it names: they wait then."""


class Answer(NamedTuple):
    """What became of an event, as its publisher was told."""

    event: Event
    status: str
    position: int | None
    chain: str | None


@dataclass
class Publisher:
    """One publisher with its own lives; a thread runs it until it is asked to end."""

    name: str
    family: str
    life: Life
    after: "Publisher | None" = None
    """The publisher whose lives are named here; not many more than it has begun."""
    pace_seconds: float = 0.01
    answers: list[Answer] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lives: int = 0
    cut: int = 0
    """How often an answer never came: the connection broke, or patience ended."""
    told_to_wait: int = 0
    ends_after: int | None = None
    _pending: dict[str, Event] = field(default_factory=dict)
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to publish."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def ask_to_end(self, after: int = 0) -> None:
        """Begin no more lives, but for those up to a number that others have named."""
        self.ends_after = after
        self._ending.set()

    def join(self, seconds: float) -> None:
        """Wait until everything that was begun is answered."""
        assert self._thread is not None
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"{self.name} waits for answers to {self.waiting()}"

    def in_flight(self) -> int:
        """Return how many events are on their way and not yet answered."""
        return len(self._pending)

    def waiting(self) -> list[str]:
        """Return the ids of the events that are not yet answered."""
        return list(self._pending)

    def _run(self) -> None:
        try:
            while not self._ending.is_set() or self.lives < (self.ends_after or 0):
                if self.after is not None and self.lives > self.after.lives + EARLY:
                    self._ending.wait(0.02)
                    continue
                self.lives += 1
                self.tell(list(self.life(self.name, self.lives)))
                time.sleep(self.pace_seconds)
        except Exception as error:
            self.wrong.append(f"{self.name} ended: {type(error).__name__}: {error}")
            raise

    def tell(self, events: Sequence[Event]) -> None:
        """Publish the events of a life, in order, until each is answered."""
        raise NotImplementedError

    def close(self) -> None:
        """Give connections back."""

    def _note(self, event: Event, item: Mapping[str, Any]) -> None:
        answer = Answer(event, item["status"], item["position"], item["chain"])
        self.answers.append(answer)
        if answer.status not in {"accepted", "duplicate", "parked"}:
            self.wrong.append(f"{event['id']} of {self.name}: {item}")


@dataclass
class OverHttp(Publisher):
    """Publishes over HTTP, one event a request or a batch of a life; several addresses serve."""

    addresses: list[str] = field(default_factory=list)
    batched: bool = False
    _client: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=ANSWER_SECONDS, trust_env=False)
    )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def tell(self, events: Sequence[Event]) -> None:
        """Send until everything is answered."""
        if self.batched:
            self._send(events)
        else:
            for event in events:
                self._send([event])

    def _send(self, events: Sequence[Event]) -> None:
        attempt = 0
        while events and not self._sent(events, attempt):
            attempt += 1

    def _sent(self, events: Sequence[Event], attempt: int) -> bool:
        """Send once; say whether it was answered."""
        kind = f"application/cloudevents{'-batch' if self.batched else ''}+json"
        body = json.dumps(events if self.batched else events[0]).encode()
        address = self.addresses[attempt % len(self.addresses)]
        self._pending = {event["id"]: event for event in events}
        try:
            answer = self._client.post(
                f"{address}/events", content=body, headers={"Content-Type": kind}
            )
        except httpx.TransportError as error:
            self.cut += not isinstance(error, httpx.ConnectError)
            self._pending = {}
            time.sleep(0.05)
            return False
        self._pending = {}
        if answer.status_code in {429, 503}:
            self._told_to_wait(answer)
            return False
        if answer.status_code not in {200, 201, 202}:
            self.wrong.append(f"{answer.status_code} to {self.name}: {answer.text[:300]}")
            return True
        said = answer.json()
        for event, item in zip(events, said["items"] if self.batched else [said], strict=True):
            self._note(event, item)
        return True

    def _told_to_wait(self, answer: httpx.Response) -> None:
        self.told_to_wait += 1
        after = answer.headers.get("retry-after", "")
        if not after.isdigit() or int(after) < 1:
            self.wrong.append(f"{answer.status_code} to {self.name} with Retry-After {after!r}")
        else:
            time.sleep(min(float(after), LONGEST_PAUSE_SECONDS))


@dataclass
class OverIntake(Publisher):
    """Publishes by XADD and reads its receipts; what has none in time is sent again."""

    redis_url: str = ""
    _read: str = "0"
    _told: dict[str, Event] = field(default_factory=dict)

    def tell(self, events: Sequence[Event]) -> None:
        """Send a life at once, as a pipeline of entries."""
        self._pending = {event["id"]: event for event in events}
        self._told |= self._pending
        while self._pending:
            with (
                Redis.from_url(self.redis_url, socket_timeout=ANSWER_SECONDS) as redis,
                suppress(RedisError),
            ):
                self._add(redis, list(self._pending.values()))
                self._read_receipts(redis)
            if self._pending:
                self.cut += 1
                time.sleep(0.05)

    def _add(self, redis: Redis, events: Iterable[Event]) -> None:
        for event in events:
            redis.xadd(f"dvk:intake:{self.family}", {"event": json.dumps(event)})

    def _read_receipts(self, redis: Redis) -> None:
        stream = f"dvk:receipts:{self.name}"
        deadline = time.monotonic() + ANSWER_SECONDS
        while self._pending and time.monotonic() < deadline:
            found: Any = redis.xread({stream: self._read}, block=200)
            for _, entries in found:
                for entry, fields in entries:
                    self._read = entry.decode()
                    item = json.loads(fields[b"item"])
                    self._pending.pop(item["id"], None)
                    # A second receipt, of an event that was sent again or had waited, counts too.
                    self._note(self._told[item["id"]], item)
