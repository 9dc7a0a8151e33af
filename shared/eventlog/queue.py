"""What waits to be decided: a queue with a limit, at which publishers are told to come again."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from shared.errors import Problem, Unavailable, declare
from shared.eventlog.outcomes import Outcome
from shared.events.envelope import ReceivedEvent

TOO_BUSY = declare(
    "too_busy",
    429,
    vi="Đang có {waiting} sự kiện chờ ghi. Hãy gửi lại sau.",
    en="{waiting} events are waiting to be appended. Send again later.",
)
QUEUE_EVENTS = 20_000
QUEUE_BYTES = 64 * 1024 * 1024
"""How much the records may hold that wait; decoded they take a few times as much."""
GROUP_EVENTS = 2_000


@dataclass(frozen=True, slots=True)
class Submission:
    """Events to be decided in order, and the future of their outcomes."""

    events: Sequence[ReceivedEvent]
    future: Future[list[Outcome]]

    @property
    def size(self) -> int:
        """Return the bytes of its records."""
        return sum(len(event.body) for event in self.events)

    def answer(self, outcomes: list[Outcome]) -> None:
        """Give the outcomes; whoever asked may have gone, the events stand all the same."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(outcomes)

    def fail(self, failure: Exception) -> None:
        """Say that nothing could be decided."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(failure)


class SubmissionQueue:
    """First in, first out; what is taken counts until it is answered."""

    def __init__(self, events_limit: int, bytes_limit: int, group_limit: int) -> None:
        self._events_limit = events_limit
        self._bytes_limit = bytes_limit
        self._group_limit = group_limit
        self._queue: deque[Submission] = deque()
        self._queued = threading.Condition()
        self._events = 0
        self._bytes = 0
        self._poked = False
        self._ending = False

    @property
    def waiting(self) -> int:
        """Return how many events wait to be decided."""
        return self._events

    def put(self, events: Sequence[ReceivedEvent]) -> Future[list[Outcome]]:
        """Queue events; raises Unavailable (`too_busy`) when there is no room for them."""
        submission = Submission(events, Future())
        size = submission.size
        with self._queued:
            # A single large batch may always come in alone: it could never be smaller.
            full = (
                self._events + len(events) > self._events_limit
                or self._bytes + size > self._bytes_limit
            )
            if self._events and full:
                raise Unavailable(Problem(TOO_BUSY, {"waiting": self._events}), 1)
            self._queue.append(submission)
            self._events += len(events)
            self._bytes += size
            self._queued.notify()
        return submission.future

    def take(self) -> list[Submission]:
        """Return the oldest, as many as make one group."""
        taken: list[Submission] = []
        size = 0
        with self._queued:
            while self._queue and size < self._group_limit:
                taken.append(self._queue.popleft())
                size += len(taken[-1].events)
            self._poked = False
        return taken

    def done(self, taken: Sequence[Submission]) -> int:
        """Make room: these are answered; return how many events they were."""
        events = sum(len(submission.events) for submission in taken)
        size = sum(submission.size for submission in taken)
        with self._queued:
            self._events -= events
            self._bytes -= size
        return events

    def poke(self) -> None:
        """Wake whoever waits, though nothing is queued."""
        with self._queued:
            self._poked = True
            self._queued.notify()

    def begin(self) -> None:
        """Take things up again after an end."""
        self._ending = False

    def end(self) -> None:
        """Say that nothing more will come."""
        with self._queued:
            self._ending = True
            self._queued.notify()

    def wait(self, seconds: float) -> bool:
        """Wait for something to do, at most so long; False when the end has come."""
        with self._queued:
            self._queued.wait_for(lambda: self._queue or self._ending or self._poked, seconds)
            return bool(self._queue) or not self._ending
