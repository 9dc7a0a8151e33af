"""The alarm about followers fires when a real standby replays no more, and ends when it does again."""

from collections.abc import Callable
from contextlib import closing

import httpx
import psycopg
import pytest

from services.console.doctor.databases import looking
from services.console.doctor.finding import Finding, Level
from services.console.doctor.postgres import check_replica
from services.console.doctor.services import check_counts
from shared.database.postgres.replica import Replica
from shared.readmodel.followed_server import FollowedServer
from shared.readmodel.store import Store
from shared.telemetry.metrics import Metrics
from tests.support.databases import psycopg_address
from tests.support.postgres_server import PostgresServer, own_postgres_server
from tests.support.postgres_standby import standby_of, until_replayed
from tests.support.prometheus import Prometheus, page_of

pytestmark = pytest.mark.postgres


def on(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(psycopg_address(server.url), autocommit=True) as admin:
        admin.execute(statement.encode())


def doctor_of(server: PostgresServer) -> list[Finding]:
    with looking(server.url) as connection:
        return list(check_replica(connection))


def until_doctor_says(server: PostgresServer, words: str) -> Finding:
    while words not in (found := doctor_of(server)[0]).found.en:
        pass  # the test's own limit of time ends a wait that is in vain
    return found


def counts_of(page: Callable[[], str]) -> list[Finding]:
    """Return what the doctor finds in the metrics of a service."""
    answers = httpx.MockTransport(lambda _: httpx.Response(200, text=page()))
    with httpx.Client(transport=answers) as client:
        return list(check_counts(client, "reporting", "http://test"))


def test_a_standby_that_replays_no_more_is_behind_until_it_does_again() -> None:
    metrics = Metrics()
    page = page_of(metrics.registry)
    prometheus = Prometheus(follower=page)
    with (
        own_postgres_server() as primary,
        standby_of(primary) as standby,
        closing(Store(standby.url, reads_only=True)) as store,
    ):
        shows = FollowedServer(store.engine).show
        replica = Replica(store.reading, prometheus.microseconds, most_seconds=60, shows=shows)

        def behind() -> float:
            replica.look()
            return replica.behind_seconds

        metrics.ask(replica_behind=behind)
        until_replayed(primary, standby)
        assert until_doctor_says(standby, "has replayed all").level is Level.WELL
        assert doctor_of(primary) == []
        assert prometheus.watch(300).firing("FollowerBehind") == []
        assert counts_of(page) == []

        on(standby, "SELECT pg_wal_replay_pause()")
        on(primary, "CREATE TABLE written AS SELECT 1 AS number")
        found = until_doctor_says(standby, "its replay is paused")
        assert found.level is Level.LOOK
        assert "pg_wal_replay_resume" in str(found.do[-1])
        while not _lacks(standby):
            pass  # the test's own limit of time ends a wait that is in vain
        assert prometheus.watch(60).firing("FollowerBehind") == []
        (fired,) = prometheus.watch(90).firing("FollowerBehind")
        assert fired["service"] == "follower"
        (row,) = counts_of(page)
        assert (row.check, row.level) == ("reporting.replica", Level.LOOK)

        on(standby, "SELECT pg_wal_replay_resume()")
        until_replayed(primary, standby)
        assert prometheus.watch(30).firing("FollowerBehind") == []

        on(standby, "ALTER SYSTEM SET primary_conninfo = ''")
        on(standby, "SELECT pg_reload_conf()")
        until_doctor_says(standby, "no connection to the primary")
        assert len(prometheus.watch(150).firing("FollowerBehind")) == 1


def _lacks(standby: PostgresServer) -> bool:
    """Return whether a standby has received what it has not replayed."""
    with psycopg.connect(psycopg_address(standby.url), autocommit=True) as admin:
        found = admin.execute("SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()")
        return found.fetchone() == (True,)
