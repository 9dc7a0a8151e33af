"""Rows of a read model as of a position, in a form comparable between two generations.

Each generation assigns ids (of things, units, words) in its own order, so labels are compared
instead; and the active one keeps folding, so changes after the position are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, Text, case, cast, func, literal, null, select

from shared.database.columns import among, bytewise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection, FromClause


class LabelledBy(NamedTuple):
    """The table that maps the number of a thing to its subject."""

    table: Table
    number: str = "thing"
    subject: str = "subject"

    def names(self) -> FromClause:
        """Return number and subject, one row for each thing."""
        number, subject = self.table.c[self.number], self.table.c[self.subject]
        if [column.name for column in self.table.primary_key] == [self.number]:
            return select(number.label("number"), subject.label("subject")).subquery()
        return (
            select(number.label("number"), func.min(subject).label("subject"))
            .group_by(number)
            .subquery()
        )


@dataclass(frozen=True)
class ComparableRows:
    """One kind of rows, grouped by the column `key`, to which the prefix `said` is added.

    `began` and `ended` are the columns with the first and last position of a row's validity; a kind
    without `began` is state as of the checkpoint, and is compared there only. `things` and `words`
    map columns of numbers to the tables of their labels.
    """

    kind: str
    table: Table
    key: str
    said: str = ""
    began: str | None = None
    ended: str | None = None
    things: Mapping[str, LabelledBy] = field(default_factory=dict)
    words: Mapping[str, Table] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    def needs(self) -> Mapping[Table, frozenset[str]]:
        """Return the tables that are read, with the columns required in each."""
        marks = {self.key, self.began, self.ended, *self.things, *self.words}
        return {
            **{words: frozenset({"id"}) for words in self.words.values()},
            **{each.table: frozenset(each[1:]) for each in self.things.values()},
            self.table: frozenset(mark for mark in marks if mark is not None),
        }

    def query(
        self,
        connection: Connection,
        shape: Mapping[Table, frozenset[str]],
        after: int,
        until: int,
        only: Collection[Any] | None = None,
    ) -> Select[Any]:
        """Return the rows as of `until` that began or ended after `after`, in bytewise key order.

        The first column is the key; `shape` has the compared columns of each table, `only` the
        values of the key column to return (None: all).
        """
        source: FromClause = self.table
        resolved: dict[str, list[ColumnElement[Any]]] = {}
        for column, named in self.things.items():
            names = named.names()
            source = source.outerjoin(names, names.c.number == self.table.c[column])
            resolved[column] = [names.c.subject]
        for column, words in self.words.items():
            listed = words.alias()
            source = source.outerjoin(listed, listed.c.id == self.table.c[column])
            resolved[column] = [listed.c[each] for each in sorted(shape[words]) if each != "id"]
        values = [
            value
            for column in sorted(shape[self.table] - self.left_out)
            for value in resolved.get(column) or [self._as_of(column, until)]
        ]
        key = bytewise(connection, self._key(resolved))
        query = select(key.label("key"), *values).select_from(source).order_by(key)
        if only is not None:
            query = query.where(among(connection, self.table.c[self.key], only))
        return query.where(*self._bounds(after, until))

    def _key(self, resolved: Mapping[str, list[ColumnElement[Any]]]) -> ColumnElement[Any]:
        key = resolved.get(self.key, [self.table.c[self.key]])[0]
        labelled = literal(self.said) + cast(key, Text()) if self.said else key
        return func.coalesce(labelled, "")

    def _as_of(self, column: str, until: int) -> ColumnElement[Any]:
        value: ColumnElement[Any] = self.table.c[column]
        if column == self.ended:
            return case((value <= until, value), else_=null())
        return value

    def _bounds(self, after: int, until: int) -> list[ColumnElement[bool]]:
        if self.began is None:
            return []
        began = self.table.c[self.began]
        bounds = [began <= until]
        if after:
            touched = began > after
            if self.ended is not None:
                ended = self.table.c[self.ended]
                touched |= (ended > after) & (ended <= until)
            bounds.append(touched)
        return bounds
