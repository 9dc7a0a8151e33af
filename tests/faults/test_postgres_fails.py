"""The database stops, has no connection left, becomes read-only: 503, and it goes on by itself."""

import signal
from contextlib import ExitStack, suppress
from typing import Any

import psycopg
import pytest

from tests.faults.databases import PostgresCluster
from tests.faults.ledger import Ledger
from tests.faults.recovery import Seen, disturbed, everybody_is_told_to_wait
from tests.faults.time_limits import until

pytestmark = [
    *(pytest.mark.slow, pytest.mark.postgres, pytest.mark.redis, pytest.mark.processes),
    pytest.mark.timeout(900),
]

SEED = 20250701


@pytest.fixture
def cluster(postgres_ledger: Ledger) -> PostgresCluster:
    """Give the cluster under the ledger."""
    assert isinstance(postgres_ledger.database, PostgresCluster)
    return postgres_ledger.database


def test_an_immediate_stop_is_503_until_the_database_is_back(
    postgres_ledger: Ledger, cluster: PostgresCluster, seen: Seen
) -> None:
    with disturbed(postgres_ledger, SEED, seen) as disturber:
        cluster.server.end(signal.SIGQUIT)
        everybody_is_told_to_wait(disturber.load)
        disturber.measured("immediate stop", cluster.server.start)


def test_a_database_without_a_connection_left_is_503_and_goes_on(
    postgres_ledger: Ledger, cluster: PostgresCluster, seen: Seen
) -> None:
    with disturbed(postgres_ledger, SEED, seen) as disturber, ExitStack() as taken:
        admin = taken.enter_context(psycopg.connect(cluster.superuser, autocommit=True))
        others: list[psycopg.Connection[Any]] = []

        def nobody_else_comes_in() -> bool:
            """Take what the services leave, and cut them off, until everything is taken."""
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename IN ('dvk_registry', 'dvk_evaluation', 'dvk_reporting')"
            )
            with suppress(psycopg.OperationalError):
                while True:
                    others.append(taken.enter_context(psycopg.connect(cluster.superuser)))
            left = admin.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'dvk\\__%'"
            ).fetchone()
            return left == (0,)

        until(nobody_else_comes_in, "every connection is taken")
        everybody_is_told_to_wait(disturber.load)

        def give_back() -> None:
            for each in others:
                each.close()

        disturber.measured("no connections", give_back)


def test_a_database_that_has_become_read_only_is_503_and_goes_on(
    postgres_ledger: Ledger, cluster: PostgresCluster, seen: Seen
) -> None:
    """So managed databases behave when their disk is nearly full, and a standby before a switch."""
    with disturbed(postgres_ledger, SEED, seen) as disturber:

        def read_only(how: str) -> None:
            with psycopg.connect(cluster.superuser, autocommit=True) as admin:
                admin.execute(f"ALTER SYSTEM SET default_transaction_read_only = {how}".encode())
                admin.execute("SELECT pg_reload_conf()")

        read_only("on")
        everybody_is_told_to_wait(disturber.load)

        def writable() -> None:
            with psycopg.connect(cluster.superuser, autocommit=True) as admin:
                admin.execute("SET default_transaction_read_only = off")
                admin.execute("ALTER SYSTEM SET default_transaction_read_only = off")
                admin.execute("SELECT pg_reload_conf()")

        disturber.measured("read-only", writable)
