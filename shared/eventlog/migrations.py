"""Numbered migrations of the log's tables, each applied once under a lock."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select, text

from shared.errors import LedgerError, Problem, declare
from shared.eventlog.dialects import Dialect
from shared.eventlog.tables import (
    CHECKPOINTS,
    COSIGNATURES,
    EVENTS,
    METADATA,
    PARKED,
    REFUSED,
    SCHEMA,
    SEALS,
    TILES,
    WAITS,
    type_column,
)
from shared.vocabulary import Family

LOG_OF_NEWER_RELEASE = declare(
    "log_of_newer_release",
    503,
    vi="Các bảng của sổ cái thuộc lược đồ số {stored}, bản phát hành này chỉ biết đến số {own}. "
    "Hãy chạy bản mới hơn, hoặc phục hồi bản sao lưu của bản này.",
    en="The tables of the log are of schema {stored}, this release knows up to {own}. Run the "
    "newer release, or restore a backup of this one.",
)


def _create(connection: Connection) -> None:
    METADATA.create_all(connection)
    if connection.dialect.name == "sqlite":
        for statement in _sqlite_guards():
            connection.execute(text(statement))


def _sqlite_guards() -> tuple[str, ...]:
    """Return triggers: insert only, contiguous positions, and each service its own family."""
    contiguous = (
        "CREATE TRIGGER log_events_contiguous BEFORE INSERT ON log_events "
        "WHEN NEW.position <> (SELECT coalesce(max(position), 0) + 1 FROM log_events) "
        "BEGIN SELECT RAISE(ABORT, 'positions are contiguous'); END"
    )
    foreign = " OR ".join(
        f"(NEW.{type_column(family)} IS NOT NULL AND dvk_family() <> '{family}')"
        for family in Family
    )
    families = (
        f"CREATE TRIGGER log_events_family BEFORE INSERT ON log_events WHEN {foreign} "
        "BEGIN SELECT RAISE(ABORT, 'this service may not append events of that family'); END"
    )
    return (*_insert_only(EVENTS.name), contiguous, families)


def _insert_only(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the log is insert only'); END"
        for verb in ("update", "delete")
    )


def _create_seals(connection: Connection) -> None:
    METADATA.create_all(connection, tables=SEALS)
    if connection.dialect.name == "sqlite":
        for table in SEALS:
            for statement in _insert_only(table.name):
                connection.execute(text(statement))


STEPS: Mapping[int, Callable[[Connection], None]] = {1: _create, 2: _create_seals}


def migrate(dialect: Dialect) -> int:
    """Apply the missing steps and return the version; this needs the owner's rights.

    Raises `LedgerError` for the tables of a newer release, so that nothing is appended to them.
    """
    own = max(STEPS)
    if require_known(dialect) == own:
        return own
    with dialect.locked() as connection:
        version = _applied(connection)
        for number in sorted(step for step in STEPS if step > version):
            STEPS[number](connection)
            connection.execute(SCHEMA.insert().values(version=number))
    return own


def require_known(dialect: Dialect) -> int:
    """Return the version of the tables, 0 if there are none; raises like `migrate`."""
    with dialect.reader.connect() as connection:
        there, own = _applied(connection), max(STEPS)
    if there > own:
        raise LedgerError(Problem(LOG_OF_NEWER_RELEASE, {"stored": there, "own": own}))
    return there


def _applied(connection: Connection) -> int:
    if not inspect(connection).has_table(SCHEMA.name):
        return 0
    return max(connection.scalars(select(SCHEMA.c.version)), default=0)


def grants(family: Family, role: str) -> tuple[str, ...]:
    """Return the statements that let a PostgreSQL role append its own family, and read all.

    No role but the owner, which grants these (deploy/postgres), has more than insert and select.
    """
    foreign = {type_column(other) for other in Family if other is not family}
    own = ", ".join(column.name for column in EVENTS.c if column.name not in foreign)
    kept = ", ".join(table[family].name for table in (PARKED, WAITS, REFUSED))
    counted = ", ".join(f"{table[family].name}_number_seq" for table in (PARKED, REFUSED))
    return (
        f"GRANT SELECT ON {EVENTS.name}, {SCHEMA.name} TO {role}",
        f"GRANT INSERT ({own}) ON {EVENTS.name} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {kept} TO {role}",
        f"GRANT USAGE ON SEQUENCE {counted} TO {role}",
    )


def seal_grants(sealer: str, reader: str) -> tuple[str, ...]:
    """Return the statements for the role that seals the log, and for the one that serves seals.

    The sealer sees no record, and nothing of the tables of the services.
    """
    sealed = f"{TILES.name}, {CHECKPOINTS.name}"
    return (
        f"GRANT SELECT (position, recorded_us, digest, chain) ON {EVENTS.name} TO {sealer}",
        f"GRANT SELECT ON {SCHEMA.name} TO {sealer}",
        f"GRANT SELECT, INSERT ON {sealed} TO {sealer}",
        f"GRANT SELECT ON {sealed} TO {reader}",
        f"GRANT SELECT, INSERT ON {COSIGNATURES.name} TO {reader}",
    )
