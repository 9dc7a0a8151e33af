"""Version rows: the state of each entity from one position of the log to another.

Entities are numbered in the order in which they are first recorded.

A row is open until a later event of its entity closes it (`to_position`), so a list as known at p
is `from_position <= p` and (`to_position` is null or `to_position > p`).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, Integer, MetaData, Table, func, or_, select

from shared.database.bulk_write import insert, update
from shared.database.columns import POSITION
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from sqlalchemy import Connection


def versions_table(metadata: MetaData, name: str, *columns: Column[Any]) -> Table:
    """Declare version rows: thing, from_position, to_position, and the state."""
    return Table(
        name,
        metadata,
        Column("thing", Integer, primary_key=True, autoincrement=False),
        Column("from_position", POSITION, primary_key=True, autoincrement=False),
        Column("to_position", POSITION),
        *columns,
        sqlite_with_rowid=False,
    )


def version_content(table: Table, named: LabelledBy) -> ComparableRows:
    """Return the version rows as contents to compare, with entities resolved by `named`."""
    return ComparableRows(
        "versions",
        table,
        "thing",
        began="from_position",
        ended="to_position",
        things={"thing": named},
        left_out=frozenset({"thing"}),
    )


def known_at(table: Table, position: int) -> ColumnElement[bool]:
    """Return the condition for the rows valid at a position."""
    until = table.c.to_position
    return (table.c.from_position <= position) & or_(until.is_(None), until > position)


class VersionWriter:
    """Collects the version rows of a batch; a row that the same batch closes is written closed."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows: dict[int, list[tuple[Any, ...]]] = {}
        self._closed: list[tuple[int, int, int]] = []

    def open(self) -> None:
        """Prepare for a batch."""
        self._rows = {}
        self._closed = []

    def put(self, entity: int, position: int, before: int | None, row: tuple[Any, ...]) -> None:
        """Add an entity's row from a position on; `before`: the first position of its open row.

        A second row of the same entity at the same position replaces the first.
        """
        self.end(entity, position, before)
        self._rows.setdefault(entity, []).append((entity, position, None, *row))

    def end(self, entity: int, position: int, before: int | None) -> None:
        """Close the open row of an entity, if it has one."""
        rows = self._rows.get(entity)
        if rows:
            last = rows[-1]
            if last[1] == position:
                rows.pop()
            elif last[2] is None:
                rows[-1] = (entity, last[1], position, *last[3:])
        elif before is not None:
            self._closed.append((position, entity, before))
            self._rows[entity] = []

    def flush(self, connection: Connection) -> None:
        """Close the rows that the batch closed, and write its rows."""
        table = self._table.c
        update(
            connection,
            self._table,
            setting=[table.to_position],
            where=[table.thing, table.from_position],
            rows=self._closed,
        )
        # In the order of the table's key, so that it grows only at its end.
        rows = sorted(chain.from_iterable(self._rows.values()))
        insert(connection, self._table, rows)
        self.open()


class SurrogateIds:
    """The numbers of one read model's entities, from 1; `column` is where they are stored."""

    def __init__(self, column: Column[Any]) -> None:
        self._column = column
        self._next: int | None = None

    def new(self, connection: Connection) -> int:
        """Return the next number."""
        if self._next is None:
            self._next = (connection.scalar(select(func.max(self._column))) or 0) + 1
        self._next += 1
        return self._next - 1

    def forget(self) -> None:
        """Drop the cached number; the next one is read again."""
        self._next = None
