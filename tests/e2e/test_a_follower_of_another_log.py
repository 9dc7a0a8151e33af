"""A follower whose standby has another history than it had shown begins anew by itself."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from tests.e2e.dvk_command import free_ports
from tests.e2e.test_services_as_processes import Running, running, until
from tests.support.cloudevents import cloudevent, registration
from tests.support.databases import psycopg_address
from tests.support.postgres_server import PostgresServer, own_postgres_server
from tests.support.postgres_standby import promote, standby_of, until_replayed
from tests.support.small_ledger import REGISTERED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.processes,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(300),  # seven processes start, on a machine that others use
]
LAND = [each for each in REGISTERED if each[0] in {"UnitOpened", "TaxonomyPublished"}]
BATCH = "application/cloudevents-batch+json"
FIGURES = "/summaries/national?year=2022&by=unit"


def test_after_a_failover_that_lost_events_it_reads_the_other_history(tmp_path: Path) -> None:
    with (
        own_postgres_server() as primary,
        standby_of(primary, name="one") as one,
        standby_of(primary, name="two") as two,
    ):
        both = two.url.replace(f":{two.port}", f":{one.port},127.0.0.1:{two.port}")
        port = free_ports()
        with (
            running("registry", tmp_path / "r", port, DATABASE_URL=primary.url) as registry,
            running("reporting", tmp_path / "f", port, DATABASE_URL=primary.url) as folding,
        ):
            _publish(registry, *(cloudevent(*each) for each in LAND))
            until_replayed(primary, two)
            _cut(two)
            lost = _publish(registry, *_registrations("n1", "n2", "n3"))
            until(lambda: _registered(folding) == 3, "they are folded")
            until_replayed(primary, one)
        own = running("reporting", tmp_path / "o", free_ports(), DATABASE_URL=both, DVK_FOLLOW="1")
        with own as follower:
            assert _registered(follower) == 3
            primary.end(signal.SIGQUIT)
            one.end(signal.SIGQUIT)
            promote(two)
            port = free_ports()
            with (
                running("registry", tmp_path / "r", port, DATABASE_URL=two.url) as registry,
                running("reporting", tmp_path / "f", port, DATABASE_URL=two.url) as folding,
            ):
                head = _publish(registry, *_registrations("x1", "x2", "x3", "x4", "x5"))
                assert head > lost
                until(lambda: _registered(follower) == 5, "it reads the other history")
                asked = f"{FIGURES}&known_at={lost}"
                assert follower.ask(asked) == folding.ask(asked)
                assert follower.ask("/readyz")[0] == 200
            assert follower.process.poll() is None, "it is the same process"
            assert follower.words.read_text("utf-8").count("this process starts again") == 1


def _publish(registry: Running, *events: object) -> int:
    status, answer = registry.publish(events, BATCH)
    assert {item["status"] for item in answer["items"]} == {"accepted"}, (status, answer)
    return int(answer["items"][-1]["position"])


def _registrations(*numbers: str) -> list[dict[str, object]]:
    return [cloudevent("ModelRegistered", registration(each, "x-1")) for each in numbers]


def _registered(follower: Running) -> int | None:
    """Return the figure, None while the follower has none or starts again."""
    try:
        status, answer = follower.ask(FIGURES)
    except httpx.TransportError:
        return None
    return int(answer["measures"]["registered"]) if status == 200 else None


def _cut(standby: PostgresServer) -> None:
    """Let a standby receive no more."""
    with psycopg.connect(psycopg_address(standby.url), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET primary_conninfo = ''")
        admin.execute("SELECT pg_reload_conf()")
        while admin.execute("SELECT 1 FROM pg_stat_wal_receiver").fetchone():
            pass  # the test's own limit of time ends a wait that is in vain
