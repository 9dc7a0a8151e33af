"""The disk is full: 503 with Retry-After, nothing half-written, and with room again it goes on."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.faults.databases import PostgresCluster, SqliteFiles, prepared
from tests.faults.final_check import assert_right
from tests.faults.ledger import running
from tests.faults.load import under_load
from tests.faults.recovery import Disturber, Seen, everybody_is_told_to_wait
from tests.faults.small_disks import Room, small_room
from tests.faults.time_limits import until
from tests.support.postgres_server import own_postgres_server

pytestmark = [pytest.mark.slow, pytest.mark.redis, pytest.mark.processes, pytest.mark.timeout(900)]

SEED = 20221231


@pytest.fixture
def room() -> Iterator[Room]:
    """Give a small disk; where the machine permits none, the test fails and says so."""
    with TemporaryDirectory(prefix="dvk-room-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user passes through
        with small_room(Path(folder, "room"), 320) as made:
            yield made


def test_a_full_disk_under_sqlite_refuses_and_goes_on(room: Room, seen: Seen) -> None:
    with running(SqliteFiles(room.folder), room.folder) as ledger, under_load(ledger) as load:
        disturber = Disturber(load, Random(SEED))
        for _ in range(2):
            load.until_more(load.publishers, 5, "the load is under way")
            room.fill()
            everybody_is_told_to_wait(load)
            disturber.measured("full disk", room.free)
        assert_right(load)
        seen(f"SQLite: {disturber.figures()}")
        disturber.assert_back_in_time()


@pytest.mark.postgres
def test_a_full_disk_under_postgresql_refuses_and_goes_on(
    room: Room, tmp_path: Path, seen: Seen
) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(own_postgres_server(within=room.folder))
        cluster: PostgresCluster = prepared(server)
        ledger = stack.enter_context(running(cluster, tmp_path))
        load = stack.enter_context(under_load(ledger))
        disturber = Disturber(load, Random(SEED))
        load.until_more(load.publishers, 5, "the load is under way")
        room.fill()
        everybody_is_told_to_wait(load)
        disturber.measured("full disk", room.free)
        # Now the write-ahead log too: the server falls, and is started again when there is room.
        room.fill()
        until(lambda: _fell(cluster), "the server has fallen for want of room")
        everybody_is_told_to_wait(load)
        room.free()
        disturber.measured("fallen on a full disk", server.restart)
        assert_right(load)
        seen(f"PostgreSQL: {disturber.figures()}")
        disturber.assert_back_in_time()


def _fell(cluster: PostgresCluster) -> bool:
    """Ask for one more file of the write-ahead log; say whether the server is gone by that."""
    try:
        with psycopg.connect(cluster.superuser, autocommit=True, connect_timeout=2) as admin:
            admin.execute("SELECT pg_logical_emit_message(true, 'dvk', repeat('x', 1000))")
            admin.execute("SELECT pg_switch_wal()")
    except psycopg.OperationalError:
        return not cluster.server.runs()
    return False
