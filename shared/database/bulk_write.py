"""Bulk writes: one statement or one COPY for each table and run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from shared.database.postgres.arrays import Array, array
from shared.database.postgres.copy import copy_in

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Dialect, Table
    from sqlalchemy.sql.schema import Column


class _NoRows(tuple[Any, ...]):
    """The result of any query of tables without rows."""

    __slots__ = ()

    def first(self) -> None:
        """Return no row."""


class NewTables:
    """Stands in for a connection where whole subjects are folded at once (an archive).

    Its tables have no rows yet, so nothing is found; rows of the `wanted` tables are kept here.
    """

    class dialect:  # noqa: N801  the name that a connection has
        """Statements are built as for SQLite, and never executed."""

        name = "sqlite"

    def __init__(self, wanted: Collection[Table]) -> None:
        self.rows: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in wanted}

    def insert(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Keep rows of a wanted table."""
        if table in self.rows:
            self.rows[table] += rows

    def execute(self, _query: object, _values: object = None) -> _NoRows:
        """Return no rows."""
        return _NoRows()

    scalars = exec_driver_sql = execute

    def scalar(self, _query: object) -> None:
        """Return no value."""


def keeps(connection: Connection | NewTables, table: Table) -> bool:
    """Say whether rows of a table are kept: a fold makes none that would be thrown away."""
    return not isinstance(connection, NewTables) or table in connection.rows


def insert(
    connection: Connection | NewTables, table: Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows of all columns, in the order of the table's columns."""
    if not rows:
        return
    if isinstance(connection, NewTables):
        connection.insert(table, rows)
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_sqlite_insert(table), list(rows))
    else:
        copy_in(connection, f"COPY {table.name} FROM STDIN", rows)


def update(
    connection: Connection,
    table: Table,
    *,
    setting: Sequence[Column[Any]],
    where: Sequence[Column[Any]],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Update many rows; each is the new values of `setting`, then the key in `where`."""
    if not rows:
        return
    columns = [*setting, *where]
    if connection.dialect.name == "sqlite":
        assigned = ", ".join(f"{column.name} = ?" for column in setting)
        matched = " AND ".join(f"{column.name} = ?" for column in where)
        statement = f"UPDATE {table.name} SET {assigned} WHERE {matched}"  # noqa: S608  our names
        connection.exec_driver_sql(statement, list(rows))
        return
    assigned = ", ".join(f"{column.name} = v.c{n}" for n, column in enumerate(setting))
    matched = " AND ".join(
        f"t.{column.name} = v.c{n}" for n, column in enumerate(where, start=len(setting))
    )
    named = ", ".join(f"c{n}" for n in range(len(columns)))
    places = _places(columns, connection.dialect)
    statement = (
        f"UPDATE {table.name} AS t SET {assigned} "  # noqa: S608  our own names
        f"FROM unnest({places}) AS v({named}) WHERE {matched}"
    )
    connection.exec_driver_sql(statement, _arrays(columns, connection.dialect, rows))


@lru_cache(maxsize=256)
def _sqlite_insert(table: Table) -> str:
    places = ", ".join("?" * len(table.columns))
    return f"INSERT INTO {table.name} VALUES ({places})"  # noqa: S608  our own names


def _places(columns: Sequence[Column[Any]], dialect: Dialect) -> str:
    """Return one placeholder for each column's values."""
    return ", ".join(f"%s::{_kind(column, dialect)}[]" for column in columns)


def _arrays(
    columns: Sequence[Column[Any]], dialect: Dialect, rows: Sequence[tuple[Any, ...]]
) -> tuple[Array, ...]:
    """Return the values of each column."""
    by_column = zip(columns, zip(*rows, strict=True), strict=True)
    return tuple(array(_kind(column, dialect), values) for column, values in by_column)


@lru_cache(maxsize=1024)
def _kind(column: Column[Any], dialect: Dialect) -> str:
    """Return the name of a column's type."""
    return column.type.compile(dialect).partition(" COLLATE")[0].lower()
