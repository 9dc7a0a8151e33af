"""The database itself keeps the log: roles and grants of deploy/postgres on a real PostgreSQL."""

import psycopg
import pytest
from psycopg import errors, sql

from shared.eventlog.dialects import dialect_for
from shared.eventlog.migrations import migrate
from shared.eventlog.protocol import OriginChains, OriginHead
from shared.eventlog.seal_store import SealedCheckpoint, SealStore
from shared.eventlog.sql import SqlEventLog
from shared.vocabulary import Family
from tests.support.databases import sqlalchemy_address

pytestmark = pytest.mark.postgres

FAMILY_TYPES = {
    "registry": "dvk.UnitOpened.v1",
    "evaluation": "dvk.ModelRecognized.v1",
    "reporting": "dvk.FigureAsserted.v1",
}
OTHERS = [(role, other) for role in FAMILY_TYPES for other in FAMILY_TYPES if role != other]


def _insert(connection: psycopg.Connection[tuple[object, ...]], family: str) -> None:
    statement = sql.SQL(
        "INSERT INTO log_events (position, source, event_id, subject, stream_version,"
        " {type}, bucket, recorded_us, digest, chain, body)"
        " SELECT coalesce(max(position), 0) + 1, '/publishers/p', gen_random_uuid()::text,"
        " 'unit/' || gen_random_uuid(), 1, %s, 0, 0, '', '', '' FROM log_events"
    )
    connection.execute(
        statement.format(type=sql.Identifier(f"{family}_type")), [FAMILY_TYPES[family]]
    )


@pytest.mark.parametrize("role", FAMILY_TYPES)
def test_a_service_may_append_its_own_family(addresses: dict[str, str], role: str) -> None:
    with psycopg.connect(addresses[role]) as connection:
        _insert(connection, role)


@pytest.mark.parametrize(("role", "other"), OTHERS)
def test_no_service_may_append_another_family(
    addresses: dict[str, str], role: str, other: str
) -> None:
    with (
        psycopg.connect(addresses[role]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        _insert(connection, other)


def test_the_type_must_be_one_of_the_family(addresses: dict[str, str]) -> None:
    statement = (
        "INSERT INTO log_events (position, source, event_id, subject, stream_version,"
        " registry_type, bucket, recorded_us, digest, chain, body)"
        " VALUES (1000, 's', 'i', 'unit/x', 1, 'dvk.ModelRecognized.v1', 0, 0, '', '', '')"
    )
    with (
        psycopg.connect(addresses["registry"]) as connection,
        pytest.raises(errors.CheckViolation),
    ):
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_events SET body = ''",
        "DELETE FROM log_events",
        "TRUNCATE log_events",
        "ALTER TABLE log_events ADD COLUMN more int",
        "DROP TABLE log_events",
        "CREATE TABLE public.own (id int)",
        "UPDATE log_schema SET version = 99",
    ],
)
@pytest.mark.parametrize("role", FAMILY_TYPES)
def test_no_service_may_change_what_is_recorded(
    addresses: dict[str, str], role: str, statement: str
) -> None:
    with (
        psycopg.connect(addresses[role]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_a_service_keeps_what_waits_of_its_own_only(addresses: dict[str, str]) -> None:
    with psycopg.connect(addresses["registry"]) as connection:
        connection.execute("DELETE FROM registry_parked")
        connection.execute("DELETE FROM registry_refused")
    for table in ("evaluation_parked", "evaluation_refused", "reporting_parked"):
        with (
            psycopg.connect(addresses["registry"]) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


@pytest.mark.parametrize("role", FAMILY_TYPES)
def test_every_service_moves_the_head_of_a_ledger_that_forwards_and_takes_nothing_back(
    addresses: dict[str, str], role: str
) -> None:
    log = SqlEventLog(dialect_for(sqlalchemy_address(addresses[role]), Family(role)), Family(role))
    ledger = f"/publishers/{role}"
    with log.append_session() as session:
        session.move_origin(OriginHead(ledger, 1), OriginChains(1, (bytes(32),)))
    with log.append_session() as session:
        session.move_origin(OriginHead(ledger, 2), OriginChains(2, (bytes(32),)))
    assert ledger in [head.ledger for head in log.list_origins()]
    log.close()
    for statement in (
        "DELETE FROM log_origins",
        "DELETE FROM log_origin_chains",
        "UPDATE log_origin_chains SET chains = ''",
    ):
        with (
            psycopg.connect(addresses[role]) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_only_reporting_makes_tables_and_only_in_its_own_schema(addresses: dict[str, str]) -> None:
    with psycopg.connect(addresses["reporting"]) as connection:
        connection.execute("CREATE TABLE figures (id int)")
        found = connection.execute("SELECT 'figures'::regclass::text, current_schema()").fetchone()
        assert found == ("figures", "dvk_reporting")
        connection.execute("SELECT count(*) FROM log_events")
    for role in ("registry", "evaluation"):
        with (
            psycopg.connect(addresses[role]) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT * FROM dvk_reporting.figures")


def test_the_sealer_seals_and_reporting_serves(addresses: dict[str, str]) -> None:
    with psycopg.connect(addresses["registry"]) as connection:
        _insert(connection, "registry")
        count = connection.execute("SELECT count(*) FROM log_events").fetchone()
    assert count is not None
    url = sqlalchemy_address(addresses["sealer"])
    dialect = dialect_for(url, None)
    migrate(dialect)
    store = SealStore(dialect, "o")
    assert store.head()[0] == count[0]
    assert store.entries(0, 10_000)
    new = SealedCheckpoint(1, bytes(32), bytes(32), 0, "vkey", "note")
    assert store.add(None, new, [(0, 0, [bytes(32)])])
    reader = SealStore(dialect_for(sqlalchemy_address(addresses["reporting"]), None), "o")
    assert reader.last() == new
    assert list(reader.hashes(0, 0, 1)) == [bytes(32)]
    reader.add_cosignature(1, "w", "line")
    assert reader.cosignatures(1) == ["line"]
    for each in (store, reader):
        each.close()


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        *(("sealer", f"SELECT {column} FROM log_events") for column in ("body", "source", "*")),  # noqa: S608
        ("sealer", "SELECT * FROM registry_parked"),
        ("sealer", "SELECT * FROM log_cosignatures"),
        ("sealer", "INSERT INTO log_cosignatures VALUES ('o', 1, 'w', 'l')"),
        ("sealer", "INSERT INTO log_events (position) VALUES (1)"),
        *(
            ("sealer", f"{verb} {table}{rest}")
            for table in ("log_tiles", "log_checkpoints")
            for verb, rest in (
                ("DELETE FROM", ""),
                ("UPDATE", " SET origin = ''"),
                ("TRUNCATE", ""),
            )
        ),
        ("sealer", "CREATE TABLE public.own (id int)"),
        ("reporting", "INSERT INTO log_tiles VALUES ('o', 0, 9, '')"),
        ("reporting", "INSERT INTO log_checkpoints VALUES ('o', 9, '', '', 0, '', '')"),
        ("reporting", "DELETE FROM log_cosignatures"),
        ("reporting", "UPDATE log_cosignatures SET line = ''"),
        ("registry", "SELECT * FROM log_tiles"),
        ("evaluation", "INSERT INTO log_checkpoints VALUES ('o', 9, '', '', 0, '', '')"),
        ("lists", "SELECT * FROM public.log_checkpoints"),
    ],
)
def test_seals_are_made_by_the_sealer_only_and_changed_by_none(
    addresses: dict[str, str], role: str, statement: str
) -> None:
    with (
        psycopg.connect(addresses[role]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(sql.SQL(statement))  # type: ignore[arg-type]
