"""The deltas of one year in memory, as columns of numbers in the order of the log.

They only ever grow: memory follows the table from the last position it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from sqlalchemy import select

from shared.readmodel.store import raw_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from services.reporting.tally.tables import TallyTables

Ints = "NDArray[np.int64]"
BLOCK = 4_096
"""How many deltas lie between two rows of prefix sums: a figure adds up at most so many."""

_CHUNK = 50_000
_BILLION = 1_000_000_000


class Growing:
    """An array that is appended to; its room doubles."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._room = np.zeros(1_024, dtype)
        self.size = 0

    def append(self, values: NDArray[Any]) -> None:
        """Append values."""
        needed = self.size + len(values)
        if needed > len(self._room):
            larger = np.zeros(max(needed, 2 * len(self._room)), self._room.dtype)
            larger[: self.size] = self._room[: self.size]
            self._room = larger
        self._room[self.size : needed] = values
        self.size = needed

    @property
    def values(self) -> NDArray[Any]:
        """Return what was appended so far."""
        return self._room[: self.size]

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return int(self._room.nbytes)


class Amounts(Protocol):
    """What the deltas of a year change, summed by group."""

    width: int

    def append(self, before: Sequence[int | None], after: Sequence[int | None]) -> None:
        """Take in the amounts of further deltas."""
        ...

    def sums(self, groups: NDArray[Any], first: int, last: int, count: int) -> NDArray[np.int64]:
        """Return the sums (group, figure) of deltas `first` to `last`; group -1 is left out."""
        ...


class Bits:
    """Amounts that are sets of bits: each bit is one figure."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.before = Growing(np.int32)
        self.after = Growing(np.int32)
        self._change = Growing(np.int32)
        self._codes: dict[int, int] = {}
        self._effects = np.zeros((0, width))

    def append(self, before: Sequence[int | None], after: Sequence[int | None]) -> None:
        """Take in the bits of further deltas; null is no bit."""
        old = np.array([each or 0 for each in before], np.int32)
        new = np.array([each or 0 for each in after], np.int32)
        self.before.append(old)
        self.after.append(new)
        # Few different changes ever occur, so a sum counts them first and weighs them then.
        pairs, place = np.unique((old.astype(np.int64) << 20) | new, return_inverse=True)
        self._change.append(np.array([self._code(int(pair)) for pair in pairs], np.int32)[place])

    def _code(self, pair: int) -> int:
        code = self._codes.get(pair)
        if code is None:
            code = self._codes[pair] = len(self._codes)
            old, new = pair >> 20, pair & 0xFFFFF
            effect = [(new >> bit & 1) - (old >> bit & 1) for bit in range(self.width)]
            self._effects = np.vstack([self._effects, np.array([effect], np.float64)])
        return code

    def sums(self, groups: NDArray[Any], first: int, last: int, count: int) -> NDArray[np.int64]:
        """Return the sums by group and bit."""
        changes = self._change.values[first:last]
        kinds = len(self._codes)
        counted = groups >= 0
        flat = groups[counted].astype(np.int64) * kinds + changes[counted]
        table = np.bincount(flat, minlength=count * kinds).reshape(count, kinds)
        # Small whole numbers: exact in floating point, and fast.
        return (table @ self._effects).astype(np.int64)


class Values:
    """Amounts that are exact values: how many stand, and their sum in two parts that cannot wrap.

    The sum of values up to 2^53 in thousandths would overflow 64 bits.
    """

    width = 3

    def __init__(self) -> None:
        self._parts = tuple(Growing(np.int64) for _ in range(self.width))

    def append(self, before: Sequence[int | None], after: Sequence[int | None]) -> None:
        """Take in the values of further deltas; null is nothing, zero is a value."""
        rows = np.array([_parts(a, b) for b, a in zip(before, after, strict=True)], np.int64)
        for part, column in zip(self._parts, rows.reshape(-1, self.width).T, strict=True):
            part.append(column)

    def sums(self, groups: NDArray[Any], first: int, last: int, count: int) -> NDArray[np.int64]:
        """Return by group: how many stand, and the two parts of their sum."""
        counted = groups >= 0
        chosen = groups[counted]
        columns = [
            np.bincount(chosen, part.values[first:last][counted], minlength=count)
            for part in self._parts
        ]
        return np.stack(columns, axis=1).astype(np.int64)

    @staticmethod
    def total(row: Sequence[int]) -> int:
        """Return the exact sum of a row of sums, in thousandths."""
        return int(row[1]) * _BILLION + int(row[2])


def _parts(after: int | None, before: int | None) -> tuple[int, int, int]:
    new, old = divmod(after or 0, _BILLION), divmod(before or 0, _BILLION)
    count = (after is not None) - (before is not None)
    return count, new[0] - old[0], new[1] - old[1]


class YearColumns:
    """The deltas of one year of one tally."""

    def __init__(self, tables: TallyTables, plan_year: int, amounts: Amounts) -> None:
        self._tables = tables
        self._plan_year = plan_year
        self.amounts = amounts
        self.reached = 0
        self.position = Growing(np.int64)
        self.thing = Growing(np.int32)
        self.unit = Growing(np.int32)
        self.day = Growing(np.int32)
        self.dims = Growing(np.int32)
        self.org = Growing(np.int32)

    @property
    def size(self) -> int:
        """Return the number of deltas."""
        return self.position.size

    def until(self, position: int) -> int:
        """Return how many deltas were recorded up to a position."""
        return int(np.searchsorted(self.position.values, position, side="right"))

    def follow(self, connection: Connection, reached: int) -> None:
        """Read what was written up to a position that the read model has reached."""
        if reached <= self.reached:
            return
        deltas = self._tables.deltas.c
        query = (
            select(
                deltas.position,
                deltas.thing,
                deltas.unit,
                deltas.day,
                deltas.dims,
                deltas.org,
                deltas.before,
                deltas.after,
            )
            .where(deltas.plan_year == self._plan_year)
            .where(deltas.position > self.reached, deltas.position <= reached)
            .order_by(deltas.position, deltas.ordinal)
        )
        for rows in raw_rows(connection, query, _CHUNK):
            self._append(rows)
        self.reached = reached

    def _append(self, rows: Sequence[Any]) -> None:
        *numbers, before, after = zip(*rows, strict=True)
        columns = (self.position, self.thing, self.unit, self.day, self.dims, self.org)
        for column, values in zip(columns, numbers, strict=True):
            column.append(np.array(values, column.values.dtype))
        self.amounts.append(before, after)
