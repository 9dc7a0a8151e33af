"""The cache of one cube's deltas: its intern tables, and the recently used years."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.reporting.figures.accumulators import Bits, Values
from services.reporting.figures.prefix_sums import Grouping
from services.reporting.figures.year_columns import YearColumns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Table

    from services.reporting.figures.delta_tables import TallyTables
    from services.reporting.figures.delta_writer import Delta
    from services.reporting.figures.measures import Counting
    from services.reporting.figures.prefix_sums import Grouper
    from shared.readmodel.recent_rows import RecentRows
    from shared.readmodel.store import Store

YEARS_BYTES = 1280 * 1024 * 1024
"""The limit of the size of all years of a cube: some 40 million deltas."""
EMPTY_YEARS_KEPT = 256
GROUPING_BYTES = 256 * 1024 * 1024
"""The limit of the size of all groupings of a cube; the least recently used is dropped."""


class InternTable:
    """The words of one table by their numbers; number 0 means none."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.words: list[tuple[Any, ...]] = [()]
        self._numbers: dict[str, int] = {}

    def numbers(self, words: Collection[str]) -> list[int]:
        """Return the numbers of single words, as far as they have one."""
        for number in range(len(self._numbers) + 1, len(self.words)):
            self._numbers[self.words[number][0]] = number
        return [self._numbers[word] for word in words if word in self._numbers]

    def lack(self, numbers: NDArray[np.int32]) -> bool:
        """Say whether some of these numbers are newer than the cached ones."""
        return bool(numbers.size and numbers.max() >= len(self.words))

    def follow(self, connection: Connection) -> None:
        """Read the words with newer numbers."""
        query = select(self._table).where(self._table.c.id >= len(self.words))
        for number, *word in connection.execute(query.order_by(self._table.c.id)):
            if number == len(self.words):
                self.words.append(tuple(word))


class DeltaCache:
    """The cached years of a cube. One thread at a time: the caller holds `lock`."""

    def __init__(
        self,
        store: Store,
        tables: TallyTables,
        counting: Counting | None,
        recent: RecentRows[Delta],
    ) -> None:
        self._store = store
        self._tables = tables
        self._recent = recent
        self.counting = counting
        self.lock = threading.RLock()
        self.units = InternTable(tables.units)
        self.dims = InternTable(tables.dims)
        self.orgs = InternTable(tables.orgs)
        self._years: OrderedDict[int, YearColumns] = OrderedDict()
        self._empty: OrderedDict[int, int] = OrderedDict()
        """The positions up to which years were found empty: most summaries read such a year."""
        self._groupings: OrderedDict[tuple[Any, ...], Grouping] = OrderedDict()
        self._bytes = 0

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Return the names of the words of `dims`, in order."""
        return self._tables.dimensions

    def year(self, plan_year: int, reached: int) -> YearColumns:
        """Return the deltas of a year, up to a position that the read model has reached."""
        columns = self._years.get(plan_year)
        if columns is None:
            amounts = Bits(len(self.counting.bits)) if self.counting else Values()
            columns = YearColumns(self._tables, plan_year, amounts)
            columns.reached = self._empty.get(plan_year, 0)
        grown = columns.reached < reached
        if grown:
            try:
                self._follow(columns, reached)
            except BaseException:
                self._drop_year(plan_year)  # it may have been read partially
                raise
        if not columns.size:  # reads of empty years must not evict others
            self._empty[plan_year] = columns.reached
            while len(self._empty) > EMPTY_YEARS_KEPT:
                self._empty.popitem(last=False)
        else:
            self._empty.pop(plan_year, None)
            self._years[plan_year] = columns
            self._years.move_to_end(plan_year)
            if grown:
                self._drop_years()
        return columns

    def _follow(self, columns: YearColumns, reached: int) -> None:
        before = columns.size
        deltas = self._recent.between(columns.reached, reached)
        if deltas is None:
            columns.follow(self._store, reached)
        else:
            columns.take(deltas, reached)
        named = (
            (self.units, columns.unit),
            (self.dims, columns.dims),
            (self.orgs, columns.org),
        )
        unknown = [words for words, numbers in named if words.lack(numbers.values[before:])]
        if unknown:
            with self._store.reading() as connection:
                for words in unknown:
                    words.follow(connection)

    def grouping(
        self,
        plan_year: int,
        reached: int,
        key: tuple[Any, ...],
        grouper: Callable[[], Grouper],
        *,
        sparse: bool = False,
    ) -> Grouping:
        """Return the year's deltas in a grouping, identified by `key`."""
        columns = self.year(plan_year, reached)
        distinct = self.counting.distinct if self.counting else ()
        if not columns.size:
            return Grouping(columns, grouper(), distinct, sparse=sparse)
        grouping = self._groupings.get((plan_year, *key))
        held = grouping.nbytes if grouping else 0
        if grouping is None:
            grouping = Grouping(columns, grouper(), distinct, sparse=sparse)
            self._groupings[plan_year, *key] = grouping
        self._groupings.move_to_end((plan_year, *key))
        grouping.follow()
        self._bytes += grouping.nbytes - held
        self._drop_groupings()
        return grouping

    def years(self) -> list[int]:
        """Return the years with any deltas, in order."""
        with self._store.reading() as connection:
            return sorted(set(connection.scalars(select(self._tables.years.c.plan_year))))

    def _drop_year(self, plan_year: int) -> None:
        self._years.pop(plan_year, None)
        for key in [key for key in self._groupings if key[0] == plan_year]:
            self._bytes -= self._groupings.pop(key).nbytes

    def _drop_years(self) -> None:
        held = sum(columns.nbytes for columns in self._years.values())
        while len(self._years) > 1 and held > YEARS_BYTES:
            oldest, columns = next(iter(self._years.items()))
            held -= columns.nbytes
            self._drop_year(oldest)

    def _drop_groupings(self) -> None:
        while len(self._groupings) > 1 and self._bytes > GROUPING_BYTES:
            _, dropped = self._groupings.popitem(last=False)
            self._bytes -= dropped.nbytes
