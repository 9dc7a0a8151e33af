"""Staging of new generations: on SQLite in separate files, on PostgreSQL in the database itself.

An SQLite file has one writer at a time. A separate file lets services write during the fill, and
several processes fill parts of it; its tables are moved in only after the comparison.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Table, select
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.database import text_index
from shared.database.bulk_write import insert
from shared.readmodel import checkpoints
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.protocol import ReadModel

SERVED = "served"
"""The schema under which a separate staging file sees the served database."""

_MOVED_AT_ONCE = 50_000
_INDEXED_AT_ONCE = 10_000
"""Rows with an index of words: each transaction that others wait for is short."""


class InPlaceStaging:
    """Staging in the served database, where concurrent transactions continue."""

    schema = None
    """The schema of the served database in a comparison."""

    def __init__(self, store: Store) -> None:
        self.store = Store(store.url, lasting=False)

    @contextmanager
    def comparing(self) -> Iterator[Connection]:
        """Yield a transaction on a snapshot."""
        with self.store.snapshot_for_update("", "") as connection:
            yield connection

    def publish_tables(self, models: Sequence[ReadModel], keys: Collection[str]) -> None:
        """Do nothing: the tables are in the served database already."""

    def close(self) -> None:
        """Close the connections."""
        self.store.close()


class FileStaging:
    """Staging in a file next to the database's, which is deleted afterwards."""

    schema = SERVED

    def __init__(self, served: Store, number: int) -> None:
        self._served = served
        self._path = Path(f"{served.path}.filling-{number}")
        self.store = Store(f"sqlite:///{self._path}", lasting=False)
        self.store.create(checkpoints.METADATA)
        self._take_along()

    def _take_along(self) -> None:
        """Copy pointers and decisions of read models, but not checkpoints and quarantines."""
        own = {"read_model_checkpoints", "read_model_quarantine"}
        for table in checkpoints.METADATA.sorted_tables:
            if table.name not in own:
                with self._served.reading() as connection:
                    rows = [tuple(row) for row in connection.execute(select(table))]
                with self.store.writing() as connection:
                    insert(connection, table, rows)

    @contextmanager
    def comparing(self) -> Iterator[Connection]:
        """Yield a transaction on this file, with the served database read-only."""
        with self.store.snapshot_for_update(SERVED, self._served.path) as connection:
            yield connection

    def publish_tables(self, models: Sequence[ReadModel], keys: Collection[str]) -> None:
        """Copy tables in short transactions, then create the indexes, then copy the state."""
        with (
            self._served.autocommit_connection() as connection,
            self._served.attached(connection, "filling", str(self._path)),
        ):
            for table in (t for model in models for t in model.metadata.sorted_tables):
                _copy(connection, table)
            with _transaction(connection):
                for state, column in (
                    ("read_model_checkpoints", "name"),
                    ("read_model_quarantine", "read_model"),
                ):
                    _copy_state(connection, state, column, keys)

    def close(self) -> None:
        """Remove the file."""
        self.store.close()
        _remove(self._path)


StagingArea = InPlaceStaging | FileStaging
"""A place to fill some read models."""


def staging_areas(store: Store, count: int) -> list[StagingArea]:
    """Return staging areas in which read models can be filled at the same time.

    Files left by a killed rebuild are removed.
    """
    if store.is_sqlite:
        _remove(Path(f"{store.path}.filling-"))
        return [FileStaging(store, number) for number in range(1, count + 1)]
    return [InPlaceStaging(store) for _ in range(count)]


def _remove(beginning: Path) -> None:
    for path in beginning.parent.glob(f"{beginning.name}*"):
        with suppress(FileNotFoundError):
            path.unlink()


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _copy(connection: Connection, table: Table) -> None:
    """Copy a table in the order of its key, then create its indexes; that of words comes first."""
    with _transaction(connection):
        connection.exec_driver_sql(_ddl(connection, CreateTable(table)))
        text_index.create(connection, table)
    at_once = _INDEXED_AT_ONCE if text_index.is_indexed(table) else _MOVED_AT_ONCE
    key = ", ".join(column.name for column in table.primary_key)
    places = ", ".join("?" * len(table.primary_key))
    beyond, last = "", ()
    while True:
        with _transaction(connection):
            copied = connection.exec_driver_sql(
                f"INSERT INTO main.{table.name} SELECT * FROM filling.{table.name} "  # noqa: S608
                f"{beyond} ORDER BY {key} LIMIT {at_once}",
                last,
            ).rowcount
            text_index.add(connection, table, last[0] if last else 0)
            if copied == at_once:
                last = tuple(
                    connection.exec_driver_sql(
                        f"SELECT {key} FROM main.{table.name} "  # noqa: S608
                        f"ORDER BY {key.replace(',', ' DESC,')} DESC LIMIT 1"
                    ).one()
                )
                beyond = f"WHERE ({key}) > ({places})"
        if copied < at_once:
            break
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        with _transaction(connection):
            connection.exec_driver_sql(_ddl(connection, CreateIndex(index)))


def _ddl(connection: Connection, statement: CreateTable | CreateIndex) -> str:
    return str(statement.compile(dialect=connection.dialect))


def _copy_state(connection: Connection, table: str, column: str, keys: Collection[str]) -> None:
    for key in keys:
        connection.exec_driver_sql(
            f"INSERT INTO main.{table} SELECT * FROM filling.{table} "  # noqa: S608
            f"WHERE {column} = ?",
            (key,),
        )
