"""A thread that calls one `step()`: at once when woken, else once a second."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.bus.consumer import Entry

EVERY_SECONDS = 1.0
INBOX_BYTES = 16 * 1024 * 1024
_logger = logging.getLogger(__name__)


class Worker:
    """Repeats a step while it has work, then waits; continues after errors.

    A `fatal` error ends the thread: `failure` keeps it for `/readyz`.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], int],
        *,
        every_seconds: float = EVERY_SECONDS,
        fatal: tuple[type[Exception], ...] = (),
    ) -> None:
        self.name = name
        self.failure: Exception | None = None
        self.trouble: str | None = None
        """The error of the last step; None if it succeeded."""
        self._step = step
        self._every = every_seconds
        self._fatal = fatal
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Signal that there is work; thread-safe, and never blocks."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the current step, then end the thread."""
        self._ended.set()
        self.wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._ended.is_set():
            self._woken.clear()
            try:
                moved = self._step()
            except self._fatal as error:
                self.failure = error
                _logger.critical("%s stops: %s", self.name, error)
                return
            except Exception as error:  # noqa: BLE001  the next step may succeed
                self._in_trouble(error)
                # Wakes do not shorten this: an error that returns at once would be a busy loop.
                self._ended.wait(self._every)
            else:
                self._out_of_trouble()
                if not moved:
                    self._woken.wait(self._every)

    def _in_trouble(self, error: Exception) -> None:
        """Log an error once: a server that is down would fill the disk with the same lines."""
        trouble = f"{type(error).__name__}: {error}"
        if trouble != self.trouble:
            _logger.warning("%s waits: %s", self.name, trouble, exc_info=error)
        self.trouble = trouble

    def _out_of_trouble(self) -> None:
        if self.trouble is not None:
            _logger.info("%s continues", self.name)
            self.trouble = None


class StreamBuffer:
    """Entries on their way from the event loop to a worker, at most 16 MiB of them.

    A full buffer is cleared: the events are read from the log, and memory stays bounded.
    """

    def __init__(self, limit_bytes: int = INBOX_BYTES) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._size = 0

    def put(self, entries: Iterable[Entry]) -> None:
        """Hand over entries, in order."""
        with self._lock:
            for entry in entries:
                self._entries.append(entry)
                self._size += len(entry.item)
            if self._size > self._limit:
                self._entries.clear()
                self._size = 0

    def take(self) -> list[Entry]:
        """Return the entries handed over since the last call, in order."""
        with self._lock:
            taken = list(self._entries)
            self._entries.clear()
            self._size = 0
            return taken
