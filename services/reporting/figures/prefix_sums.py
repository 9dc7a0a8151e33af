"""A grouping of a year's deltas with prefix sums: any figure at any position in constant time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from services.reporting.figures.accumulators import Bits
from services.reporting.figures.distinct import DistinctCount
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
        self, columns: YearColumns, grouper: Grouper, distinct: Sequence[Distinct]
    ) -> None:
        self._columns = columns
        self._grouper = grouper
        self._groups = Growing(np.int32)
        self._distinct = [DistinctCount(each.bit) for each in distinct]
        self._blocks: list[NDArray[np.int64]] = [np.zeros((0, self._width), np.int64)]
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
        for block in range(len(self._blocks), last // BLOCK + 1):
            self._blocks.append(self._before(block))
            self._block_bytes += self._blocks[-1].nbytes

    def sums(self, position: int) -> NDArray[np.int64]:
        """Return the sums (group, figure) of all deltas recorded up to a position."""
        last = self._columns.until(position)
        block = last // BLOCK
        return self._plus(self._blocks[block], block * BLOCK, last)

    def groups_until(self, position: int) -> NDArray[np.int32]:
        """Return the group of each delta recorded up to a position."""
        return self._groups.values[: self._columns.until(position)]

    def _before(self, block: int) -> NDArray[np.int64]:
        return self._plus(self._blocks[block - 1], (block - 1) * BLOCK, block * BLOCK)

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
