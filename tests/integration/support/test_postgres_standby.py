"""The standby that tests use: it shows what is committed, waits as told, and is promoted."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.databases import psycopg_address
from tests.support.postgres_server import PostgresServer, own_postgres_server
from tests.support.postgres_standby import (
    promote,
    standby_of,
    synchronous,
    until_a_commit_waits,
    until_replayed,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    """Give a cluster with a table of one number."""
    with own_postgres_server() as server:
        _execute(server, "CREATE TABLE kept (number int)")
        yield server


def test_a_standby_shows_what_is_committed_refuses_writes_and_takes_them_once_promoted(
    primary: PostgresServer,
) -> None:
    with standby_of(primary) as standby:
        synchronous(primary)
        _execute(primary, "INSERT INTO kept VALUES (7)")
        until_replayed(primary, standby)
        assert _numbers(standby) == [7]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            _execute(standby, "INSERT INTO kept VALUES (8)")
        standby.freeze()
        with psycopg.connect(psycopg_address(primary.url), autocommit=True) as writer:
            writer.pgconn.send_query(b"INSERT INTO kept VALUES (9)")
            until_a_commit_waits(primary)
            standby.thaw()
            result = writer.pgconn.get_result()
            assert result is not None
            assert result.command_tuples == 1
            assert writer.pgconn.get_result() is None
        primary.kill()
        promote(standby)
        _execute(standby, "INSERT INTO kept VALUES (10)")
        assert _numbers(standby) == [7, 9, 10]


def _execute(server: PostgresServer, *statements: str) -> None:
    with psycopg.connect(psycopg_address(server.url), autocommit=True) as opened:
        for statement in statements:
            opened.execute(statement.encode())


def _numbers(server: PostgresServer) -> list[int]:
    with psycopg.connect(psycopg_address(server.url)) as opened:
        return [number for (number,) in opened.execute("SELECT number FROM kept").fetchall()]
