"""Counts of different organisations, made additive.

A delta adds one when the first entity of an organisation enters a group, and subtracts one when
the last has left it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from services.reporting.figures.growing_array import Growing

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOM = 1 << 32  # more organisations than there can be numbers for


class DistinctCount:
    """The change that each delta makes to the number of different organisations in its group."""

    def __init__(self, bit: int) -> None:
        self._bit = int(bit)
        self._steps = Growing(np.int8)
        self._standing: dict[int, int] = {}

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return self._steps.nbytes + 100 * len(self._standing)

    def append(
        self,
        groups: NDArray[np.int32],
        orgs: NDArray[Any],
        before: NDArray[Any],
        after: NDArray[Any],
    ) -> None:
        """Append further deltas."""
        steps = np.zeros(len(groups), np.int8)
        change = (after & self._bit != 0).astype(np.int64) - (before & self._bit != 0)
        chosen = np.flatnonzero((change != 0) & (orgs > 0) & (groups >= 0))
        if len(chosen):
            pairs = groups[chosen].astype(np.int64) * _ROOM + orgs[chosen]
            steps[chosen] = self._crossings(pairs, change[chosen])
        self._steps.append(steps)

    @property
    def steps(self) -> NDArray[np.int64]:
        """Return the change of the count by each delta."""
        return self._steps.values.astype(np.int64)

    def sums(
        self, groups: NDArray[np.int32], first: int, last: int, count: int
    ) -> NDArray[np.int64]:
        """Return by group the change of the count by deltas `first` to `last`."""
        counted = groups >= 0
        steps = self._steps.values[first:last][counted]
        return np.bincount(groups[counted], steps, minlength=count).astype(np.int64)

    def _crossings(self, pairs: NDArray[np.int64], change: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return per change +1 if an organisation enters its group, -1 if it leaves, else 0."""
        order = np.argsort(pairs, kind="stable")
        pairs, change = pairs[order], change[order]
        different, starts = np.unique(pairs, return_index=True)
        lengths = np.diff(np.append(starts, len(pairs)))
        running = np.cumsum(change)
        held = [self._standing.get(int(pair), 0) for pair in different]
        base = np.array(held, np.int64) - (running[starts] - change[starts])
        counts = running + np.repeat(base, lengths)
        for pair, end in zip(different, counts[starts + lengths - 1], strict=True):
            if end:
                self._standing[int(pair)] = int(end)
            else:
                self._standing.pop(int(pair), None)
        crossings = np.empty(len(pairs), np.int8)
        crossings[order] = (counts > 0).astype(np.int8) - (counts - change > 0)
        return crossings
