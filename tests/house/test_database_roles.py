"""The database itself keeps the log: roles and grants of deploy/postgres on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

from services.lists.persons.erasure import ErasureRequest, Erasures
from services.lists.persons.look_ups import LookUps
from services.lists.persons.tables import METADATA
from services.lists.persons.vault import PersonVault, new_reference
from services.lists.uploads.checked_rows import CheckedRow, RowState
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.store import DeskStore
from services.lists.uploads.upload import Upload, UploadStage
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.eventlog.dialects import dialect_for
from shared.eventlog.migrations import migrate
from shared.eventlog.protocol import OriginChains, OriginHead
from shared.eventlog.seal_store import SealedCheckpoint, SealStore
from shared.eventlog.sql import SqlEventLog
from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Sessions
from shared.vocabulary import ErasureGround, Family
from tests.support.data_centre import address_of, make_roles, prepare
from tests.support.databases import sqlalchemy_address
from tests.support.postgres_server import own_postgres_server

pytestmark = pytest.mark.postgres

FAMILY_TYPES = {
    "registry": "dvk.UnitOpened.v1",
    "evaluation": "dvk.ModelRecognized.v1",
    "reporting": "dvk.FigureAsserted.v1",
}
PRIVATE = ("sealed_uploads", "sealed_rows", *(table.name for table in METADATA.sorted_tables))
OTHERS = [(role, other) for role in FAMILY_TYPES for other in FAMILY_TYPES if role != other]


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """Make a server as deploy/ says, prepared twice as by two releases; give each role's address."""
    with own_postgres_server() as server:
        make_roles(server)
        prepare(server)
        prepare(server)
        yield {
            role: address_of(server, role) for role in (*FAMILY_TYPES, "lists", "sealer", "people")
        }


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


def test_the_list_desk_keeps_its_state_in_a_schema_that_no_other_service_reads(
    addresses: dict[str, str], tmp_path: Path
) -> None:
    key = key_of(tmp_path / "lists.key")
    store = DeskStore(sqlalchemy_address(addresses["lists"]), key)
    vault = PersonVault(store, key)
    reference = new_reference()
    for number, name in enumerate(("Lò Thị Hòa", "Lò Thị Hoà"), start=1):
        persons = vault.of_unit("x-1")
        persons.keep(reference, ("row", number), name, ("name", "x-1"))
        persons.write()
    persons = vault.of_unit("x-1")
    assert persons.known_by("row", 2) == persons.known_by("name", "x-1") == [reference]
    assert vault.names([reference]) == {reference: "Lò Thị Hoà"}
    old, new = (
        Upload(str(at), "registrations", "x-1", "Xã Một", 2022, "a.xlsx", "", at) for at in (1, 2)
    )
    store.add(old, b"a workbook")
    store.keep_rows("1", [CheckedRow(7, RowState.NEW, person=reference)])
    store.change(old, stage=UploadStage.SENT)
    assert store.content("1") == b"a workbook"
    assert [row.person for _, row in store.recorded_before(new)] == [reference]
    look_ups = LookUps(vault, system_clock)
    assert look_ups.name(reference, "o-1", "Hồ sơ số 12", lambda _: True).name == "Lò Thị Hoà"
    request = ErasureRequest(ErasureGround.REQUEST, date(2026, 3, 2))
    Erasures(vault, system_clock).erase(reference, request, "o-1")
    assert vault.names([reference]) == {}
    assert [each.reason for each in look_ups.latest(9)] == [None]
    DeskStore(sqlalchemy_address(addresses["lists"]), key).close()
    store.close()

    with psycopg.connect(addresses["lists"]) as connection:
        query = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = ANY(%s)"
        assert connection.execute(query, [list(PRIVATE)]).fetchall() == [("dvk_lists",)]
    for role in FAMILY_TYPES:
        for table in PRIVATE:
            with (
                psycopg.connect(addresses[role]) as connection,
                pytest.raises(errors.InsufficientPrivilege),
            ):
                connection.execute(
                    sql.SQL("SELECT * FROM dvk_lists.{}").format(sql.Identifier(table))
                )


def test_accounts_and_sessions_are_in_a_schema_that_only_their_role_reads(
    addresses: dict[str, str],
) -> None:
    database = PeopleDatabase(sqlalchemy_address(addresses["people"]))
    accounts, sessions = Accounts(database), Sessions(database)
    accounts.add("lan")
    accounts.set_password(accounts.link("lan"), "một câu dài để nhớ", "một câu dài để nhớ")
    with pytest.raises(LedgerError, match="wrong_password"):
        accounts.verified("lan", "một câu khác hẳn")
    lan = accounts.verified("lan", "một câu dài để nhớ")
    token = sessions.begin(lan.officer_ref, lan.user_name)
    assert sessions.find(token)
    assert sessions.end_all(lan.officer_ref) == 1
    assert sessions.find(token) is None
    accounts.remove("lan")
    database.close()
    for role in (*FAMILY_TYPES, "lists"):
        with (
            psycopg.connect(addresses[role]) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT * FROM dvk_people.people_sessions")
    with (
        psycopg.connect(addresses["people"]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT body FROM public.log_events")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT body FROM public.log_events",
        "SELECT * FROM public.registry_parked",
        "INSERT INTO public.log_events (position) VALUES (1)",
        "CREATE TABLE dvk_reporting.own (id int)",
        "CREATE TABLE public.own (id int)",
    ],
)
def test_the_list_desk_has_no_right_to_the_log_or_to_read_models(
    addresses: dict[str, str], statement: str
) -> None:
    with (
        psycopg.connect(addresses["lists"]) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
