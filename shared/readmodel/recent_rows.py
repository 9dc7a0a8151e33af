"""A cache of the rows that the last runs have added to a table.

Readers that follow a table would each query it after every run, which costs more than the run
itself. The cache is bounded; readers farther behind query the table.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Row = TypeVar("Row")
MOST_ROWS = 20_000


class RecentRows(Generic[Row]):
    """The latest rows of one append-only table committed by this process, by position."""

    def __init__(self, position_of: Callable[[Row], int], *, most: int = MOST_ROWS) -> None:
        self._position_of = position_of
        self._most = most
        self._lock = threading.Lock()
        self._staged: Sequence[Row] = ()
        self._rows: deque[Row] = deque()
        self._after = self._until = -1

    def put(self, rows: Sequence[Row]) -> None:
        """Stage the rows of a run, in order; they become visible with `committed`."""
        self._staged = rows

    def committed(self, after: int, until: int) -> None:
        """Publish the staged rows of the run after one position up to another."""
        staged, self._staged = self._staged, ()
        with self._lock:
            if after != self._until:
                self._rows.clear()
                self._after = after
            self._until = until
            self._keep(staged)

    def forget(self) -> None:
        """Clear the cache: a run failed, or another runner folded the next one."""
        self._staged = ()
        with self._lock:
            self._rows.clear()
            self._after = self._until = -1

    def between(self, after: int, until: int) -> list[Row] | None:
        """Return the rows after one position up to another; None if they are not all cached."""
        with self._lock:
            if not self._after <= after <= until <= self._until:
                return None
            found: list[Row] = []
            for row in reversed(self._rows):
                position = self._position_of(row)
                if position <= after:
                    break
                if position <= until:
                    found.append(row)
        found.reverse()
        return found

    def _keep(self, rows: Iterable[Row]) -> None:
        self._rows.extend(rows)
        while len(self._rows) > self._most:
            self._after = self._position_of(self._rows.popleft())
