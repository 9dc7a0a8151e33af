"""The views in the database: a schema of their own on PostgreSQL, names with a prefix on SQLite.

They are written in the transaction that swaps a generation, so that a reader never sees tables that
are no longer folded. Rights are no matter of this code: deploy/postgres/20-readers.sql grants them.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, Table, Text, delete, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from services.reporting.reading import unit_days
from services.reporting.reading.views import View, views
from services.reporting.readmodels.catalog import Catalog
from shared.errors import Unavailable
from shared.readmodel import generations
from shared.web.answers.as_of_parameters import CURRENT, map_choice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from services.reporting.map_snapshots import MapSnapshot
    from shared.clock import Clock
    from shared.readmodel.generations import Pointer
    from shared.readmodel.store import Store

SCHEMA = "dvk_read"
LOCK_SECONDS = 40
"""The wait for readers of a view that is replaced: longer than their longest statement."""
_DEFINITIONS = Table(
    "reading_views",
    unit_days.METADATA,
    Column("name", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("statement", Text, nullable=False),
)
_CHANGED_COLUMNS = "42P16"
_logger = logging.getLogger("dvk.reporting")


class ReadingViews:
    """Keeps the views and the rows of the map as the projection says; it never stops it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._written: Mapping[str, Pointer] | None = None
        self._map: tuple[tuple[int, int], date] | None = None
        self._warned = False

    def refresh(self, pointers: Mapping[str, Pointer], snapshot: MapSnapshot) -> None:
        """Write what has changed since the last call; an error is logged, and tried again."""
        try:
            if self._written != pointers:
                self._store.create(unit_days.METADATA)
                with self._store.writing() as connection:
                    if _missing(connection):
                        write_views(connection, lock_seconds=1)
                self._written = pointers
            today = map_choice(CURRENT, self._clock).day
            if today is not None and self._map != (snapshot.key, today):
                if not unit_days.is_written(self._store, snapshot, today):
                    unit_days.write(self._store, snapshot, today)
                self._map = snapshot.key, today
        except (SQLAlchemyError, Unavailable) as error:
            if not self._warned:
                _logger.warning("the views for other tools are not up to date: %s", error)
            self._warned = True
        else:
            self._warned = False


def write_views(connection: Connection, *, lock_seconds: int = LOCK_SECONDS) -> None:
    """Write the views of the active generations in a transaction.

    Left out are those of read models whose tables are of another release, and on PostgreSQL all
    when the schema is not there and may not be created.
    """
    on_postgres = connection.dialect.name == "postgresql"
    if on_postgres and not _usable(connection):
        return
    unit_days.METADATA.create_all(connection)
    if on_postgres:
        connection.execute(text(f"SET LOCAL lock_timeout = '{lock_seconds}s'"))
    stored = select(_DEFINITIONS.c.name).order_by(_DEFINITIONS.c.place.desc())
    before = list(connection.scalars(stored))
    wanted = _wanted(connection)
    names = {view.name for view in wanted}
    for name in before:
        if name not in names or not on_postgres:
            connection.execute(text(f"DROP VIEW IF EXISTS {_name(connection, name)}"))
    for view in wanted:
        _write(connection, view)
    connection.execute(delete(_DEFINITIONS))
    for place, view in enumerate(wanted):
        row = {"name": view.name, "place": place, "statement": view.statement}
        connection.execute(_DEFINITIONS.insert().values(**row))
    if on_postgres:
        connection.execute(text("SET LOCAL lock_timeout = 0"))


def _write(connection: Connection, view: View) -> None:
    name = _name(connection, view.name)
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(f"CREATE VIEW {name} AS {view.statement}")
        return
    # Replaced and not dropped: views that others have defined over it remain, as do its grants.
    statement = text(f"CREATE OR REPLACE VIEW {name} AS {view.statement}".replace(":", r"\:"))
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except SQLAlchemyError as error:
        if getattr(getattr(error, "orig", None), "sqlstate", "") != _CHANGED_COLUMNS:
            raise
        connection.execute(text(f"DROP VIEW {name} CASCADE"))
        connection.execute(statement)


def _missing(connection: Connection) -> bool:
    """Say whether a view of the active generations is not there, or is another one."""
    on_postgres = connection.dialect.name == "postgresql"
    if on_postgres and not _usable(connection):
        return False
    present = set(inspect(connection).get_view_names(SCHEMA if on_postgres else None))
    rows = connection.execute(select(_DEFINITIONS.c.name, _DEFINITIONS.c.statement))
    stored = {row.name: row.statement for row in rows}
    wanted = {view.name: view.statement for view in _wanted(connection)}
    names = {name if on_postgres else f"{SCHEMA}_{name}" for name in wanted}
    return stored != wanted or not names <= present


def _wanted(connection: Connection) -> list[View]:
    pointers = generations.load(connection)
    active = frozenset((each.name, each.generation, each.key) for each in pointers.values())
    catalog, every = _stated(active, connection.dialect.name)
    present = set(inspect(connection).get_table_names())
    fitting = {
        model.name
        for model in catalog.all()
        if model.name in pointers
        and pointers[model.name].version == model.version
        and present.issuperset(table.name for table in model.metadata.sorted_tables)
    }
    return [view for view in every if view.read_models <= fitting]


@lru_cache(maxsize=4)
def _stated(active: frozenset[tuple[str, int, str]], dialect: str) -> tuple[Catalog, list[View]]:
    """Return the read models and all views of active generations: name, number and checkpoint.

    A start asks twice, and compiling the statements takes longer than all else that it does.
    """
    catalog = Catalog.of({name: generation for name, generation, _ in active})
    return catalog, views(catalog, [key for _, _, key in active], dialect)


def _usable(connection: Connection) -> bool:
    """Say whether views can be created in the schema; create it where that is allowed."""
    if connection.scalar(text(f"SELECT to_regnamespace('{SCHEMA}') IS NULL")):
        allowed = text("SELECT has_database_privilege(current_database(), 'CREATE')")
        if not connection.scalar(allowed):
            return False
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    return bool(connection.scalar(text(f"SELECT has_schema_privilege('{SCHEMA}', 'CREATE')")))


def _name(connection: Connection, view: str) -> str:
    return f"{SCHEMA}.{view}" if connection.dialect.name == "postgresql" else f"{SCHEMA}_{view}"
