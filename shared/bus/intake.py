"""Intake: events that publishers add by XADD are appended, answered with receipts and deleted.

Receipts and deletion are one transaction after the commit. A crash in between gives a second
answer (`duplicate`), never a loss; while no appender runs the entries stay.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from redis.exceptions import ResponseError

from shared.appending.outcome_json import item
from shared.appending.outcomes import Unfit
from shared.bus.receipts import is_full
from shared.bus.streams import FIELD_EVENT, FIELD_EVENTS, intake
from shared.errors import BrokenContract, Problem, declare
from shared.events.acceptance.receive import Invalid, receive, receive_batch
from shared.events.envelope import ReceivedEvent
from shared.trust.signature_check import unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from redis import Redis
    from redis.client import Pipeline

    from shared.appending.outcomes import Outcome
    from shared.bus.receipts import Item, Receipts
    from shared.clock import Clock
    from shared.trust.signature_check import SignatureCheck
    from shared.vocabulary import Family

    Submit = Callable[[Sequence[ReceivedEvent]], Future[list[Outcome]]]
    Fields = Mapping[bytes, bytes]

NO_EVENT_FIELD = declare(
    "intake_fields",
    422,
    vi="Mục của dòng nhập phải có đúng một trường: event (một sự kiện) "
    "hoặc events (một mảng JSON).",
    en="An entry of an intake stream has exactly one field: event, or events (a JSON array).",
)
INTAKE_FAULT = declare(
    "intake_fault",
    500,
    vi="Sổ cái gặp lỗi của chính mình khi đọc mục này; lỗi đã được ghi lại. "
    "Hãy báo cho người vận hành.",
    en="The ledger failed on this entry (internal error, logged). Inform its operator.",
)
AT_ONCE = 50
FIRST_AT_ONCE = 8
EVENTS_AT_ONCE = 500
READ_BYTES = 16 * 1024 * 1024
"""Most of the stream read at once, except for a single entry, which may be a batch of 4 MiB."""
APPEND_SECONDS = 60.0
_logger = logging.getLogger(__name__)


def _ignore(_entries: int, _receipts: int, _invalid: int) -> None:
    """Ignore the counts."""


class Intake:
    """Appends the events of one family from its stream, oldest first."""

    def __init__(
        self,
        redis: Redis,
        family: Family,
        submit: Submit,
        receipts: Receipts,
        *,
        clock: Clock,
        signatures: SignatureCheck | None = None,
        at_once: int = AT_ONCE,
        on_taken: Callable[[int, int, int], None] = _ignore,
    ) -> None:
        self._redis = redis
        self._family = family
        self._stream = intake(family)
        self._submit = submit
        self._receipts = receipts
        self._clock = clock
        self._signatures = signatures or unchecked()
        self._most_at_once = at_once
        self._at_once = min(at_once, FIRST_AT_ONCE)
        self._on_taken = on_taken

    def step(self) -> int:
        """Append and answer the oldest entries; return how many, 0 for an empty stream.

        Errors of Redis and the appender pass through (`Unavailable` when full or without database):
        then nothing is answered or deleted, and the same entries are read again.
        """
        # Before any new event, so that a second receipt never precedes the first one.
        second = self._receipts.flush()
        taken = self._taken()
        if not taken:
            self._on_taken(0, second, 0)
            return 0
        found = self._signed([event for _, events in taken for event in events])
        outcomes = self._appended(found)
        items = list(_answers(found, outcomes))
        self._take_away([entry for entry, _ in taken], items)
        invalid = sum(isinstance(each, Invalid | Unfit) for each in (*found, *outcomes))
        self._on_taken(len(taken), second + len(items), invalid)
        return len(taken)

    def _signed(self, found: Sequence[ReceivedEvent | Invalid]) -> list[ReceivedEvent | Invalid]:
        if self._signatures.lacks(found):
            self._signatures.catch_up()
        return self._signatures.check(found)

    def waiting(self) -> int:
        """Return the number of unanswered entries in the stream."""
        return int(self._redis.xlen(self._stream))

    def _take_away(self, entries: Sequence[bytes], items: Sequence[Item]) -> None:
        """Write the receipts and delete the entries, in one transaction.

        A full Redis refuses receipts: they then wait in memory while the entries are deleted,
        which frees room. A publisher without a receipt sends again, so nothing is lost.
        """
        try:
            with self._redis.pipeline() as pipeline:
                self._receipts.add(pipeline, items)
                self._delete_with_receipts(pipeline, entries)
                pipeline.execute()
        except ResponseError as error:
            if not is_full(error):
                raise
            self._receipts.hold(items)
            self._redis.xdel(self._stream, *entries)

    def _delete_with_receipts(self, pipeline: Pipeline, entries: Sequence[bytes]) -> None:
        """Delete entries in the transaction that answers them."""
        pipeline.xdel(self._stream, *entries)

    def _taken(self) -> list[tuple[bytes, list[ReceivedEvent | Invalid]]]:
        """Read the oldest entries that fill one group of events (at least one entry)."""
        entries = self._oldest()
        self._read_as_much_next(sum(len(v) for _, fields in entries for v in fields.values()))
        taken: list[tuple[bytes, list[ReceivedEvent | Invalid]]] = []
        size = 0
        for entry, fields in entries:
            events = self._events(fields)
            size += len(events)
            if taken and size > EVENTS_AT_ONCE:
                break
            taken.append((entry, events))
        return taken

    def _oldest(self) -> list[tuple[bytes, Fields]]:
        """Return the oldest entries, in order of arrival."""
        entries = self._redis.xrange(self._stream, count=self._at_once)
        return cast("list[tuple[bytes, Fields]]", entries)

    def _read_as_much_next(self, read_bytes: int) -> None:
        """Adapt the number of entries read next time to the size of these."""
        if read_bytes > READ_BYTES:
            self._at_once = max(1, self._at_once // 4)
        elif read_bytes < READ_BYTES // 4:
            self._at_once = min(self._most_at_once, self._at_once * 2)

    def _events(self, fields: Fields) -> list[ReceivedEvent | Invalid]:
        """Return the events of an entry; an unreadable one is answered, and blocks no other."""
        try:
            match list(fields.items()):
                case [(name, raw)] if name == FIELD_EVENT.encode():
                    return [self._one(raw)]
                case [(name, raw)] if name == FIELD_EVENTS.encode():
                    return receive_batch(raw, now_us=self._clock(), family=self._family)
            return [Invalid(None, None, Problem(NO_EVENT_FIELD))]
        except BrokenContract as error:
            return [Invalid(None, None, error.problem)]
        except Exception:
            _logger.exception("an entry of %s cannot be read", self._stream)
            return [Invalid(None, None, Problem(INTAKE_FAULT))]

    def _one(self, raw: bytes) -> ReceivedEvent | Invalid:
        try:
            return receive(raw, now_us=self._clock(), family=self._family)
        except BrokenContract as error:
            name, source = self._whose(raw)
            return Invalid(name, source, error.problem)

    def _whose(self, raw: bytes) -> tuple[str | None, str | None]:
        """Return the id and source of an invalid event, as in a batch of one."""
        with suppress(BrokenContract):
            match receive_batch(b"[%b]" % raw, now_us=self._clock(), family=self._family):
                case [Invalid(name, source, _)]:
                    return name, source
        return None, None

    def _appended(self, found: Sequence[ReceivedEvent | Invalid]) -> list[Outcome]:
        events = [event for event in found if isinstance(event, ReceivedEvent)]
        return self._submit(events).result(APPEND_SECONDS) if events else []


def _answers(
    found: Sequence[ReceivedEvent | Invalid], outcomes: Sequence[Outcome]
) -> Iterator[Item]:
    """Merge the outcomes with the answers to invalid events, in order."""
    settled = iter(outcomes)
    for event in found:
        if isinstance(event, Invalid):
            yield item(event.id, event.source, event.problem)
        else:
            yield item(event.key.id, event.key.source, next(settled))
