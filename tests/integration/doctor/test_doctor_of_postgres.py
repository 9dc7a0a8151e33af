"""`dvk doctor` and a PostgreSQL that forgets, is blocked, is nearly full, or grants too much."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from services.console.doctor import postgres
from services.console.doctor.databases import looking, reader_on
from services.console.doctor.finding import Finding, Level
from services.console.doctor.lock import check_server_lock
from services.console.doctor.log import check_log
from services.console.doctor.run import examined
from shared.clock import system_clock
from shared.database.postgres.address import sqlalchemy_address
from shared.eventlog.dialects import APPEND_LOCK
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.data_centre import address_of, make_roles, prepare
from tests.support.databases import psycopg_address
from tests.support.postgres_server import own_postgres_server

pytestmark = pytest.mark.postgres
TAKE = f"SELECT pg_advisory_xact_lock({APPEND_LOCK})"


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    url = make_database()
    open_log(url, family=Family.REGISTRY).close()
    return url


@contextmanager
def said(url: str, *statements: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Say statements in a session that goes on, each at once."""
    with psycopg.connect(psycopg_address(url), autocommit=True) as session:
        for statement in statements:
            session.execute(statement)  # type: ignore[arg-type]
        yield session


def test_a_database_that_may_forget_a_commit_is_broken(database: str) -> None:
    name = database.rpartition("/")[2]
    with said(database, f"ALTER DATABASE {name} SET synchronous_commit = off"):
        pass
    with looking(database) as connection:
        found = postgres.check_durability(connection)
    assert found.level is Level.BROKEN
    assert "synchronous_commit = off" in found.found.en


def test_looking_can_change_nothing(database: str) -> None:
    with looking(database) as connection:
        found = list(
            check_log(connection, reader_on(database, connection), clock=system_clock, deep=True)
        )
        assert {each.level for each in found} == {Level.WELL}
        with pytest.raises(Exception, match="read-only transaction"):
            connection.exec_driver_sql("CREATE TABLE more (id int)")


def test_looking_at_several_hosts_finds_the_one_that_takes_writes(database: str) -> None:
    parts = urlsplit(database)
    hosts = parts.netloc.replace("@", "@127.0.0.1:1,")
    with looking(sqlalchemy_address(urlunsplit(parts._replace(netloc=hosts)))) as connection:
        assert check_server_lock(connection).level is Level.WELL
        with pytest.raises(Exception, match="read-only transaction"):
            connection.exec_driver_sql("CREATE TABLE more (id int)")


def test_who_holds_the_append_lock_for_long_is_named(database: str) -> None:
    with looking(database) as connection:
        assert check_server_lock(connection).level is Level.WELL
        with said(database, "BEGIN", TAKE) as holder:
            found = check_server_lock(connection, looks=3)
            assert found.level is Level.BROKEN
            assert f"pid {holder.info.backend_pid}" in found.found.en

            def another_turn(_seconds: float) -> None:
                for statement in ("COMMIT", "BEGIN", TAKE):
                    holder.execute(statement)

            assert check_server_lock(connection, pause=another_turn).level is Level.WELL
        assert check_server_lock(connection).level is Level.WELL


def test_a_session_that_sleeps_in_a_transaction_is_named(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "IDLE_SECONDS", 0)
    with said(database, "BEGIN", "SELECT 1") as sleeper, looking(database) as connection:
        found = postgres.check_idle(connection)
        assert found.level is Level.LOOK
        assert f"pid {sleeper.info.backend_pid}" in found.found.en


def test_connections_that_run_out_are_seen(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with looking(database) as connection:
        assert postgres.check_connections(connection).level is Level.WELL
        monkeypatch.setattr(postgres, "NEEDED_CONNECTIONS", 1_000_000)
        assert postgres.check_connections(connection).level is Level.LOOK


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    address = "postgresql://dvk_registry:verysecret@127.0.0.1:9/dvk"
    settings = Settings.from_environment(
        {"DATABASE_URL": address, "REDIS_URL": "redis://127.0.0.1:9"}
    )
    found = list(examined(settings, "http://127.0.0.1:9", clock=system_clock, deep=False))
    assert {each.check: each.level for each in found}["log"] is Level.BROKEN
    assert "verysecret" not in str(found)


@pytest.mark.slow
def test_roles_that_may_more_or_less_than_deploy_says_are_named() -> None:
    with own_postgres_server() as server:
        make_roles(server)
        prepare(server)
        owner, checked = address_of(server, "owner"), address_of(server, "reporting")

        def roles() -> Finding:
            with looking(
                Settings.from_environment({"DATABASE_URL": checked}).log_url
            ) as connection:
                return postgres.check_roles(connection)

        assert roles().level is Level.WELL
        for statement, named in (
            ("GRANT UPDATE ON log_events TO dvk_registry", "dvk_registry: UPDATE log_events"),
            (
                "GRANT INSERT (registry_type) ON log_events TO dvk_evaluation",
                "INSERT registry_type",
            ),
            ("REVOKE INSERT (reporting_type) ON log_events FROM dvk_reporting", "thiếu · missing"),
        ):
            with said(owner, statement):
                assert roles().level is Level.BROKEN
                assert named in roles().found.en
        with said(server.url, "ALTER ROLE dvk_registry SUPERUSER"):
            assert "SUPERUSER" in roles().found.en
