"""Total time a process has waited for the append lock, for the metrics."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

_Session = TypeVar("_Session")


class LockWait:
    """Sum of the seconds of all waits, including failed waits and the one in progress."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # One tuple: a reader on another thread never sees half a change.
        self._state: tuple[float, float | None] = (0.0, None)

    @property
    def seconds(self) -> float:
        """Return the total wait so far; it never decreases."""
        waited, since = self._state
        return waited if since is None else waited + self._clock() - since

    @contextmanager
    def until(self, session: AbstractContextManager[_Session]) -> Iterator[_Session]:
        """Enter a session that waits for the lock, and add the time this takes."""
        with ExitStack() as stack:
            self._state = (self._state[0], self._clock())
            try:
                entered = stack.enter_context(session)
            finally:
                self._state = (self.seconds, None)
            yield entered
