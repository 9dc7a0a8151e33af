"""What the last runs have added to a table, in memory: who follows the table need not ask for it.

Reads that follow the tables would each ask them again after every run, which costs more than the
run itself. What is kept is bounded; who is farther behind asks the table.
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
    """The rows of one append-only table that this process has committed last, by position."""

    def __init__(self, position_of: Callable[[Row], int], *, most: int = MOST_ROWS) -> None:
        self._position_of = position_of
        self._most = most
        self._lock = threading.Lock()
        self._folded: Sequence[Row] = ()
        self._rows: deque[Row] = deque()
        self._after = self._until = -1

    def put(self, rows: Sequence[Row]) -> None:
        """Take what a run has written, in order; nobody is told of it before it is committed."""
        self._folded = rows

    def committed(self, after: int, until: int) -> None:
        """Take note that the run from behind one position up to another is committed."""
        folded, self._folded = self._folded, ()
        with self._lock:
            if after != self._until:
                self._rows.clear()
                self._after = after
            self._until = until
            self._keep(folded)

    def forget(self) -> None:
        """Drop everything: a run failed, or somebody else has folded what came next."""
        self._folded = ()
        with self._lock:
            self._rows.clear()
            self._after = self._until = -1

    def between(self, after: int, until: int) -> list[Row] | None:
        """Return the rows behind one position and up to another; None when only the table knows."""
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
