"""The appender: one thread that takes the lock, catches up, decides a group and commits it.

All work happens in `step()`, called by a thread or by a simulation; callers wait on futures.
"""

import logging
import threading
import time
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from weakref import WeakKeyDictionary

from shared.appending.decider import DECISION_FAULT, Decider
from shared.appending.group_commit import GroupCommit
from shared.appending.hooks import AppendHooks
from shared.appending.lock_wait import LockWait
from shared.appending.outcomes import Outcome, Refused
from shared.appending.problems import LOG_RESTORED
from shared.appending.quarantine import QuarantineList
from shared.appending.queue import (
    QUEUED_BYTES,
    QUEUED_EVENTS,
    AppendQueue,
    AppendRequest,
    EventLoopBridge,
)
from shared.appending.releases import Releases
from shared.appending.results import CommitReport
from shared.clock import DAY_US, MICROSECONDS, Clock, system_clock
from shared.errors import Problem, Unavailable
from shared.eventlog.protocol import (
    START,
    AppendSession,
    EventLog,
    Head,
    LookupRequest,
    LookupResult,
    Reader,
)
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent

READ_AT_ONCE = 5_000
GROUP_EVENTS = 2_000
EXPIRY_EVERY_US = 60 * MICROSECONDS
KEEP_REFUSED_DAYS = 90
_logger = logging.getLogger(__name__)


class Appender:
    """Append events of one family; any number of processes may append to one log."""

    def __init__(
        self,
        log: EventLog,
        decider: Decider,
        *,
        clock: Clock = system_clock,
        park_days: float = 30,
        queue_limit: int = QUEUED_EVENTS,
        queue_bytes: int = QUEUED_BYTES,
        group_limit: int = GROUP_EVENTS,
    ) -> None:
        self.log = log
        self.decider = decider
        self.hooks = AppendHooks()
        self._clock = clock
        self._park_us = int(park_days * DAY_US)
        self._group_limit = group_limit
        self._queue = AppendQueue(queue_limit, queue_bytes)
        self._answers: WeakKeyDictionary[AbstractEventLoop, EventLoopBridge] = WeakKeyDictionary()
        self._state = threading.RLock()
        self._checkpoint = START
        self._state_valid = False
        self._others_append = True
        self._any_waits = True
        self._releases = Releases()
        self._next_expiry_us = 0
        self.restored: Problem | None = None
        self.lock_wait = LockWait()
        self._thread: threading.Thread | None = None
        self.quarantine = QuarantineList(decider, clock)

    @property
    def waiting(self) -> int:
        """Return the number of events waiting to be decided."""
        return self._queue.waiting

    def submit(self, events: Sequence[ReceivedEvent]) -> Future[list[Outcome]]:
        """Queue events to be decided in order; raises Unavailable when the queue is full.

        The future resolves to one outcome for each event after the commit.
        """
        answer: Future[list[Outcome]] = Future()
        self._queue.put(AppendRequest(events, answer))
        return answer

    async def append(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Queue events as `submit` does, and await their outcomes in an event loop.

        Cancelling the caller does not cancel the append.
        """
        loop = get_running_loop()
        answers = self._answers.get(loop)
        if answers is None:
            answers = self._answers[loop] = EventLoopBridge(loop)
        answer = answers.expect()
        self._queue.put(AppendRequest(events, answer))
        return await answer.future

    def wake_up(self) -> None:
        """Signal that other processes have appended: parked events may be released.

        While no event is known to be parked, the check once a second is enough: it finds what a
        process of the same service parked before it ended.
        """
        if self._any_waits:
            self._queue.wake_up()

    def start(self) -> None:
        """Start the appending thread."""
        self._queue.begin()
        self._thread = threading.Thread(target=self._run, name="appender", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Append the queued events, then end the thread."""
        self._queue.end()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def step(self) -> int:
        """Decide and commit one group; return how many submitted events were answered.

        With an empty queue it catches up, and takes the lock only if parked events may be released
        or have expired.
        """
        taken = self._queue.take(self._group_limit)
        try:
            self._answer_all(taken)
        finally:
            answered = self._queue.answered(taken)
        return answered

    def _answer_all(self, taken: Sequence[AppendRequest]) -> None:
        """Decide the requests taken, and answer each with the outcomes of its events."""
        events = [event for submission in taken for event in submission.events]
        undecidable = self.hooks.prepare(taken)
        ready = [event for event in events if id(event) not in undecidable]
        try:
            with self._state:
                decided = iter(self._settled(ready)) if ready or self._due() else iter(())
        except Exception as failure:
            for submission in taken:
                submission.fail(failure)
            raise
        for submission in taken:
            submission.succeed(
                [undecidable.get(id(event)) or next(decided) for event in submission.events]
            )

    @contextmanager
    def reading(self) -> Iterator[Decider]:
        """Lock the decider's state for a read, folded to the head of the log."""
        with self._state:
            self._check_log()
            if not self._state_valid:
                with self.log.append_session() as session:
                    self._begin(session)
                self._state_valid = True
            self._catch_up(self.log)
            yield self.decider

    def retry_quarantined(self) -> None:
        """Load quarantined streams again, and decide all parked events again."""
        with self._state:
            self._state_valid = False
            with self.reading():
                pass
        self._queue.wake_up()

    def _check_log(self) -> None:
        """Refuse to append once the log's history has changed: no position is assigned twice."""
        if self.restored is not None:
            raise Unavailable(self.restored, 60)

    def _due(self) -> bool:
        if not self._state_valid:
            return True
        self._catch_up(self.log)
        self._any_waits = self.log.count_parked() > 0
        if not self._any_waits:
            self._releases.forget()
            return False
        return self._releases.due or self._clock() >= self._next_expiry_us

    def _settled(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Append a group; if it fails, halve it until only the event at fault fails.

        Errors in the rules do not fail a group (`GroupCommit` catches them). Folding an accepted
        event can, and so can a value that the database refuses.
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
        self._settled(())  # raises when nothing can be appended: then no event is at fault
        self.hooks.failed()
        return [Refused(Problem(DECISION_FAULT))]

    def _group(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        started = time.perf_counter()
        if self._state_valid and self._others_append:
            # Folding before the lock is taken shortens the time under it.
            self._catch_up(self.log)
        with self.lock_wait.until(self.log.append_session()) as session:
            group = self._decided(session, events, state_valid=self._invalidate_state())
            group.write()
            self._any_waits = group.any_waits  # before others can append what releases it
        self._state_valid = True
        self._checkpoint = group.head
        self._releases.forget()
        self.quarantine.take(group.settled)
        self.hooks.committed(CommitReport(group.settled, group.head, time.perf_counter() - started))
        return group.settled.outcomes

    def _invalidate_state(self) -> bool:
        """Return whether the folded state is valid, and mark it invalid until the commit."""
        valid, self._state_valid = self._state_valid, False
        return valid

    def _decided(
        self, session: AppendSession, events: Sequence[ReceivedEvent], *, state_valid: bool
    ) -> GroupCommit:
        """Catch up to the head under the lock, and decide the events there."""
        if not state_valid:
            self._begin(session)
        wanted = self._wanted(events)
        lookup = session.look(wanted)
        before = self._checkpoint.position
        self._catch_up_under_the_lock(session, lookup)
        self._others_append = self._checkpoint.position > before
        self.decider.take(session, wanted.streams, lookup.streams)
        group = GroupCommit(
            session,
            self.decider,
            self._checkpoint,
            lookup,
            clock=self._clock,
            park_us=self._park_us,
        )
        self._releases.release(group, session)
        self._tidy(session, group)
        group.decide(events)
        return group

    def _wanted(self, events: Sequence[ReceivedEvent]) -> LookupRequest:
        """Return the lookup of others' new events and of the state that deciding needs."""
        return LookupRequest(
            after=self._last_known(),
            most=READ_AT_ONCE,
            keys=[event.key for event in events],
            subjects={event.subject for event in events},
            streams=self.decider.missing(events),
        )

    def _begin(self, log: Reader) -> None:
        self._checkpoint = log.head()
        self._releases.sweep()
        self.quarantine.clear()
        self.decider.start(log)

    def _tidy(self, session: AppendSession, group: GroupCommit) -> None:
        now = self._clock()
        if now >= self._next_expiry_us:
            group.expire()
            session.forget_refused(now - KEEP_REFUSED_DAYS * DAY_US)
            self._next_expiry_us = now + EXPIRY_EVERY_US

    def _last_known(self) -> int:
        """Return where to read on: the last folded event is read again to check the history."""
        return max(self._checkpoint.position - 1, 0)

    def _catch_up_under_the_lock(self, session: AppendSession, lookup: LookupResult) -> None:
        """Catch up to the head while the append lock keeps it from moving."""
        self._catch_up(session, lookup.after)

    def _catch_up(self, log: Reader, events: Sequence[RecordedEvent] | None = None) -> None:
        """Fold events appended by others, and keep them until parked events are released.

        `events` is the first batch, if it was read already.
        """
        while True:
            position = self._checkpoint.position
            found = log.read(self._last_known(), READ_AT_ONCE) if events is None else events
            known, new = (found[:1], found[1:]) if position else ([], found)
            if position and (not known or known[0].chain != self._checkpoint.chain):
                self.restored = Problem(LOG_RESTORED, {"position": position})
                self._check_log()
            if new and not self._folds(new):
                return self._begin(log)
            if len(found) < READ_AT_ONCE:
                return None
            events = None

    def _folds(self, events: Sequence[RecordedEvent]) -> bool:
        """Fold events; False if that failed, perhaps halfway: the decider must start again.

        A start finds the record that cannot be read, and quarantines its stream.
        """
        try:
            self.decider.fold(events)
        except Exception:
            _logger.exception("events from position %d cannot be folded", events[0].position)
            return False
        self._releases.remember(events)
        self._checkpoint = Head(events[-1].position, events[-1].chain, events[-1].recorded_us)
        return True

    def _run(self) -> None:
        while self._queue.wait():
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
