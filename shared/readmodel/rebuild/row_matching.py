"""Matching of rows of two generations in the database, so that equal rows never leave it.

Two generations of one log usually assign the same numbers; then their rows are equal, as one join
on the primary key shows. Otherwise the caller compares them in detail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select, union

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection, Table

    from shared.readmodel.comparable_rows import ComparableRows

MOST_KEYS = 20_000
"""Most differing keys that are compared one by one; if there are more, all keys are."""


class RowMatching:
    """Matches tables on one connection, on which both generations are at the same position."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._same: dict[tuple[str, frozenset[str]], bool] = {}

    def count(self, table: Table) -> int:
        """Return the number of rows of a table."""
        return self._connection.scalar(select(func.count()).select_from(table)) or 0

    def same_numbers(self, old: ComparableRows, new: ComparableRows, words: frozenset[str]) -> bool:
        """Return whether numbers mean the same in both; `words` are the columns of word tables."""
        pairs = [
            (old.things[column].table, new.things[column].table, frozenset(named[1:]))
            for column, named in new.things.items()
        ]
        pairs += [
            (old.words[column], new.words[column], frozenset(table.columns.keys()) & words)
            for column, table in new.words.items()
        ]
        return all(self.same(*pair) for pair in pairs)

    def same(self, old: Table, new: Table, columns: frozenset[str]) -> bool:
        """Return whether two tables have the same rows in these columns."""
        known = new.name, columns
        if known not in self._same:
            count = self.count(new)
            self._same[known] = count == self.count(old) and count == self._paired(
                old, new, columns
            )
        return self._same[known]

    def differing(
        self, old: Table, new: Table, columns: frozenset[str], key: str
    ) -> Collection[Any] | None:
        """Return the keys (a column) of unmatched rows, None if there are too many."""
        unmatched = [
            select(one.c[key])
            .select_from(one.outerjoin(other, _equal(one, other, columns)))
            .where(next(iter(other.primary_key)).is_(None))
            for one, other in ((old, new), (new, old))
        ]
        found = self._connection.scalars(union(*unmatched).limit(MOST_KEYS + 1)).all()
        return None if len(found) > MOST_KEYS else found

    def _paired(self, old: Table, new: Table, columns: frozenset[str]) -> int:
        query = select(func.count()).select_from(old.join(new, _equal(old, new, columns)))
        return self._connection.scalar(query) or 0


def _equal(old: Table, new: Table, columns: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition that two rows are equal."""
    key = [column.name for column in new.primary_key]
    others = sorted(columns - set(key))
    return and_(
        *(old.c[name] == new.c[name] for name in key),
        *(
            old.c[name].is_not_distinct_from(new.c[name])
            if new.c[name].nullable
            else old.c[name] == new.c[name]
            for name in others
        ),
    )
