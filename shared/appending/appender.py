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
from shared.appending.head_state import READ_AT_ONCE, HeadState
from shared.appending.hooks import AppendHooks
from shared.appending.lock_wait import LockWait
from shared.appending.outcomes import Outcome, Refused
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
    AppendSession,
    EventLog,
    LookupRequest,
    LookupResult,
)
from shared.events.envelope import ReceivedEvent

GROUP_EVENTS = 2_000
EXPIRY_EVERY_US = 60 * MICROSECONDS
KEEP_REFUSED_DAYS = 90
_logger = logging.getLogger(__name__)


class _Discarded(Exception):  # noqa: N818  a signal: the session is rolled back
    """A dry run has its answers."""


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
        self._queue = AppendQueue(queue_limit, queue_bytes, lambda: decider.authority.began)
        self._answers: WeakKeyDictionary[AbstractEventLoop, EventLoopBridge] = WeakKeyDictionary()
        self._state = threading.RLock()
        self._others_append = True
        self._any_waits = True
        self._failed = False
        """The last group was not committed, or its commit was not confirmed."""
        self._releases = Releases()
        self._next_expiry_us = 0
        self.lock_wait = LockWait()
        self._thread: threading.Thread | None = None
        self.quarantine = QuarantineList(decider, clock)
        self._folded = HeadState(decider, self._releases, self.quarantine)

    @property
    def waiting(self) -> int:
        """Return the number of events waiting to be decided."""
        return self._queue.waiting

    @property
    def restored(self) -> Problem | None:
        """Return the problem of a log that was seen with another past, else None."""
        return self._folded.restored

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

    def dry_run(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Return the outcomes that appending events would have now; keep nothing of it."""
        undecidable = self.hooks.prepare([AppendRequest(events, Future())])
        ready = [event for event in events if id(event) not in undecidable]
        with self._state:
            self._folded.check_log()
            outcomes = iter(self._decided_in_vain(ready))
        return [undecidable.get(id(event)) or next(outcomes) for event in events]

    def _decided_in_vain(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        with suppress(_Discarded), self.lock_wait.until(self.log.append_session()) as session:
            group = self._at_the_head(session, events, state_valid=self._folded.invalidate())
            outcomes = group.decide(events)
            recorded = group.recorded()
            raise _Discarded
        self._folded.valid = self.decider.take_back(recorded)
        return outcomes

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
            self._folded.check_log()
            self._folded.come_to_head(self.log)
            yield self.decider

    def catch_up(self) -> None:
        """Fold the log to its head."""
        with self.reading():
            pass

    def check(self) -> None:
        """Raise an error if events cannot be decided and appended, as far as is known.

        After a group that failed, the append lock is taken once to find out.
        """
        with self._state:
            if self._failed:
                with self.log.append_session():
                    pass
                self._failed = False
            self.catch_up()

    def retry_quarantined(self) -> None:
        """Load quarantined streams again, and decide all parked events again."""
        with self._state:
            self._folded.valid = False
            self.catch_up()
        self._queue.wake_up()

    def _due(self) -> bool:
        if not self._folded.valid:
            return True
        self._folded.catch_up(self.log)
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
            self._folded.check_log()
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
        if self._others_append or not self._folded.valid:
            # What is folded before the lock is taken is not folded under it: there a slow machine
            # would hold up all, until the server ends its session and it begins again.
            self._folded.come_to_head(self.log)
        self._failed = True
        with self.lock_wait.until(self.log.append_session()) as session:
            group = self._decided(session, events, state_valid=self._folded.invalidate())
            group.write()
            self._any_waits = group.any_waits  # before others can append what releases it
        self._failed = False
        self._folded.valid = True
        self._folded.checkpoint = group.head
        self._releases.forget()
        self.quarantine.take(group.settled)
        self.hooks.committed(CommitReport(group.settled, group.head, time.perf_counter() - started))
        return group.settled.outcomes

    def _decided(
        self, session: AppendSession, events: Sequence[ReceivedEvent], *, state_valid: bool
    ) -> GroupCommit:
        """Decide at the head, after what waited and may be released."""
        group = self._at_the_head(session, events, state_valid=state_valid)
        self._releases.release(group, session)
        self._tidy(session, group)
        group.decide(events)
        return group

    def _at_the_head(
        self, session: AppendSession, events: Sequence[ReceivedEvent], *, state_valid: bool
    ) -> GroupCommit:
        """Come to the head under the lock, with all that deciding the events will need."""
        if not state_valid:
            self._folded.start(session)
        wanted = self._wanted(events)
        lookup = session.look(wanted)
        before = self._folded.checkpoint.position
        self._catch_up_under_the_lock(session, lookup)
        self._others_append = self._folded.checkpoint.position > before
        self.decider.take(session, wanted.streams, lookup.streams)
        return GroupCommit(
            session,
            self.decider,
            self._folded.checkpoint,
            lookup,
            clock=self._clock,
            park_us=self._park_us,
        )

    def _wanted(self, events: Sequence[ReceivedEvent]) -> LookupRequest:
        """Return the lookup of others' new events and of the state that deciding needs."""
        return LookupRequest(
            after=self._folded.last_known(),
            most=READ_AT_ONCE,
            keys=[event.key for event in events],
            subjects={event.subject for event in events},
            streams=self.decider.missing(events),
        )

    def _tidy(self, session: AppendSession, group: GroupCommit) -> None:
        now = self._clock()
        if now >= self._next_expiry_us:
            group.expire()
            session.forget_refused(now - KEEP_REFUSED_DAYS * DAY_US)
            self._next_expiry_us = now + EXPIRY_EVERY_US

    def _catch_up_under_the_lock(self, session: AppendSession, lookup: LookupResult) -> None:
        """Catch up to the head while the append lock keeps it from moving."""
        self._folded.catch_up(session, lookup.after)

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
