"""pgBackRest with deploy/pgbackrest: a full backup, the log after it, and a moment restored.

The steps are those of docs/operations.md, "Backups with every moment".
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.e2e.dvk_command import dvk, environment
from tests.faults.databases import PostgresCluster, prepared
from tests.faults.independent_checker import faults_of_the_log
from tests.faults.ledger import Ledger, running
from tests.faults.load import publish
from tests.faults.recovery import Seen
from tests.faults.scripts import Event, registering, the_map
from tests.faults.time_limits import until
from tests.support.postgres_binaries import as_unprivileged, give_away
from tests.support.postgres_server import SUPERUSER, PostgresServer, own_postgres_server

pytestmark = [
    *(pytest.mark.slow, pytest.mark.postgres, pytest.mark.redis, pytest.mark.processes),
    pytest.mark.timeout(600),
]

CONFIGURATION = Path(__file__).resolve().parents[3] / "deploy/pgbackrest/pgbackrest.conf"
LIVES = 50


class Backups:
    """pgBackRest as the user of the server runs it, with places of the test."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        places = {
            name: server.directory / name for name in ("repository", "logs", "locks", "spool")
        }
        for place in places.values():
            place.mkdir()
            give_away(place)
        self.places = {
            "PGBACKREST_CONFIG": str(CONFIGURATION),
            "PGBACKREST_REPO1_PATH": str(places["repository"]),
            "PGBACKREST_REPO1_CIPHER_PASS": "of-this-test",
            "PGBACKREST_LOG_PATH": str(places["logs"]),
            "PGBACKREST_SPOOL_PATH": str(places["spool"]),
            "PGBACKREST_LOCK_PATH": str(places["locks"]),
            "PGBACKREST_PG1_PATH": str(server.data),
            "PGBACKREST_PG1_PORT": str(server.port),
            "PGBACKREST_PG1_USER": SUPERUSER,
            "PGBACKREST_PG1_SOCKET_PATH": str(server.directory),
            "PGPASSWORD": server.password,
        }

    def archived(self) -> None:
        """Let the server archive its write-ahead log from its next start on."""
        self.server.settings |= {
            "archive_mode": "on",
            "archive_command": self.within_server("archive-push %p"),
            "unix_socket_directories": str(self.server.directory),
        }
        self.server.stop()
        self.server.start()

    def within_server(self, command: str) -> str:
        """Return a command for the server, whose environment has no places."""
        stated = " ".join(f"{name}={value}" for name, value in self.places.items())
        return f"env {stated} pgbackrest --stanza=dvk {command}"

    def restore(self, moment: str) -> None:
        """Put the files of a moment in the place of those of the stopped server."""
        command = self.within_server('archive-get %f "%p"')
        self.run(
            *("--delta", "--type=time", f"--target={moment}", "--target-action=promote"),
            *(f"--recovery-option=restore_command={command}", "restore"),
        )

    def run(self, *arguments: str) -> str:
        """Run a command to its end; one that fails is an error with what it said."""
        options = as_unprivileged(self.server.directory)
        options["env"] = {**options["env"], **self.places}
        done = subprocess.run(
            ["pgbackrest", "--stanza=dvk", *arguments],
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def backups() -> Iterator[Backups]:
    """Give a server of its own that archives its log by pgBackRest."""
    if shutil.which("pgbackrest") is None:
        pytest.skip("backups are not tested: apt-get install pgbackrest")
    with own_postgres_server() as server:
        made = Backups(server)
        made.archived()
        yield made


def test_a_moment_is_restored_and_services_that_are_ahead_of_it_say_so(
    backups: Backups, tmp_path: Path, seen: Seen
) -> None:
    cluster = prepared(backups.server)
    with running(cluster, tmp_path) as ledger:
        publish(ledger["registry"], the_map())
        backups.run("stanza-create")
        backups.run("--type=full", "backup")
        publish(ledger["registry"], _lives(0))
        kept = cluster.log()
        moment = _asked(cluster, "SELECT now()::text")
        publish(ledger["registry"], _lives(LIVES))
        lost = len(cluster.log()) - len(kept)
        _asked(cluster, "SELECT pg_switch_wal()::text")
        backups.run("check")

        backups.server.stop()
        backups.restore(moment)
        backups.server.start()
        until(
            lambda: _asked(cluster, "SELECT pg_is_in_recovery()::text") == "false", "it is restored"
        )

        assert cluster.log() == kept
        assert faults_of_the_log(kept) == []
        for name in ("registry", "evaluation"):
            until(lambda name=name: _reason(ledger, name) == "log_restored", f"{name} says so")
        for service in ledger.services.values():
            service.end()
            service.start()
        ledger.until_ready()
        again = publish(ledger["registry"], _lives(LIVES))
        assert [each.status for each in again] == ["accepted"] * len(again)
        assert len(cluster.log()) == len(kept) + lost
        assert faults_of_the_log(cluster.log()) == []
        assert _doctor(ledger, cluster) == {"log", "schema", "positions", "chain", "same_log"}
    seen(f"pgBackRest: {len(kept)} events restored to the moment, {lost} after it sent again")


def _lives(after: int) -> list[Event]:
    return [
        event for life in range(after, after + LIVES) for event in registering("backed-up", life)
    ]


def _asked(cluster: PostgresCluster, question: str) -> str:
    with psycopg.connect(cluster.superuser, autocommit=True) as opened:
        row = opened.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def _reason(ledger: Ledger, name: str) -> str | None:
    answer = ledger[name].get("/readyz")
    checks = answer.json().get("checks", {})
    return str(checks.get("decisions", {}).get("reason", "")).partition(":")[0] or None


def _doctor(ledger: Ledger, cluster: PostgresCluster) -> set[str]:
    """Return which checks of the log are well."""
    env = environment(ledger.home, ledger.port, **cluster.of("reporting"))
    found: dict[str, Any] = json.loads(dvk("doctor", "--deep", "--json", env=env).stdout)
    wanted = {"log", "schema", "positions", "chain", "same_log"}
    return {each["check"] for each in found["checks"] if each["level"] == "well"} & wanted
