"""The deltas of one year in memory, as columns of numbers in the order of the log.

They only ever grow: memory follows the table from the last position it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from sqlalchemy import case, func, select, tuple_

from shared.readmodel.numbers import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement, Connection, Select

    from services.reporting.tally.tables import TallyTables
    from services.reporting.tally.writing import Delta

Ints = "NDArray[np.int64]"
BLOCK = 4_096
"""How many deltas lie between two rows of prefix sums: a figure adds up at most so many."""

_AT_ONCE = 200_000
_LAST_ORDINAL = 2**31 - 1
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

    def append(
        self, before: NDArray[np.int64], after: NDArray[np.int64], stand: NDArray[np.int64]
    ) -> None:
        """Take in the amounts of further deltas, nothing as 0.

        `stand` says how many more amounts stand after each delta than before: 1, 0 or -1.
        """
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

    def append(
        self, before: NDArray[np.int64], after: NDArray[np.int64], _stand: NDArray[np.int64]
    ) -> None:
        """Take in the bits of further deltas; nothing is no bit."""
        self.before.append(before)
        self.after.append(after)
        # Few different changes ever occur, so a sum counts them first and weighs them then.
        pairs, place = np.unique((before << 20) | after, return_inverse=True)
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

    def append(
        self, before: NDArray[np.int64], after: NDArray[np.int64], stand: NDArray[np.int64]
    ) -> None:
        """Take in the values of further deltas; zero is a value where one stands."""
        old, new = np.divmod(before, _BILLION), np.divmod(after, _BILLION)
        changes = (stand, new[0] - old[0], new[1] - old[1])
        for part, column in zip(self._parts, changes, strict=True):
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
        after = (self.reached, _LAST_ORDINAL)
        while True:
            rows = numbers(connection, self._deltas(after, reached))
            self._append(rows.T)
            if len(rows) < _AT_ONCE:
                break
            after = (int(rows[-1, 0]), int(rows[-1, 1]))
        self.reached = reached

    def take(self, deltas: Iterable[Delta], reached: int) -> None:
        """Take in what was written up to a position, from whoever has written it."""
        rows = [
            (
                position,
                *numbers,
                before or 0,
                after or 0,
                (after is not None) - (before is not None),
            )
            for year, position, *numbers, before, after in deltas
            if year == self._plan_year
        ]
        if rows:
            self._append(np.array(rows, np.int64).T)
        self.reached = reached

    def _deltas(self, after: tuple[int, int], reached: int) -> Select[Any]:
        """Return the query of deltas after a place (position, ordinal), in order."""
        deltas = self._tables.deltas.c
        before, now = deltas.before, deltas.after
        return (
            select(
                deltas.position,
                deltas.ordinal,
                deltas.thing,
                deltas.unit,
                deltas.day,
                deltas.dims,
                deltas.org,
                func.coalesce(before, 0).label("before"),
                func.coalesce(now, 0).label("after"),
                (_stands(now) - _stands(before)).label("stand"),
            )
            .where(deltas.plan_year == self._plan_year)
            .where(tuple_(deltas.position, deltas.ordinal) > after)
            .where(deltas.position <= reached)
            .order_by(deltas.position, deltas.ordinal)
            .limit(_AT_ONCE)
        )

    def _append(self, columns: NDArray[np.int64]) -> None:
        position, _, thing, unit, day, dims, org, before, after, stand = columns
        self.position.append(position)
        self.thing.append(thing)
        self.unit.append(unit)
        self.day.append(day)
        self.dims.append(dims)
        self.org.append(org)
        self.amounts.append(before, after, stand)


def _stands(amount: ColumnElement[int | None]) -> ColumnElement[int]:
    return case((amount.is_not(None), 1), else_=0)
