"""The appender: one thread that takes the lock, comes to the head, decides a group and commits.

Everything that moves is in `step()`, which a thread or a simulation calls; callers wait on futures.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from shared.clock import MICROSECONDS, Clock, system_clock
from shared.errors import LedgerError, Problem, Unavailable, declare
from shared.eventlog.aside import AsideList
from shared.eventlog.deciding import DECISION_FAULT, Decider
from shared.eventlog.group import DAY_US, Group, OnSettled, Settled
from shared.eventlog.outcomes import Outcome, Refused
from shared.eventlog.protocol import START, AppendSession, EventLog, Head, Reader
from shared.eventlog.queue import (
    GROUP_EVENTS,
    QUEUE_BYTES,
    QUEUE_EVENTS,
    Submission,
    SubmissionQueue,
)
from shared.events.envelope import ReceivedEvent, RecordedEvent

LOG_RESTORED = declare(
    "log_restored",
    503,
    vi="Sổ cái không còn giữ lịch sử mà dịch vụ này đã đọc tới vị trí {position}: có lẽ đã được "
    "phục hồi về một bản cũ. Việc ghi dừng lại cho đến khi người vận hành khởi động lại dịch vụ.",
    en="The log no longer holds the history that this service had read up to position {position}: "
    "it seems restored to an older state. Appending stops until an operator restarts the service.",
)
READ_AT_ONCE = 5_000
FOR_EVER = 2**62
REMEMBERED = 20_000
EXPIRY_EVERY_US = 60 * MICROSECONDS
KEEP_REFUSED_DAYS = 90
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GroupReport:
    """One committed group, for metrics: what was settled, where the head is, how long it took."""

    settled: Settled
    head: Head
    seconds: float


class Appender:
    """Appends one family; any number of processes may do so on one log."""

    def __init__(
        self,
        log: EventLog,
        decider: Decider,
        *,
        clock: Clock = system_clock,
        park_days: float = 30,
        queue_limit: int = QUEUE_EVENTS,
        queue_bytes: int = QUEUE_BYTES,
        group_limit: int = GROUP_EVENTS,
    ) -> None:
        self.log = log
        self.decider = decider
        self._clock = clock
        self._park_us = int(park_days * DAY_US)
        self._queue = SubmissionQueue(queue_limit, queue_bytes, group_limit)
        self._state = threading.RLock()
        self._folded = START
        self._fresh = False
        self._swept = False
        self._foreign: list[RecordedEvent] = []
        self._next_expiry_us = 0
        self._restored: Problem | None = None
        self._thread: threading.Thread | None = None
        self.aside = AsideList(decider, clock)
        self._on_group: list[Callable[[GroupReport], None]] = []
        self._on_settled: list[OnSettled] = []
        self._on_fault: list[Callable[[], None]] = []
        self._on_taken: list[Callable[[Sequence[ReceivedEvent]], None]] = []

    @property
    def waiting(self) -> int:
        """Return how many events wait to be decided."""
        return self._queue.waiting

    def on_taken(self, callback: Callable[[Sequence[ReceivedEvent]], None]) -> None:
        """Call back with the events of each request before the log is locked for them.

        What takes long and can be done beforehand belongs there. If it raises, it is called again
        with each event alone, and those for which it does are not decided.
        """
        self._on_taken.append(callback)

    def on_group(self, callback: Callable[[GroupReport], None]) -> None:
        """Call back after each committed group, from the appending thread."""
        self._on_group.append(callback)

    def on_settled(self, callback: OnSettled) -> None:
        """Call back with parked events that were released or refused."""
        self._on_settled.append(callback)

    def on_fault(self, callback: Callable[[], None]) -> None:
        """Call back when an event could not be appended by a fault of our own."""
        self._on_fault.append(callback)

    def submit(self, events: Sequence[ReceivedEvent]) -> Future[list[Outcome]]:
        """Queue events to be decided in order; raises Unavailable when the queue is full.

        The future gives one outcome for each event once they are committed.
        """
        return self._queue.put(events)

    def poke(self) -> None:
        """Say that others have appended: what waits here may be released."""
        self._queue.poke()

    def start(self) -> None:
        """Begin to append on a thread of its own."""
        self._queue.begin()
        self._thread = threading.Thread(target=self._run, name="appender", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Append what is queued, then end."""
        self._queue.end()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def step(self) -> int:
        """Decide and commit one group; returns how many submitted events were answered.

        With nothing submitted it catches up, and takes the lock only if something may be released
        or has waited for too long.
        """
        taken = self._queue.take()
        try:
            self._answer_all(taken)
        finally:
            answered = self._queue.done(taken)
        return answered

    def _answer_all(self, taken: Sequence[Submission]) -> None:
        """Decide what was taken and answer it, each request with the outcomes of its events."""
        events = [event for submission in taken for event in submission.events]
        undecidable = self._made_ready(taken)
        ready = [event for event in events if id(event) not in undecidable]
        try:
            with self._state:
                decided = iter(self._settled(ready)) if ready or self._due() else iter(())
        except Exception as failure:
            for submission in taken:
                submission.fail(failure)
            raise
        for submission in taken:
            submission.answer(
                [undecidable.get(id(event)) or next(decided) for event in submission.events]
            )

    def _made_ready(self, taken: Sequence[Submission]) -> dict[int, Outcome]:
        """Do what is done beforehand; return the events, by identity, for which it failed."""
        undecidable: dict[int, Outcome] = {}
        for submission in taken:
            for make_ready in self._on_taken:
                try:
                    make_ready(submission.events)
                except Exception:  # noqa: BLE001  one by one, only those that fail are answered so
                    for event in submission.events:
                        try:
                            make_ready([event])
                        except Exception as failure:  # noqa: BLE001  as above
                            undecidable[id(event)] = Refused(_problem_of(failure))
        return undecidable

    @contextmanager
    def reading(self) -> Iterator[Decider]:
        """Hold the decider's state for a read, brought to the head of the log."""
        with self._state:
            self._check_log()
            if not self._fresh:
                with self.log.append_session() as session:
                    self._begin(session)
                self._fresh = True
            self._catch_up(self.log)
            yield self.decider

    def try_again(self) -> None:
        """Read anew whatever could not be read, and decide anew whatever waits."""
        with self._state:
            self._fresh = False
            with self.reading():
                pass
        self.poke()

    def _check_log(self) -> None:
        """Stop for good once the log was seen with another past: no position is given twice."""
        if self._restored is not None:
            raise Unavailable(self._restored, 60)

    def _due(self) -> bool:
        if not self._fresh:
            return True
        self._catch_up(self.log)
        if self.log.count_parked() == 0:
            self._foreign.clear()
            self._swept = True
            return False
        return bool(self._foreign) or not self._swept or self._clock() >= self._next_expiry_us

    def _settled(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Append a group; if something in it breaks it, by halving only that event fails.

        Deciding an event that the rules fail on breaks no group (`Group`); what does is what an
        accepted event makes of the state, or a value that the database does not take.
        """
        try:
            self._check_log()
            return self._group(events)
        except Unavailable:
            raise
        except Exception:
            if not events:
                raise
            if middle := len(events) // 2:
                return [*self._settled(events[:middle]), *self._settled(events[middle:])]
            _logger.exception("%s of %s cannot be appended", events[0].key.id, events[0].key.source)
        self._settled(())  # when nothing at all can be appended, no event is to blame
        for tell in self._on_fault:
            tell()
        return [Refused(Problem(DECISION_FAULT))]

    def _group(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        started = time.perf_counter()
        if self._fresh:
            # What can be folded without the lock shortens the time under it.
            self._catch_up(self.log)
        with self.log.append_session() as session:
            # Until the commit, what is folded may not stand.
            fresh, self._fresh = self._fresh, False
            group = self._decided(session, events, fresh=fresh)
            group.write()
        self._fresh = self._swept = True
        self._folded = group.head
        self._foreign.clear()
        self._tell(group, time.perf_counter() - started)
        return group.settled.outcomes

    def _tell(self, group: Group, seconds: float) -> None:
        settled = group.settled
        self.aside.take(settled)
        for tell in self._on_group:
            tell(GroupReport(settled, group.head, seconds))
        if settled.released:
            for settle in self._on_settled:
                settle(settled.released)

    def _decided(
        self, session: AppendSession, events: Sequence[ReceivedEvent], *, fresh: bool
    ) -> Group:
        """Come to the head under the lock, and decide there."""
        if not fresh:
            self._begin(session)
        self._catch_up(session)
        group = Group(session, self.decider, self._folded, self._clock, self._park_us)
        if self._swept:
            group.release_for(self._foreign)
        else:
            group.release_all(session.parked_until(FOR_EVER))
        self._tidy(session, group)
        group.decide(events)
        return group

    def _begin(self, log: Reader) -> None:
        self._folded = log.head()
        self._foreign.clear()
        self.aside.clear()
        self._swept = False  # what waited may have been provided for while nobody looked
        self.decider.start(log)

    def _tidy(self, session: AppendSession, group: Group) -> None:
        now = self._clock()
        if now >= self._next_expiry_us:
            group.expire()
            session.forget_refused(now - KEEP_REFUSED_DAYS * DAY_US)
            self._next_expiry_us = now + EXPIRY_EVERY_US

    def _catch_up(self, log: Reader) -> None:
        """Fold what others have appended; `_foreign` keeps it until what waits is released."""
        while True:
            # The last event folded is read again: it tells that the log is still the one.
            position = self._folded.position
            events = log.read(max(position - 1, 0), READ_AT_ONCE)
            known, new = (events[:1], events[1:]) if position else ([], events)
            if position and (not known or known[0].chain != self._folded.chain):
                self._restored = Problem(LOG_RESTORED, {"position": position})
                self._check_log()
            if not new:
                return None
            try:
                self.decider.fold(new)
            except Exception:
                # Half of it may be folded. A start finds the record, and sets its stream aside.
                _logger.exception("events after position %d cannot be folded", position)
                return self._begin(log)
            self._remember(new)
            self._folded = Head(new[-1].position, new[-1].chain, new[-1].recorded_us)

    def _remember(self, events: Sequence[RecordedEvent]) -> None:
        if len(self._foreign) > REMEMBERED:
            # So far behind, it is cheaper to decide anew whatever waits.
            self._foreign.clear()
            self._swept = False
        if self._swept:
            self._foreign.extend(events)

    def _run(self) -> None:
        while self._queue.wait(1.0):
            with suppress(Exception):
                self._logged_step()

    def _logged_step(self) -> None:
        try:
            self.step()
        except Unavailable as error:
            _logger.warning("the log cannot be appended to: %s", error)
            raise
        except Exception:
            _logger.exception("a group was not appended")
            raise


def _problem_of(failure: Exception) -> Problem:
    """Return what is answered for an event that could not even be prepared."""
    if isinstance(failure, LedgerError):
        return failure.problem
    _logger.error("an event could not be made ready", exc_info=failure)
    return Problem(DECISION_FAULT)
