"""Numbered migrations of the log's tables, each applied once under a lock."""

from collections.abc import Callable, Mapping

from sqlalchemy import CheckConstraint, Connection, inspect, select, text
from sqlalchemy.schema import CreateTable

from shared.errors import LedgerError, Problem, Unavailable, declare
from shared.eventlog.dialects import Dialect
from shared.eventlog.tables import (
    CHECKPOINTS,
    COSIGNATURES,
    EVENTS,
    METADATA,
    ORIGIN_CHAINS,
    ORIGIN_PLACE,
    ORIGINS,
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


LOG_OF_OLDER_RELEASE = declare(
    "log_of_older_release",
    503,
    vi="Các bảng của sổ cái trong bản sao này thuộc lược đồ số {stored}, bản phát hành này cần số "
    "{own}. Hãy nâng cấp các dịch vụ ghi sổ trước.",
    en="The tables of the log on this replica are of schema {stored}, this release needs {own}. "
    "Upgrade the services that append first.",
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


def _open_for_redactions(connection: Connection) -> None:
    """Let a record be replaced by the one that a redaction in the log states, and by no other.

    The types that each service accepts are stated again, for logs of earlier releases.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER {EVENTS.name}_no_update")
        for statement in _sqlite_door():
            connection.exec_driver_sql(statement)
        _state_table_again(connection)
        return
    for each in EVENTS.constraints:
        if isinstance(each, CheckConstraint) and str(each.name).endswith("_types"):
            connection.exec_driver_sql(
                f"ALTER TABLE {EVENTS.name} DROP CONSTRAINT {each.name}, "
                f"ADD CONSTRAINT {each.name} CHECK ({each.sqltext})"
            )
    for statement in _postgres_door():
        connection.exec_driver_sql(statement)


def _state_table_again(connection: Connection) -> None:
    """Rewrite the statement of the table; SQLite has no other way to change a constraint."""
    stated = str(CreateTable(EVENTS).compile(dialect=connection.dialect)).strip()
    (version,) = connection.exec_driver_sql("PRAGMA schema_version").one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (stated, EVENTS.name)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


_REFUSED = "the log is insert only"
_REDACTED_TYPE = "dvk.EventRedacted.v1"


def _sqlite_door() -> tuple[str, ...]:
    """Return the triggers that replace the one against every update.

    `dvk_sha256` is a function of our own connections; others replace nothing.
    """
    kept = [column.name for column in EVENTS.c if column.name != "body"]
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in kept)
    data = "json_extract(CAST(r.body AS TEXT), '$.data."
    is_redacted = (
        f"SELECT 1 FROM {EVENTS.name} r WHERE r.subject = OLD.subject "  # noqa: S608
        f"AND {_type_of('r')} = '{_REDACTED_TYPE}' AND {data}position') = OLD.position "
        f"AND {data}digest') = 'sha256:' || lower(hex(OLD.digest))"
    )
    by_it = f"AND {data}record') = 'sha256:' || dvk_sha256(NEW.body)"
    refused = f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    of_any = f"{changed} OR NOT EXISTS ({is_redacted})"
    of_body = f"NOT EXISTS ({is_redacted} {by_it})"
    table = EVENTS.name
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {of_any} {refused}",
        f"CREATE TRIGGER {table}_by_redaction BEFORE UPDATE OF body ON {table} "  # noqa: ISC004
        f"WHEN {of_body} {refused}",
    )


def _postgres_door() -> tuple[str, ...]:
    """Return the same for PostgreSQL, where only the owner may update at all."""
    name = f"{EVENTS.name}_no_update"
    data = "convert_from(r.body, 'UTF8')::jsonb -> 'data'"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608
        "IF to_jsonb(NEW) - 'body' IS DISTINCT FROM to_jsonb(OLD) - 'body' OR NOT EXISTS "
        f"(SELECT 1 FROM {EVENTS.name} r WHERE r.subject = OLD.subject "
        f"AND {_type_of('r')} = '{_REDACTED_TYPE}' "
        f"AND ({data} ->> 'position')::bigint = OLD.position "
        f"AND {data} ->> 'digest' = 'sha256:' || encode(OLD.digest, 'hex') "
        f"AND {data} ->> 'record' = 'sha256:' || encode(sha256(NEW.body), 'hex')) "
        f"THEN RAISE EXCEPTION '{_REFUSED}'; END IF; RETURN NEW; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {EVENTS.name} "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    return function, trigger


def _type_of(row: str) -> str:
    return f"coalesce({', '.join(f'{row}.{type_column(family)}' for family in Family)})"


def _create_origins(connection: Connection) -> None:
    """Add the ledgers that forward to this one, and the origin of refused events."""
    METADATA.create_all(connection, tables=[ORIGINS, ORIGIN_CHAINS])
    if connection.dialect.name == "sqlite":
        for statement in _insert_only(ORIGIN_CHAINS.name):
            connection.execute(text(statement))
    for table in REFUSED.values():
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for name, kind in ORIGIN_PLACE.items():
            if name not in there:  # the first step makes tables as they are now
                written = kind.compile(connection.dialect)
                connection.execute(text(f"ALTER TABLE {table.name} ADD {name} {written}"))


STEPS: Mapping[int, Callable[[Connection], None]] = {
    1: _create,
    2: _create_seals,
    3: _open_for_redactions,
    4: _create_origins,
}


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


def require_migrated(dialect: Dialect) -> None:
    """Raise `Unavailable` for tables that miss a step, which only a service that writes applies."""
    there, own = require_known(dialect), max(STEPS)
    if there < own:
        raise Unavailable(Problem(LOG_OF_OLDER_RELEASE, {"stored": there, "own": own}))


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

    No role but the owner, which grants these (deploy/postgres), has more than insert and select on
    the log itself.
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
        f"GRANT SELECT, INSERT, UPDATE ON {ORIGINS.name} TO {role}",
        f"GRANT SELECT, INSERT ON {ORIGIN_CHAINS.name} TO {role}",
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
