"""The commands of docker-compose.yml as plain processes, on a PostgreSQL with roles and a Redis."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from services.console.main import app
from shared.client.addresses import Addresses, is_loopback, on_ports
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.web.publishing.trust_pin import require_pinned_trust
from tests.e2e.dvk_command import free_ports
from tests.support.asking import ASKING
from tests.support.cloudevents import COUNTRY, cloudevent, recognition, registration
from tests.support.data_centre import (
    address_of,
    environment_of,
    make_roles,
    prepare,
    services,
)
from tests.support.postgres_server import PostgresServer, own_postgres_server
from tests.support.trusted import REALM, key_of

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.processes]

PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with own_postgres_server() as started:
        make_roles(started)
        prepare(started)
        yield started


@pytest.fixture(scope="module")
def ledger(
    server: PostgresServer, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Addresses]:
    """Run the three services, each signed in as its own role, until all are ready."""
    logs = tmp_path_factory.mktemp("data-centre")
    port = free_ports()
    addresses = on_ports("127.0.0.1", port)
    with services(server, redis_url, port, logs) as processes:
        for name, address in addresses.named():

            def ready(name: str = name, address: str = address) -> bool:
                assert processes[name].poll() is None, (logs / f"{name}.log").read_text("utf-8")
                return ASKING.get(f"{address}/readyz").status_code == 200

            _until(ready)
        yield addresses


def test_an_event_of_each_service_reaches_the_national_summary(ledger: Addresses) -> None:
    opened = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
    registered = cloudevent("ModelRegistered", registration("1"))
    recognized = cloudevent("ModelRecognized", recognition("1"))
    for address, event in (
        (ledger.registry, opened),
        (ledger.registry, registered),
        (ledger.evaluation, recognized),
    ):
        answer = _post(address, event)
        assert answer["status"] == "accepted", answer
    summary = _until(
        lambda: _summary_with(ledger.reporting, "recognized", 1), "the recognition is counted"
    )
    assert summary["measures"]["registered"] == 1
    complete = ASKING.get(f"{ledger.reporting}/completeness").json()
    assert complete["log"] == {"head": 3, "events": 3}


def test_the_services_signed_in_as_three_roles(ledger: Addresses, server: PostgresServer) -> None:
    with psycopg.connect(address_of(server, "owner")) as connection:
        found = connection.execute("SELECT DISTINCT usename FROM pg_stat_activity").fetchall()
    assert {"dvk_registry", "dvk_evaluation", "dvk_reporting"} <= {role for (role,) in found}


def test_the_first_steps_of_the_runbook_work_in_the_container_of_the_registry(
    ledger: Addresses, server: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """Trust begins and programs get their tokens, by the roles of PostgreSQL that the service has."""
    environment = {**environment_of("registry", server, redis_url), "DVK_HOME": str(tmp_path)}

    def dvk(*words: str) -> str:
        done = CliRunner().invoke(app, words, env=environment)
        assert done.exit_code == 0, done.output
        return done.output

    token = dvk("account", "token", "prometheus", "--add").split()[-1]
    bearing = {"Authorization": f"Bearer {token}"}
    metrics = f"{ledger.registry}/metrics"
    assert ASKING.get(metrics).status_code == 401
    assert ASKING.get(metrics, headers=bearing).status_code == 403
    key_of("root-1").save(tmp_path / "root-1.key")
    root = f"root-1={tmp_path / 'root-1.key'}"
    pinned = dvk("trust", "begin", "--realm", REALM, "--root", root)
    found = re.search(r"DVK_TRUST=([0-9a-f]{64})", pinned)
    assert found is not None
    by = ("--as", "root-1", "--key", str(tmp_path / "root-1.key"), "--realm", REALM)
    dvk("account", "grant", "prometheus", "operator", "vn", *by, "--address", ledger.reporting)
    assert ASKING.get(metrics, headers=bearing).status_code == 200
    # Beyond loopback, as in its container, the registry starts on this log with its pin only.
    with closing(open_log(Settings.from_environment(environment).log_url, family=None)) as log:
        settings = Settings.from_environment(environment)
        assert not is_loopback(settings.host)
        with pytest.raises(SystemExit, match=found[1]):
            require_pinned_trust(settings, log)
        require_pinned_trust(replace(settings, trust=found[1]), log)


def _post(address: str, event: dict[str, Any]) -> dict[str, Any]:
    headers = {"Content-Type": "application/cloudevents+json"}
    answer: dict[str, Any] = ASKING.post(f"{address}/events", json=event, headers=headers).json()
    return answer


def _summary_with(reporting: str, measure: str, figure: int) -> dict[str, Any] | None:
    answer = ASKING.get(f"{reporting}/summaries/national", params={"year": 2022})
    answer.raise_for_status()
    summary: dict[str, Any] = answer.json()
    return summary if summary["measures"][measure] == figure else None


def _until(ask: Callable[[], Any], what: str = "the service is ready") -> Any:
    """Ask again until there is an answer; a service that does not listen yet is asked again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if found := ask():
                return found
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(f"waited {PATIENCE_SECONDS} s in vain until {what}")
