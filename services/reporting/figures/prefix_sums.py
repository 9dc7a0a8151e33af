"""A grouping of a year's deltas with prefix sums: any figure at any position in constant time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from services.reporting.figures.accumulators import Bits
from services.reporting.figures.growing_array import Growing
from services.reporting.figures.year_columns import BLOCK, YearColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from services.reporting.figures.measures import Distinct

Label = tuple[Any, ...]
OUTSIDE = -1


class Grouper(Protocol):
    """Assigns each delta to a group, by its place and its dimensions."""

    labels: list[Label]
    """The label of each group; the list only grows."""

    def groups(self, columns: YearColumns, first: int, last: int) -> NDArray[np.int32]:
        """Return the group of each delta from `first` to `last`, `OUTSIDE` for none."""
        ...


class Grouping:
    """Group numbers for each delta, and the sums before every block of them."""

    def __init__(
        self,
        columns: YearColumns,
        grouper: Grouper,
        distinct: Sequence[Distinct],
        *,
        sparse: bool = False,
    ) -> None:
        """Group the deltas; a sparse grouping, of thousands of groups, keeps only its last block.

        An earlier position is then summed from the first delta on.
        """
        self._sparse = sparse
        self._columns = columns
        self._grouper = grouper
        self._groups = Growing(np.int32)
        self._distinct = [DistinctCount(each.bit) for each in distinct]
        self._blocks: dict[int, NDArray[np.int64]] = {0: np.zeros((0, self._width), np.int64)}
        self._block_bytes = 0

    @property
    def labels(self) -> Sequence[Label]:
        """Return the label of each row of the sums."""
        return self._grouper.labels

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return self._groups.nbytes + self._block_bytes + sum(e.nbytes for e in self._distinct)

    @property
    def _width(self) -> int:
        return self._columns.amounts.width + len(self._distinct)

    def follow(self) -> None:
        """Append the deltas added since."""
        columns = self._columns
        first, last = self._groups.size, columns.size
        if first == last:
            return
        groups = self._grouper.groups(columns, first, last)
        self._groups.append(groups)
        amounts = columns.amounts
        if self._distinct and isinstance(amounts, Bits):
            before = amounts.before.values[first:last]
            after = amounts.after.values[first:last]
            for each in self._distinct:
                each.append(groups, columns.org.values[first:last], before, after)
        latest = max(self._blocks)
        if self._sparse and last // BLOCK > latest:
            self._keep(last // BLOCK, latest)
            self._blocks = {block: self._blocks[block] for block in (0, last // BLOCK)}
            self._block_bytes = self._blocks[last // BLOCK].nbytes
        elif not self._sparse:
            for block in range(latest + 1, last // BLOCK + 1):
                self._keep(block, block - 1)

    def sums(self, position: int) -> NDArray[np.int64]:
        """Return the sums (group, figure) of all deltas recorded up to a position."""
        last = self._columns.until(position)
        block = last // BLOCK
        if block not in self._blocks:
            block = 0
        return self._plus(self._blocks[block], block * BLOCK, last)

    def groups_until(self, position: int) -> NDArray[np.int32]:
        """Return the group of each delta recorded up to a position."""
        return self._groups.values[: self._columns.until(position)]

    def _keep(self, block: int, earlier: int) -> None:
        """Keep the sums before a block, from those before an earlier one."""
        sums = self._plus(self._blocks[earlier], earlier * BLOCK, block * BLOCK)
        self._blocks[block] = sums
        self._block_bytes += sums.nbytes

    def _plus(self, start: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
        count = len(self.labels)
        sums = np.zeros((count, self._width), np.int64)
        sums[: len(start)] += start
        if first < last and count:
            groups = self._groups.values[first:last]
            width = self._columns.amounts.width
            sums[:, :width] += self._columns.amounts.sums(groups, first, last, count)
            for place, each in enumerate(self._distinct, start=width):
                sums[:, place] += each.sums(groups, first, last, count)
        return sums


_ROOM = 1 << 32  # more organisations than there can be numbers for


class DistinctCount:
    """The change that each delta makes to the number of different organisations in its group.

    A delta adds one when the first entity of an organisation enters a group, and subtracts one when
    the last has left it.
    """

    def __init__(self, bit: int) -> None:
        self._bit = bit
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
