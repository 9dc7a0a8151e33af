"""The writer of deltas: contributions before and after an event become deltas.

Repeated words become small numbers, assigned by the fold and shared by all reads.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.reporting.figures.delta_tables import Contribution
from shared.database.bulk_write import insert
from shared.readmodel.recent_rows import RecentRows

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from services.reporting.figures.delta_tables import TallyTables

_AMOUNT = Contribution._fields.index("amount")
_TIER_DAY = Contribution._fields.index("tier_day")
_place = itemgetter(0, 1, 2, 3, 4, _TIER_DAY)
"""All of a contribution except its amount."""
Delta = tuple[Any, ...]
"""A row of a table of deltas: all of its columns, in order."""


@lru_cache(maxsize=65_536)
def ordinal_of(day: str) -> int:
    """Return the proleptic ordinal of a day YYYY-MM-DD."""
    return date.fromisoformat(day).toordinal()


class DeltaWriter:
    """Collects the deltas of a batch and writes them together."""

    def __init__(self, tables: TallyTables) -> None:
        self._tables = tables
        self.units = Interned(tables.units)
        self.dims = Interned(tables.dims)
        self.orgs = Interned(tables.orgs)
        self._years = Interned(tables.years)
        self.recent: RecentRows[Delta] = RecentRows(itemgetter(1))
        self._columns = itemgetter(1, 2, 3, 4, *((_TIER_DAY,) if tables.has_tiers else ()))
        self._rows: list[Delta] = []
        self._last = (0, 0)

    def open(self, connection: Connection) -> None:
        """Prepare for a batch."""
        for words in self._words:
            words.open(connection)
        self._rows = []
        self._last = (0, 0)

    def note(
        self, position: int, entity: int, old: Contribution | None, new: Contribution | None
    ) -> None:
        """Record that an event at `position` changed an entity's contribution (None: none)."""
        if old == new:
            return
        if old is not None and new is not None and _place(old) == _place(new):
            self._add(position, entity, new, old[_AMOUNT], new[_AMOUNT])
            return
        if old is not None:
            self._add(position, entity, old, old.amount, None)
        if new is not None:
            self._add(position, entity, new, None, new.amount)

    def flush(self, connection: Connection) -> None:
        """Write the deltas and the new words."""
        for words in self._words:
            words.flush(connection)
        insert(connection, self._tables.deltas, self._rows)
        self.recent.put(self._rows)
        self._rows = []

    def forget(self) -> None:
        """Drop the cached rows."""
        for words in self._words:
            words.forget()
        self.recent.forget()
        self._rows = []

    @property
    def _words(self) -> tuple[Interned, ...]:
        return self.units, self.dims, self.orgs, self._years

    def _add(
        self, position: int, entity: int, at: Contribution, before: int | None, after: int | None
    ) -> None:
        last, ordinal = self._last
        ordinal = ordinal + 1 if last == position else 0
        self._last = (position, ordinal)
        _ = self._years[at.plan_year]  # interns the year
        columns = self._columns(at)
        self._rows.append((at[0], position, ordinal, entity, *columns, before, after))


class Interned(dict[Any, int]):
    """The numbers of one table of words, from 1; new ones are written with the next flush.

    A word is a text or number, or a tuple for a table with several columns. Looking up an
    unknown word assigns a number.
    """

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self._is_open = False
        self._new: list[tuple[Any, ...]] = []

    def open(self, connection: Connection) -> None:
        """Load the assigned numbers, once."""
        if not self._is_open:
            for number, *word in connection.execute(select(self._table)):
                self[tuple(word) if len(word) > 1 else word[0]] = number
            self._is_open = True

    def __missing__(self, word: Any) -> int:  # noqa: ANN401  of any type, as stated above
        assert self._is_open  # noqa: S101  opened at the start of every fold
        found = self[word] = len(self) + 1
        self._new.append((found, *word) if isinstance(word, tuple) else (found, word))
        return found

    def flush(self, connection: Connection) -> None:
        """Write the new words."""
        if self._new:
            insert(connection, self._table, self._new)
            self._new = []

    def forget(self) -> None:
        """Drop everything; the next fold loads it again."""
        self.clear()
        self._is_open = False
        self._new = []
