"""How long a process has waited for the append lock: the share of its time tells who is held up."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

_Session = TypeVar("_Session")


class LockWait:
    """Adds up the seconds of every wait, those in vain and the one under way included."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # One value, so that who reads it from another thread never sees half a change.
        self._state: tuple[float, float | None] = (0.0, None)

    @property
    def seconds(self) -> float:
        """Return how long was waited in all; it never decreases."""
        waited, since = self._state
        return waited if since is None else waited + self._clock() - since

    @contextmanager
    def until(self, session: AbstractContextManager[_Session]) -> Iterator[_Session]:
        """Enter a session that waits for the lock, and count how long that took."""
        with ExitStack() as stack:
            self._state = (self._state[0], self._clock())
            try:
                entered = stack.enter_context(session)
            finally:
                self._state = (self.seconds, None)
            yield entered
