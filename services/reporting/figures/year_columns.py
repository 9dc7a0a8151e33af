"""The cached deltas of one year, as columns of numbers in log order.

They only ever grow: the cache follows the table from the last position it has.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select, tuple_

from services.reporting.figures.accumulators import LOW, paired
from services.reporting.figures.growing_array import Growing
from shared.database.postgres.int_columns import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Select

    from services.reporting.figures.accumulators import Amounts, Ints
    from services.reporting.figures.delta_tables import TallyTables
    from services.reporting.figures.delta_writer import Delta
    from shared.readmodel.store import Store

BLOCK = 4_096
"""The number of deltas between two rows of prefix sums: the most that a figure has to add."""

_AT_ONCE = 200_000
_SPAN = 100_000
"""The number of positions per chunk of a long read: chunks are read concurrently."""
_READERS = 2
_LAST_ORDINAL = 2**31 - 1


class YearColumns:
    """The deltas of one year of one cube."""

    def __init__(self, tables: TallyTables, plan_year: int, amounts: Amounts) -> None:
        self._tables = tables
        self.plan_year = plan_year
        self.amounts = amounts
        self.reached = 0
        self.position = Growing(np.int64)
        self.thing = Growing(np.int32)
        self.unit = Growing(np.int32)
        self.day = Growing(np.int32)
        self.dims = Growing(np.int32)
        self.org = Growing(np.int32)
        self.tier_day = Growing(np.int32) if tables.has_tiers else None
        """The day on which the tier was given; None if the cube has no tiers."""

    @property
    def size(self) -> int:
        """Return the number of deltas."""
        return self.position.size

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        tier_days = self.tier_day.nbytes if self.tier_day else 0
        columns = (self.position, self.thing, self.unit, self.day, self.dims, self.org)
        return sum(each.nbytes for each in columns) + tier_days + self.amounts.nbytes

    def until(self, position: int) -> int:
        """Return the number of deltas recorded up to a position."""
        return int(np.searchsorted(self.position.values, position, side="right"))

    def follow(self, store: Store, reached: int) -> None:
        """Read the deltas up to a position that the read model has reached.

        On PostgreSQL two chunks are read at a time, as the server takes most of the time; with a
        SQLite file it is this interpreter.
        """
        if reached <= self.reached:
            return
        spans = self._spans(store, reached)
        with ThreadPoolExecutor(_READERS) as pool:
            side_by_side = len(spans) > 1 and not store.is_sqlite
            found = (pool.map if side_by_side else map)(partial(self._rows, store), spans)
            for rows in chain.from_iterable(found):
                self._append(*_apart(rows))
        self.reached = reached

    def _spans(self, store: Store, reached: int) -> list[tuple[int, int]]:
        """Return the chunks (after, until) to read, in order."""
        if reached - self.reached <= _SPAN:
            return [(self.reached, reached)]
        deltas = self._tables.deltas.c
        ends = select(func.min(deltas.position), func.max(deltas.position)).where(
            deltas.plan_year == self.plan_year,
            deltas.position > self.reached,
            deltas.position <= reached,
        )
        with store.reading() as connection:
            first, last = connection.execute(ends).one()
        if first is None:
            return []
        return [(after, min(after + _SPAN, last)) for after in range(first - 1, last, _SPAN)]

    def _rows(self, store: Store, span: tuple[int, int]) -> list[Ints]:
        """Return the rows of one chunk, in order."""
        after, until = span
        found: list[Ints] = []
        place = (after, _LAST_ORDINAL)
        with store.reading() as connection:
            while True:
                rows = numbers(connection, self._deltas(place, until))
                found.append(rows)
                if len(rows) < _AT_ONCE:
                    return found
                place = (int(rows[-1, 0]), int(rows[-1, 3] & LOW))

    def take(self, deltas: Iterable[Delta], reached: int) -> None:
        """Append the deltas up to a position, passed on directly by the fold."""
        of_year = [each for each in deltas if each[0] == self.plan_year]
        self.add(as_numbers(of_year, self._tables, self.amounts), reached)

    def add(self, rows: Ints, reached: int) -> None:
        """Append the deltas up to a position, as rows of numbers (`as_numbers`)."""
        if len(rows):
            _, position, _, *further = rows.T
            self._append(position, *further)
        self.reached = reached

    def _deltas(self, after: tuple[int, int], reached: int) -> Select[Any]:
        """Return the query of deltas after a place (position, ordinal), in order."""
        deltas = self._tables.deltas.c
        return (
            select(
                deltas.position,
                paired(deltas.thing, deltas.unit),
                paired(deltas.day, deltas.dims),
                paired(deltas.org, deltas.ordinal),
                *((deltas.tier_day,) if self._tables.has_tiers else ()),
                *self.amounts.query_columns(deltas.before, deltas.after),
            )
            .where(deltas.plan_year == self.plan_year)
            .where(tuple_(deltas.position, deltas.ordinal) > after)
            .where(deltas.position <= reached)
            .order_by(deltas.position, deltas.ordinal)
            .limit(_AT_ONCE)
        )

    def _append(self, position: Ints, *further: Ints) -> None:
        tier_days = () if self.tier_day is None else (self.tier_day,)
        columns = (self.thing, self.unit, self.day, self.dims, self.org, *tier_days)
        self.position.append(position)
        for column, values in zip(columns, further, strict=False):
            column.append(values)
        self.amounts.append(*further[len(columns) :])


def as_numbers(deltas: Sequence[Delta], tables: TallyTables, amounts: Amounts) -> Ints:
    """Return deltas as rows of numbers: year, position, ordinal and so on, the amounts last."""
    of_none: list[tuple[Any, ...]] = [()] * len(tables.deltas.columns)
    *stated, before, after = [*zip(*deltas, strict=True)] or of_none
    columns = [np.array(column, np.int64) for column in stated]
    return np.stack([*columns, *amounts.columns_of(before, after)], axis=1)


def _apart(rows: Ints) -> tuple[Ints, ...]:
    """Return the columns that the query of deltas has paired, separately."""
    position, where, what, of, *further = rows.T
    return position, where >> 32, where & LOW, what >> 32, what & LOW, of >> 32, *further
