"""A bounded queue of requests, and the delivery of their outcomes to event loops."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shared.appending.outcomes import Outcome
from shared.appending.shares import PublisherShares
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
"""Limit of the queued records in bytes; decoded they take a few times as much."""
IDLE_SECONDS = 1.0


class AppendRequest:
    """Events that are decided together, in order; `size` is the bytes of their records.

    `shares` are events and bytes by source, if they are counted.
    """

    __slots__ = ("answer", "events", "shares", "size")

    def __init__(
        self, events: Sequence[ReceivedEvent], answer: "Future[list[Outcome]] | LoopCompletion"
    ) -> None:
        self.events = events
        self.answer = answer
        self.size = sum([len(event.body) for event in events])
        self.shares: dict[str, list[int]] | None = None

    def by_source(self) -> dict[str, list[int]]:
        """Return the number of the events and the bytes of their records, by source."""
        shares: dict[str, list[int]] = {}
        for event in self.events:
            share = shares.setdefault(event.key.source, [0, 0])
            share[0] += 1
            share[1] += len(event.body)
        return shares

    def succeed(self, outcomes: list[Outcome]) -> None:
        """Deliver the outcomes; the events are recorded even if the caller has gone."""
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_result(outcomes)

    def fail(self, failure: BaseException) -> None:
        """Report to the caller that nothing was decided."""
        if self.answer.set_running_or_notify_cancel():
            self.answer.set_exception(failure)


class AppendQueue:
    """Requests in order of arrival, limited by number of events and bytes of records.

    While `is_shared`, each publisher has at most its share of both.
    """

    def __init__(
        self,
        limit: int = QUEUED_EVENTS,
        bytes_limit: int = QUEUED_BYTES,
        is_shared: Callable[[], bool] = lambda: False,
    ) -> None:
        self._limit = limit
        self._bytes_limit = bytes_limit
        self._is_shared = is_shared
        self._shares = PublisherShares(limit, bytes_limit)
        self._bytes = 0
        self._queue: deque[AppendRequest] = deque()
        self._changed = threading.Condition()
        self._woken = False
        self._ended = False
        self.waiting = 0
        """Number of events waiting, including those being decided."""

    def put(self, submission: AppendRequest) -> None:
        """Queue a request; raises Unavailable when the queue, or a publisher's share, is full."""
        events, size = len(submission.events), submission.size
        shares = submission.by_source() if self._is_shared() else None
        with self._changed:
            if self._has_no_room(events, size):
                raise Unavailable(Problem(TOO_BUSY, {"waiting": self.waiting}), 1)
            if shares is not None:
                if (problem := self._shares.exceeded_by(shares)) is not None:
                    raise Unavailable(problem, 1)
                self._shares.take(shares)
                submission.shares = shares
            self._queue.append(submission)
            self.waiting += events
            self._bytes += size
            self._changed.notify()

    def _has_no_room(self, events: int, size: int) -> bool:
        # A single large batch is always admitted to an empty queue: it cannot be split.
        full = self.waiting + events > self._limit or self._bytes + size > self._bytes_limit
        return full and self.waiting > 0

    def take(self, most: int) -> list[AppendRequest]:
        """Return the oldest requests until they hold at least `most` events."""
        taken: list[AppendRequest] = []
        size = 0
        with self._changed:
            while self._queue and size < most:
                taken.append(self._queue.popleft())
                size += len(taken[-1].events)
            self._woken = False
        return taken

    def answered(self, taken: Sequence[AppendRequest]) -> int:
        """Free the room of answered requests; return how many events they had."""
        events = sum(len(submission.events) for submission in taken)
        size = sum(submission.size for submission in taken)
        with self._changed:
            self.waiting -= events
            self._bytes -= size
            for submission in taken:
                if submission.shares is not None:
                    self._shares.free(submission.shares)
        return events

    def wake_up(self) -> None:
        """Make `wait` return even though nothing was queued."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def begin(self) -> None:
        """Open the queue, also after `end`."""
        self._ended = False

    def end(self) -> None:
        """Make `wait` return False once the queue is empty."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def wait(self) -> bool:
        """Wait for a request, a wake-up or one second; return False after `end`."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ended or self._woken, IDLE_SECONDS)
            return bool(self._queue) or not self._ended


_Brought = tuple[asyncio.Future[list[Outcome]], list[Outcome] | BaseException]


class EventLoopBridge:
    """Delivers outcomes from the appending thread to one event loop.

    One call wakes the loop for all outcomes of a group: a call for each costs more than deciding.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ready: deque[_Brought] = deque()
        self._called = False

    def expect(self) -> "LoopCompletion":
        """Return a completion whose future is awaited in the loop."""
        return LoopCompletion(self, self._loop.create_future())

    def bring(
        self, future: asyncio.Future[list[Outcome]], answer: list[Outcome] | BaseException
    ) -> None:
        """Hand over an answer from the appending thread."""
        self._ready.append((future, answer))
        if not self._called and not self._loop.is_closed():
            self._called = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._called = False  # first: answers that arrive from here on call again
        while self._ready:
            future, answer = self._ready.popleft()
            if future.done():
                continue  # the caller has gone
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)


class LoopCompletion:
    """A completion that is awaited in an event loop, as `future`."""

    def __init__(self, answers: EventLoopBridge, future: asyncio.Future[list[Outcome]]) -> None:
        self._answers = answers
        self.future = future

    def set_running_or_notify_cancel(self) -> bool:
        """Return True; only the loop knows whether the caller still waits."""
        return True

    def set_result(self, outcomes: list[Outcome], /) -> None:
        """Deliver the outcomes from the appending thread."""
        self._answers.bring(self.future, outcomes)

    def set_exception(self, failure: BaseException, /) -> None:
        """Report a failure from the appending thread."""
        self._answers.bring(self.future, failure)
