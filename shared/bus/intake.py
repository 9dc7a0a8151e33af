"""Intake: events that publishers add by XADD are appended, answered with receipts and deleted.

Receipts and deletion are one transaction after the commit. A crash in between gives a second
answer (`duplicate`), never a loss; while no appender runs the entries stay.

Before trust all publishers share one stream. Once it began, each has its own, whose entries are
its events only, and whose receipts are its own; all streams are read in turn.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from redis.exceptions import ResponseError

from shared.appending.outcome_json import item
from shared.appending.outcomes import Unfit
from shared.appending.shares import PUBLISHER_BUSY
from shared.bus.intake_streams import AT_ONCE, IntakeStreams
from shared.bus.receipts import is_full, receipt_of
from shared.bus.streams import FIELD_EVENT, FIELD_EVENTS
from shared.errors import BrokenContract, Problem, Unavailable, declare
from shared.events.acceptance.receive import Invalid, receive, receive_batch
from shared.events.envelope import ReceivedEvent
from shared.trust.authority_rules import publisher_of
from shared.trust.signature_check import unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from redis import Redis
    from redis.client import Pipeline

    from shared.appending.outcomes import Outcome
    from shared.bus.intake_streams import Entries, Fields, IntakeStream
    from shared.bus.receipts import Item, Receipts
    from shared.bus.stream_limits import StreamLimits
    from shared.clock import Clock
    from shared.trust.signature_check import SignatureCheck
    from shared.vocabulary import Family

    Submit = Callable[[Sequence[ReceivedEvent]], Future[list[Outcome]]]

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
FOREIGN_STREAM = declare(
    "foreign_stream",
    403,
    vi="Đây là dòng nhập của nơi gửi {publisher}; sự kiện lại đứng tên {source}.",
    en="This is the intake stream of the publisher {publisher}; the event is of {source}.",
)
SHARED_STREAM = declare(
    "shared_stream",
    403,
    vi="Từ khi sổ bắt đầu chế độ ký, dòng chung {stream} không nhận nữa: mỗi nơi gửi có dòng nhập "
    "riêng, mang thêm dấu hai chấm và mã nơi gửi.",
    en="Since trust began the shared stream {stream} takes nothing: each publisher has its own, "
    "with a colon and its id added.",
)
EVENTS_AT_ONCE = 500
APPEND_SECONDS = 60.0
_logger = logging.getLogger(__name__)


def _ignore(_entries: int, _receipts: int, _invalid: int) -> None:
    """Ignore the counts."""


class TakenEntries(NamedTuple):
    """Entries that were read from a stream, with their events in order."""

    stream: IntakeStream
    entries: list[bytes]
    found: list[ReceivedEvent | Invalid]


class Intake:
    """Appends the events of one family from its streams, oldest first."""

    def __init__(
        self,
        redis: Redis,
        family: Family,
        submit: Submit,
        receipts: Receipts,
        *,
        clock: Clock,
        signatures: SignatureCheck | None = None,
        limits: StreamLimits | None = None,
        at_once: int = AT_ONCE,
        on_taken: Callable[[int, int, int], None] = _ignore,
    ) -> None:
        self._redis = redis
        self._family = family
        self._submit = submit
        self._receipts = receipts
        self._clock = clock
        self._signatures = signatures or unchecked()
        self._limits = limits
        self._on_taken = on_taken
        self._streams = IntakeStreams(redis, family, clock=clock, at_once=at_once)
        self._is_caught_up = False

    def step(self) -> int:
        """Append and answer the oldest entries; return how many, 0 for empty streams.

        Errors of Redis and the appender pass through (`Unavailable` when full or without database):
        then nothing is answered or deleted, and the same entries are read again. What cannot be
        appended for one publisher is no error while something is for another.
        """
        # Before any new event, so that a second receipt never precedes the first one.
        second = self._receipts.flush()
        self._find_publishers()
        taken = self._checked(self._taken())
        if not taken:
            self._on_taken(0, second, 0)
            return 0
        return self._appended(taken, second)

    def wait(self) -> int:
        """Wait for an entry in the streams of publishers, for a quarter of a second; return 1.

        Before trust it returns 0 at once.
        """
        return self._streams.wait()

    def waiting(self) -> int:
        """Return the number of unanswered entries in the streams."""
        return self._streams.waiting()

    def _find_publishers(self) -> None:
        """Read the streams of all publishers of the log from here on, once trust began."""
        if not self._is_caught_up:
            self._signatures.catch_up()
            self._is_caught_up = True
        self._streams.add(self._signatures.authority().publishers)
        if self._streams.publishers and self._limits is not None:
            self._limits.enforce(self._streams.publishers)

    def _taken(self) -> list[TakenEntries]:
        """Read the oldest entries of each stream that fill a group of events (at least one)."""
        return [self._group(*each) for each in self._streams.read()]

    def _group(self, stream: IntakeStream, entries: Entries) -> TakenEntries:
        taken = TakenEntries(stream, [], [])
        for entry, fields in entries:
            events = self._events(stream, fields)
            if taken.entries and len(taken.found) + len(events) > EVENTS_AT_ONCE:
                break
            taken.entries.append(entry)
            taken.found.extend(events)
        return taken

    def _checked(self, taken: Sequence[TakenEntries]) -> list[TakenEntries]:
        """Refuse what does not belong to its stream or is not rightly signed.

        Each stream is checked by itself: bad signatures in one are nothing to the others.
        """
        groups = [each._replace(found=self._belonging(each)) for each in taken]
        if self._signatures.lacks([event for each in groups for event in each.found]):
            self._signatures.catch_up()
        return [each._replace(found=self._signatures.check(each.found)) for each in groups]

    def _belonging(self, taken: TakenEntries) -> list[ReceivedEvent | Invalid]:
        publisher = taken.stream.publisher
        if not self._streams.publishers:
            return taken.found
        if publisher is None:
            problem = Problem(SHARED_STREAM, {"stream": taken.stream.name})
            return [
                Invalid(each.key.id, each.key.source, problem)
                if isinstance(each, ReceivedEvent)
                else each
                for each in taken.found
            ]
        return [
            _foreign(each, publisher)
            if isinstance(each, ReceivedEvent) and _is_foreign(each, publisher)
            else each
            for each in taken.found
        ]

    def _appended(self, taken: Sequence[TakenEntries], second: int) -> int:
        """Append the events of all streams together, and answer each stream by itself."""
        failure: Exception | None = None
        submitted = []
        for group in taken:
            try:
                submitted.append((group, self._submitted(group.found)))
            except Unavailable as full:
                if full.problem.rule is PUBLISHER_BUSY:
                    self._streams.rest(group.stream)
                else:
                    failure = full
        answered, receipts, invalid = 0, second, 0
        for group, future in submitted:
            try:
                outcomes = future.result(APPEND_SECONDS) if future else []
            except Exception as error:  # noqa: BLE001  raised below
                failure = error
                continue
            items = list(_answers(group.found, outcomes))
            self._take_away(group, items)
            answered += len(group.entries)
            receipts += len(items)
            invalid += sum(isinstance(each, Invalid | Unfit) for each in (*group.found, *outcomes))
        if failure is not None and not answered:
            raise failure
        self._on_taken(answered, receipts, invalid)
        return answered

    def _submitted(self, found: Sequence[ReceivedEvent | Invalid]) -> Future[list[Outcome]] | None:
        events = [event for event in found if isinstance(event, ReceivedEvent)]
        return self._submit(events) if events else None

    def _take_away(self, taken: TakenEntries, items: Sequence[Item]) -> None:
        """Write the receipts and delete the entries, in one transaction.

        A full Redis refuses receipts: they then wait in memory while the entries are deleted,
        which frees room. A publisher without a receipt sends again, so nothing is lost.
        """
        receipts = [receipt_of(each, taken.stream.publisher) for each in items]
        try:
            with self._redis.pipeline() as pipeline:
                self._receipts.add(pipeline, receipts)
                self._delete_with_receipts(pipeline, taken)
                answers = pipeline.execute(raise_on_error=False)
        except ResponseError as error:
            if not is_full(error):
                raise
            self._receipts.hold(receipts)
            self._redis.xdel(taken.stream.name, *taken.entries)
        else:
            self._receipts.renew(receipts, answers)

    def _delete_with_receipts(self, pipeline: Pipeline, taken: TakenEntries) -> None:
        """Delete entries in the transaction that answers them."""
        pipeline.xdel(taken.stream.name, *taken.entries)

    def _events(self, stream: IntakeStream, fields: Fields) -> list[ReceivedEvent | Invalid]:
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
            _logger.exception("an entry of %s cannot be read", stream.name)
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


def _is_foreign(event: ReceivedEvent, publisher: str) -> bool:
    """Return whether an event names another publisher than that of its stream."""
    return publisher_of(event) != publisher


def _foreign(event: ReceivedEvent, publisher: str) -> Invalid:
    named = {"publisher": publisher, "source": event.key.source}
    return Invalid(event.key.id, event.key.source, Problem(FOREIGN_STREAM, named))


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
