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


def test_of_two_processes_of_each_service_either_goes_on_when_the_other_is_killed(
    ledger: Addresses, server: PostgresServer, redis_url: str, tmp_path: Path
) -> None:
    """The profile `ha` adds the second ones; both append to one log, and answer byte for byte alike."""
    port = free_ports()
    second = on_ports("127.0.0.1", port)
    names = ("registry-2", "evaluation-2", "reporting-2")
    with services(server, redis_url, port, tmp_path, names) as processes:
        for _, address in second.named():
            _until(lambda address=address: ASKING.get(f"{address}/readyz").status_code == 200)
        event = cloudevent("ModelRegistered", registration("2"))
        first_answer, other_answer = _post(ledger.registry, event), _post(second.registry, event)
        assert first_answer["status"] == "accepted"
        assert other_answer["status"] == "duplicate"
        assert other_answer["position"] == first_answer["position"]
        # Decided by the other evaluation, from the log alone.
        recognized = _post(second.evaluation, cloudevent("ModelRecognized", recognition("2")))
        assert recognized["position"] == first_answer["position"] + 1
        for each in (ledger, second):
            _until(lambda each=each: _summary_with(each.reporting, "recognized", 2))
        asked = f"summaries/national?year=2022&by=unit&known_at={recognized['position']}"
        answers = {ASKING.get(f"{each.reporting}/{asked}").content for each in (ledger, second)}
        assert len(answers) == 1

        processes["registry-2"].kill()
        processes["reporting-2"].kill()
        after = _post(ledger.registry, cloudevent("ModelRegistered", registration("3")))
        assert after["position"] == recognized["position"] + 1
        _until(lambda: _summary_with(ledger.reporting, "registered", 3), "it is counted")
    log = ASKING.get(f"{ledger.reporting}/completeness").json()["log"]
    assert log == {"head": after["position"], "events": after["position"]}


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
