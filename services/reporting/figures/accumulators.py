"""The amounts of deltas, bits or exact values: their columns in queries, their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, case, cast, func

from services.reporting.figures.growing_array import Growing

Ints = NDArray[np.int64]
Amount = ColumnElement[Any]
LOW = 2**32 - 1
Stored = Sequence[int | None]
"""The amounts of deltas before or after an event, None where there is no contribution."""
_BILLION = 1_000_000_000


class Bits:
    """Amounts that are sets of bits: each bit is one figure."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.before = Growing(np.int32)
        self.after = Growing(np.int32)
        self._change = Growing(np.int32)
        self._codes: dict[int, int] = {}
        self._effects = np.zeros((0, width))

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return self.before.nbytes + self.after.nbytes + self._change.nbytes

    def query_columns(self, before: Amount, after: Amount) -> Sequence[ColumnElement[int]]:
        """Return one column for both to query: null means no bits, and both are small."""
        return (paired(func.coalesce(before, 0), func.coalesce(after, 0)),)

    def columns_of(self, before: Stored, after: Stored) -> Sequence[Ints]:
        """Return the values of this column for deltas."""
        return (_or_zero(before) << 32 | _or_zero(after),)

    def append(self, *columns: Ints) -> None:
        """Append the bits of further deltas."""
        (both,) = columns
        before, after = both >> 32, both & LOW
        self.before.append(before)
        self.after.append(after)
        # There are only few different changes, so a sum counts each of them and then multiplies.
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
    """Amounts that are exact values: their number, and their sum in two parts.

    The sum of values up to 2^53 in thousandths would overflow 64 bits.
    """

    width = 3

    def __init__(self) -> None:
        self._parts = tuple(Growing(np.int64) for _ in range(self.width))

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return sum(part.nbytes for part in self._parts)

    def query_columns(self, before: Amount, after: Amount) -> Sequence[ColumnElement[int]]:
        """Return both, and the change of the number of values: zero is a value too."""
        count_change = _is_value(after) - _is_value(before)
        return func.coalesce(before, 0), func.coalesce(after, 0), count_change

    def columns_of(self, before: Stored, after: Stored) -> Sequence[Ints]:
        """Return the values of these columns for deltas."""
        return _or_zero(before), _or_zero(after), _are_values(after) - _are_values(before)

    @property
    def changes(self) -> Ints:
        """Return the change of the number of values by each delta."""
        return self._parts[0].values

    def append(self, *columns: Ints) -> None:
        """Append the values of further deltas."""
        before, after, count_change = columns
        old, new = np.divmod(before, _BILLION), np.divmod(after, _BILLION)
        changes = (count_change, new[0] - old[0], new[1] - old[1])
        for part, column in zip(self._parts, changes, strict=True):
            part.append(column)

    def sums(self, groups: NDArray[Any], first: int, last: int, count: int) -> NDArray[np.int64]:
        """Return by group the number of values, and the two parts of their sum."""
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


Amounts = Bits | Values
"""The amounts of a year's deltas, summed by group; group -1 is left out of sums."""


def paired(high: ColumnElement[int], low: ColumnElement[int]) -> ColumnElement[int]:
    """Return two small numbers as one: transferring fewer columns is faster."""
    return cast(high, BigInteger) * 2**32 + low


def _is_value(amount: ColumnElement[int | None]) -> ColumnElement[int]:
    return case((amount.is_not(None), 1), else_=0)


def _or_zero(amounts: Stored) -> Ints:
    return np.array([amount or 0 for amount in amounts], np.int64)


def _are_values(amounts: Stored) -> Ints:
    return np.array([amount is not None for amount in amounts], np.int64)
