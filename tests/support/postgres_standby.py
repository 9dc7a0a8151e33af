"""A streaming standby of a test's PostgreSQL: hot, synchronous if wished, promoted by hand."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from services.console.local.redis_server import LOOPBACK
from tests.support.databases import psycopg_address
from tests.support.postgres_binaries import as_unprivileged, reachable_directory
from tests.support.postgres_server import SUPERUSER, PostgresServer
from tests.support.servers import NoServerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STANDBY = "standby"
WAIT_SECONDS = 30.0


@contextmanager
def standby_of(
    primary: PostgresServer, *, name: str = STANDBY, within: Path | None = None
) -> Iterator[PostgresServer]:
    """Run a hot standby that streams from a cluster; it has the same accounts and databases.

    `name` is its application name, which `synchronous` and pg_stat_replication use. It is killed,
    frozen, thawed and restarted as every PostgresServer; raises NoServerError without
    pg_basebackup beside the primary's binaries.
    """
    directory = reachable_directory(within)
    standby = PostgresServer(directory, primary.binaries, password=primary.password)
    try:
        _copy(primary, standby, name)
        standby.start()
        until_streaming(primary, name)
        yield standby
    finally:
        standby.thaw()
        standby.end(signal.SIGQUIT)
        shutil.rmtree(directory, ignore_errors=True)


def synchronous(primary: PostgresServer, names: str = STANDBY) -> None:
    """Let commits wait for standbys, as `synchronous_standby_names` states them; '' for none.

    Returns when the setting has been read and, with names, a standby is synchronous.
    """
    with _admin(primary) as admin:
        statement = sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}")
        admin.execute(statement.format(sql.Literal(names)))
        admin.execute("SELECT pg_reload_conf()")
        wanted = (
            "SELECT current_setting('synchronous_standby_names') = %s AND (%s = '' OR EXISTS "
            "(SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')))"
        )
        _until(admin, wanted, f"synchronous_standby_names is {names!r}", names, names)


def until_streaming(primary: PostgresServer, name: str = STANDBY) -> None:
    """Wait until the primary streams to a standby."""
    wanted = (
        "SELECT EXISTS (SELECT 1 FROM pg_stat_replication "
        "WHERE application_name = %s AND state = 'streaming')"
    )
    with _admin(primary) as admin:
        _until(admin, wanted, f"{name} streams", name)


def until_replayed(primary: PostgresServer, standby: PostgresServer) -> None:
    """Wait until a standby shows everything that the primary has committed until now."""
    with _admin(primary) as admin:
        row = admin.execute("SELECT pg_current_wal_lsn()::text").fetchone()
    assert row is not None
    with _admin(standby) as admin:
        _until(admin, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", f"{row[0]} is there", row[0])


def until_a_commit_waits(primary: PostgresServer) -> None:
    """Wait until a commit on the primary waits for a synchronous standby."""
    wanted = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep')"
    with _admin(primary) as admin:
        _until(admin, wanted, "a commit waits")


def promote(standby: PostgresServer) -> None:
    """Make a standby a primary; returns when it takes writes."""
    with _admin(standby) as admin:
        admin.execute("SELECT pg_promote(wait => false)")
        _until(admin, "SELECT NOT pg_is_in_recovery()", "the standby is promoted")


def _copy(primary: PostgresServer, standby: PostgresServer, name: str) -> None:
    program = primary.binaries / "pg_basebackup"
    if not program.exists():
        raise NoServerError(f"no pg_basebackup beside {primary.binaries / 'postgres'}")
    source = make_conninfo(
        host=LOOPBACK,
        port=primary.port,
        user=SUPERUSER,
        password=primary.password,
        application_name=name,
    )
    done = subprocess.run(
        [
            program,
            *("--dbname", source, "--pgdata", standby.data, "--wal-method", "stream"),
            *("--checkpoint", "fast", "--no-sync", "--write-recovery-conf"),
        ],
        check=False,
        capture_output=True,
        **as_unprivileged(standby.directory),
    )
    if done.returncode:
        raise NoServerError(f"{program}: {done.stderr.decode(errors='replace')}")
    with (standby.data / "postgresql.auto.conf").open("a") as settings:
        # Its own standbys are named by hand, once it is promoted.
        settings.write("synchronous_standby_names = ''\nwal_retrieve_retry_interval = '200ms'\n")


def _admin(server: PostgresServer) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(psycopg_address(server.url), autocommit=True, connect_timeout=5)


def _until(
    admin: psycopg.Connection[tuple[object, ...]], question: str, what: str, *values: object
) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while admin.execute(question.encode(), values).fetchone() != (True,):
        assert time.monotonic() < deadline, f"not within {WAIT_SECONDS:.0f} s: {what}"
        time.sleep(0.02)
