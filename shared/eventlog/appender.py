"""The appender: one thread that takes the lock, comes to the head, decides a group and commits.

Everything that moves is in `step()`, which a thread or a simulation calls; callers wait on futures.
"""

import logging
import threading
import time
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from shared.clock import MICROSECONDS, Clock, system_clock
from shared.errors import Problem, Unavailable, declare
from shared.eventlog.deciding import Decider
from shared.eventlog.group import DAY_US, Group, OnSettled, Settled
from shared.eventlog.lock_wait import LockWait
from shared.eventlog.outcomes import Outcome
from shared.eventlog.protocol import START, AppendSession, EventLog, Head, Reader, Wanted
from shared.eventlog.submissions import QUEUED_EVENTS, LoopAnswers, Submission, Submissions
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
        queue_limit: int = QUEUED_EVENTS,
        group_limit: int = 2_000,
    ) -> None:
        self.log = log
        self.decider = decider
        self._clock = clock
        self._park_us = int(park_days * DAY_US)
        self._group_limit = group_limit
        self._queue = Submissions(queue_limit)
        self._answers: WeakKeyDictionary[AbstractEventLoop, LoopAnswers] = WeakKeyDictionary()
        self._state = threading.RLock()
        self._folded = START
        self._fresh = False
        self._swept = False
        self._others_append = True
        self._foreign: list[RecordedEvent] = []
        self._next_expiry_us = 0
        self.restored: Problem | None = None
        self.lock_wait = LockWait()
        self._thread: threading.Thread | None = None
        self._on_group: list[Callable[[GroupReport], None]] = []
        self._on_settled: list[OnSettled] = []
        self._on_taken: list[Callable[[Sequence[ReceivedEvent]], None]] = []

    @property
    def waiting(self) -> int:
        """Return how many events wait to be decided."""
        return self._queue.waiting

    def on_taken(self, callback: Callable[[Sequence[ReceivedEvent]], None]) -> None:
        """Call back with the events of each request before the log is locked for them.

        What takes long and can be done beforehand belongs there. If it raises, that request fails
        and none of its events are decided.
        """
        self._on_taken.append(callback)

    def on_group(self, callback: Callable[[GroupReport], None]) -> None:
        """Call back after each committed group, from the appending thread."""
        self._on_group.append(callback)

    def on_settled(self, callback: OnSettled) -> None:
        """Call back with parked events that were released or refused."""
        self._on_settled.append(callback)

    def submit(self, events: Sequence[ReceivedEvent]) -> Future[list[Outcome]]:
        """Queue events to be decided together, in order; raises Unavailable when the queue is full.

        The future gives one outcome for each event once they are committed.
        """
        answer: Future[list[Outcome]] = Future()
        self._queue.put(Submission(events, answer))
        return answer

    async def append(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Do as `submit` does, from an event loop, and wait there.

        A caller that is cancelled cancels nothing of what the appender has in hand.
        """
        loop = get_running_loop()
        if loop not in self._answers:
            self._answers[loop] = LoopAnswers(loop)
        answer = self._answers[loop].expect()
        self._queue.put(Submission(events, answer))
        return await answer.future

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
        taken = self._queue.take(self._group_limit)
        answered = sum(len(submission.events) for submission in taken)
        try:
            ready = self._made_ready(taken)
            with self._state:
                if ready or self._due():
                    self._group_or_each(ready)
        finally:
            self._queue.answered(answered)
        return answered

    def _made_ready(self, taken: Sequence[Submission]) -> list[Submission]:
        """Return the requests that can be decided; the others are answered with their failure."""
        ready = []
        for submission in taken:
            try:
                for make_ready in self._on_taken:
                    make_ready(submission.events)
            except Exception as failure:  # noqa: BLE001  it is the answer of this request alone
                submission.fail(failure)
            else:
                ready.append(submission)
        return ready

    @contextmanager
    def reading(self) -> Iterator[Decider]:
        """Hold the decider's state for a read, brought to the head of the log."""
        with self._state:
            self._check_log()
            if not self._fresh:
                with self.lock_wait.until(self.log.append_session()) as session:
                    self._begin(session)
                self._fresh = True
            self._catch_up(self.log)
            yield self.decider

    def _check_log(self) -> None:
        """Stop for good once the log was seen with another past: no position is given twice."""
        if self.restored is not None:
            raise Unavailable(self.restored, 60)

    def _due(self) -> bool:
        if not self._fresh:
            return True
        self._catch_up(self.log)
        if self.log.count_parked() == 0:
            self._foreign.clear()
            self._swept = True
            return False
        return bool(self._foreign) or not self._swept or self._clock() >= self._next_expiry_us

    def _group_or_each(self, taken: Sequence[Submission]) -> None:
        """Append a group; if something in it breaks the rules' code, the others go on alone."""
        try:
            self._check_log()
            self._group(taken)
        except Exception as failure:
            if isinstance(failure, Unavailable) or len(taken) < 2:
                for submission in taken:
                    submission.fail(failure)
                raise
            _logger.exception("a group could not be decided; each request is tried alone")
            for submission in taken:
                with suppress(Exception):
                    self._group_or_each([submission])

    def _group(self, taken: Sequence[Submission]) -> None:
        started = time.perf_counter()
        if self._fresh and self._others_append:
            # What can be folded without the lock shortens the time under it.
            self._catch_up(self.log)
        with self.lock_wait.until(self.log.append_session()) as session:
            # Until the commit, what is folded may not stand.
            fresh, self._fresh = self._fresh, False
            group = self._decided(session, taken, fresh=fresh)
            group.write()
        self._fresh = self._swept = True
        self._folded = group.head
        self._foreign.clear()
        self._answer(taken, group, time.perf_counter() - started)

    def _answer(self, taken: Sequence[Submission], group: Group, seconds: float) -> None:
        outcomes = iter(group.settled.outcomes)
        for submission in taken:
            submission.succeed([next(outcomes) for _ in submission.events])
        for tell in self._on_group:
            tell(GroupReport(group.settled, group.head, seconds))
        if group.settled.released:
            for settle in self._on_settled:
                settle(group.settled.released)

    def _decided(
        self, session: AppendSession, taken: Sequence[Submission], *, fresh: bool
    ) -> Group:
        """Come to the head under the lock, and decide there."""
        if not fresh:
            self._begin(session)
        events = [event for submission in taken for event in submission.events]
        wanted = self._wanted(events)
        look = session.look(wanted)
        before = self._folded.position
        self._catch_up(session, look.after)
        self._others_append = self._folded.position > before
        self.decider.take(wanted.streams, look.streams)
        group = Group(
            session,
            self.decider,
            self._folded,
            look,
            clock=self._clock,
            park_us=self._park_us,
        )
        if self._swept:
            group.release_for(self._foreign)
        else:
            group.release_all(session.parked_until(FOR_EVER))
        self._tidy(session, group)
        group.decide(events)
        return group

    def _wanted(self, events: Sequence[ReceivedEvent]) -> Wanted:
        """Ask for what others have appended, and for what deciding will need."""
        return Wanted(
            after=self._last_known(),
            most=READ_AT_ONCE,
            keys=[event.key for event in events],
            subjects={event.subject for event in events},
            streams=self.decider.missing(events),
        )

    def _begin(self, log: Reader) -> None:
        self._folded = log.head()
        self._foreign.clear()
        self._swept = False  # what waited may have been provided for while nobody looked
        self.decider.start(log)

    def _tidy(self, session: AppendSession, group: Group) -> None:
        now = self._clock()
        if now >= self._next_expiry_us:
            group.expire()
            session.forget_refused(now - KEEP_REFUSED_DAYS * DAY_US)
            self._next_expiry_us = now + EXPIRY_EVERY_US

    def _last_known(self) -> int:
        """Return where to read on: the last event folded tells that the log is still the one."""
        return max(self._folded.position - 1, 0)

    def _catch_up(self, log: Reader, events: Sequence[RecordedEvent] | None = None) -> None:
        """Fold what others have appended; `_foreign` keeps it until what waits is released.

        `events` is the first run of it, where it was read already.
        """
        while True:
            position = self._folded.position
            found = log.read(self._last_known(), READ_AT_ONCE) if events is None else events
            known, new = (found[:1], found[1:]) if position else ([], found)
            if position and (not known or known[0].chain != self._folded.chain):
                self.restored = Problem(LOG_RESTORED, {"position": position})
                self._check_log()
            if new:
                self.decider.fold(new)
                self._remember(new)
                self._folded = Head(new[-1].position, new[-1].chain, new[-1].recorded_us)
            if len(found) < READ_AT_ONCE:
                return
            events = None

    def _remember(self, events: Sequence[RecordedEvent]) -> None:
        if len(self._foreign) > REMEMBERED:
            # So far behind, it is cheaper to decide anew whatever waits.
            self._foreign.clear()
            self._swept = False
        if self._swept:
            self._foreign.extend(events)

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
