"""What waits to be decided: a bounded queue, and answers that reach an event loop together."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.appending.outcomes import Outcome
from shared.errors import Problem, Unavailable, declare
from shared.events.envelope import ReceivedEvent

if TYPE_CHECKING:
    from concurrent.futures import Future

TOO_BUSY = declare(
    "too_busy",
    429,
    vi="Đang có {waiting} sự kiện chờ ghi. Hãy gửi lại sau.",
    en="{waiting} events are waiting to be appended. Send again later.",
)
QUEUED_EVENTS = 20_000
QUEUED_BYTES = 64 * 1024 * 1024
"""How much the records may hold that wait; decoded they take a few times as much."""
IDLE_SECONDS = 1.0


class AppendRequest:
    """Events that are decided together, in order; `size` is the bytes of their records."""

    __slots__ = ("answer", "events", "size")

    def __init__(
        self, events: Sequence[ReceivedEvent], answer: "Future[list[Outcome]] | LoopCompletion"
    ) -> None:
        self.events = events
        self.answer = answer
        self.size = sum([len(event.body) for event in events])

    def succeed(self, outcomes: list[Outcome]) -> None:
        """Answer whoever asked; if he has gone the events stand all the same."""
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_result(outcomes)

    def fail(self, failure: BaseException) -> None:
        """Tell whoever asked that nothing was decided."""
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_exception(failure)


class AppendQueue:
    """Requests in the order of their coming, up to so many events and bytes of records."""

    def __init__(self, limit: int = QUEUED_EVENTS, bytes_limit: int = QUEUED_BYTES) -> None:
        self._limit = limit
        self._bytes_limit = bytes_limit
        self._bytes = 0
        self._queue: deque[AppendRequest] = deque()
        self._changed = threading.Condition()
        self._poked = False
        self._ended = False
        self.waiting = 0
        """How many events wait, those under way included."""

    def put(self, submission: AppendRequest) -> None:
        """Queue a request; raises Unavailable when the queue is full."""
        events, size = len(submission.events), submission.size
        with self._changed:
            if self._has_no_room(events, size):
                raise Unavailable(Problem(TOO_BUSY, {"waiting": self.waiting}), 1)
            self._queue.append(submission)
            self.waiting += events
            self._bytes += size
            self._changed.notify()

    def _has_no_room(self, events: int, size: int) -> bool:
        # A single large batch may always come in alone: it could never be smaller.
        full = self.waiting + events > self._limit or self._bytes + size > self._bytes_limit
        return full and self.waiting > 0

    def take(self, most: int) -> list[AppendRequest]:
        """Return the oldest requests, of `most` events or one more request than that."""
        taken: list[AppendRequest] = []
        size = 0
        with self._changed:
            while self._queue and size < most:
                taken.append(self._queue.popleft())
                size += len(taken[-1].events)
            self._poked = False
        return taken

    def answered(self, taken: Sequence[AppendRequest]) -> int:
        """Make room: these are answered; return how many events they were."""
        events = sum(len(submission.events) for submission in taken)
        size = sum(submission.size for submission in taken)
        with self._changed:
            self.waiting -= events
            self._bytes -= size
        return events

    def wake_up(self) -> None:
        """Make `wait` return although nothing was put."""
        with self._changed:
            self._poked = True
            self._changed.notify()

    def begin(self) -> None:
        """Let `wait` wait, after an end."""
        self._ended = False

    def end(self) -> None:
        """Make `wait` say that it is over, once nothing is queued."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def wait(self) -> bool:
        """Wait for a request, a wake-up or a second; False when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ended or self._poked, IDLE_SECONDS)
            return bool(self._queue) or not self._ended


_Brought = tuple[asyncio.Future[list[Outcome]], list[Outcome] | BaseException]


class EventLoopBridge:
    """Brings answers from the appending thread into one event loop.

    One call wakes the loop for all that a group answers: waking it for each costs more than
    deciding does.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready: deque[_Brought] = deque()
        self._called = False

    def expect(self) -> "LoopCompletion":
        """Return an answer that is awaited in the loop."""
        return LoopCompletion(self, self._loop.create_future())

    def bring(
        self, future: asyncio.Future[list[Outcome]], answer: list[Outcome] | BaseException
    ) -> None:
        """Hand an answer over; called from the appending thread."""
        self._ready.append((future, answer))
        if not self._called and not self._loop.is_closed():
            self._called = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._called = False  # first: what is brought from here on calls again
        while self._ready:
            future, answer = self._ready.popleft()
            if future.done():
                continue  # whoever asked has gone
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)


class LoopCompletion:
    """An answer that is awaited in an event loop, as `future`."""

    def __init__(self, answers: EventLoopBridge, future: asyncio.Future[list[Outcome]]) -> None:
        self._answers = answers
        self.future = future

    def set_running_or_notify_cancel(self) -> bool:
        """Say that somebody waits; whether he does is known in the loop only."""
        return True

    def set_result(self, outcomes: list[Outcome], /) -> None:
        """Answer from the appending thread."""
        self._answers.bring(self.future, outcomes)

    def set_exception(self, failure: BaseException, /) -> None:
        """Fail from the appending thread."""
        self._answers.bring(self.future, failure)
