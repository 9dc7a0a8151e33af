"""The log is restored to an older state: it is noticed, and the documented way leads out of it.

The steps are those of docs/operations.md, "Back up and restore".
"""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.databases import Database, PostgresCluster, SqliteFiles, postgres_cluster
from tests.faults.final_check import assert_right, wrong_of
from tests.faults.ledger import NAMES, Ledger, running
from tests.faults.load import Load, publish, under_load, until_at_rest
from tests.faults.publishers import Answer
from tests.faults.scripts import Event, registering
from tests.faults.time_limits import until

pytestmark = [pytest.mark.slow, pytest.mark.redis, pytest.mark.processes, pytest.mark.timeout(900)]

SOME = 12


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger of its own: what a restore does to it, no other test should meet."""
    with ExitStack() as stack:
        database: Database = SqliteFiles(tmp_path)
        if request.param == "postgres":
            database = stack.enter_context(postgres_cluster())
        yield stack.enter_context(running(database, tmp_path))


def filled(ledger: Ledger) -> None:
    """Publish for a while, until all is at rest and right."""
    with under_load(ledger) as load:
        load.until_more(load.publishers, SOME, "something is published")
        assert_right(load)


def back_up(database: Database, copy: Path) -> None:
    """Copy the log as the documents say, while the services run."""
    if isinstance(database, SqliteFiles):
        _sqlite(database.home / "log.db", f".backup {copy}")
    elif isinstance(database, PostgresCluster):
        _postgres(database, "pg_dump", "--format=custom", "--exclude-schema=dvk_reporting",
                  f"--file={copy}", f"--dbname={database.superuser}")  # fmt: skip


def restore(database: Database, copy: Path) -> None:
    """Set the log back as the documents say."""
    if isinstance(database, SqliteFiles):
        _sqlite(database.home / "log.db", f".restore {copy}")
    elif isinstance(database, PostgresCluster):
        _postgres(database, "pg_restore", "--clean", "--if-exists", "--single-transaction",
                  f"--dbname={database.superuser}", str(copy))  # fmt: skip


def remove_read_models(database: Database) -> None:
    """Remove the read models as the documents say."""
    if isinstance(database, SqliteFiles):
        for file in database.home.glob("reporting.db*"):
            file.unlink()
    elif isinstance(database, PostgresCluster):
        with psycopg.connect(database.superuser, autocommit=True) as admin:
            admin.execute("DROP SCHEMA dvk_reporting CASCADE")
            admin.execute("CREATE SCHEMA dvk_reporting AUTHORIZATION dvk_reporting")


def _sqlite(file: Path, command: str) -> None:
    """Do what the program sqlite3 does, with it where there is one."""
    program = shutil.which("sqlite3")
    if program:
        subprocess.run([program, str(file), command], check=True, capture_output=True, timeout=60)
        return
    verb, copy = command.split(" ", 1)
    with closing(sqlite3.connect(file)) as log, closing(sqlite3.connect(copy)) as other:
        (log if verb == ".backup" else other).backup(other if verb == ".backup" else log)


def _postgres(cluster: PostgresCluster, program: str, *arguments: str) -> None:
    command = [str(cluster.server.binaries / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def a_new_event(name: str) -> Event:
    """Return an event that nobody has published yet."""
    return next(registering(name, 1))


def problem_of(ledger: Ledger, service: str, event: Event) -> tuple[int, str, bool]:
    """Publish an event; return the status, the code of the problem and whether to come again."""
    answer = ledger[service].post("/events", event, "application/cloudevents+json")
    return answer.status_code, answer.json()["code"], int(answer.headers.get("retry-after", 0)) > 0


def failing(ledger: Ledger, service: str) -> dict[str, str]:
    """Return which checks of a service fail, with their reasons, while it is not ready."""
    answer = ledger[service].get("/readyz")
    checks: dict[str, Any] = answer.json()["checks"]
    assert answer.status_code == (503 if any(not c["ok"] for c in checks.values()) else 200)
    return {name: check["reason"] for name, check in checks.items() if not check["ok"]}


def lost(ledger: Ledger) -> list[Answer]:
    """Return the answers that are no longer true, as their publishers see it over HTTP."""
    stands: dict[tuple[str, str], tuple[int, str]] = {}
    page: list[dict[str, Any]] = []
    while page := ledger["registry"].get("/events", after=len(stands), limit=1000).json():
        for event in page:
            place = (int(event["sequence"]), event["chain"])
            stands[event["source"], event["id"]] = place
    return [
        answer
        for answer in ledger.told
        if stands.get((answer.event["source"], answer.event["id"]))
        != (answer.position, answer.chain)
    ]


def events_of(ledger: Ledger) -> dict[tuple[str, str], Answer]:
    """Return by (source, id) what was told last of each event, in the order of publishing."""
    return {(answer.event["source"], answer.event["id"]): answer for answer in ledger.told}


def service_of(answer: Answer) -> str:
    """Return which service an event of these lives goes to."""
    publisher = answer.event["source"].removeprefix("/publishers/").partition("-")[0]
    return {"on": "evaluation", "claims": "reporting"}.get(publisher, "registry")


def sent_again(ledger: Ledger) -> None:
    """Let every publisher send again all it ever sent, in its old order."""
    before = events_of(ledger)
    gone = {(answer.event["source"], answer.event["id"]) for answer in lost(ledger)}
    told: list[Answer] = []
    for service in NAMES:
        events = [answer.event for answer in before.values() if service_of(answer) == service]
        for start in range(0, len(events), 500):
            told += publish(ledger[service], events[start : start + 500])
    for answer in told:
        key = (answer.event["source"], answer.event["id"])
        old = before[key]
        same = (answer.status, answer.position, answer.chain)
        assert key in gone or same == ("duplicate", old.position, old.chain)
    ledger.told = told


def test_a_restore_under_running_services_is_noticed_by_each(
    ledger: Ledger, tmp_path: Path
) -> None:
    filled(ledger)
    back_up(ledger.database, tmp_path / "copy")
    held = len(events_of(ledger))
    filled(ledger)
    restore(ledger.database, tmp_path / "copy")
    assert len(ledger.database.log()) == held
    for service in NAMES:
        event = a_new_event("late")
        if service == "registry":
            assert problem_of(ledger, service, event) == (503, "log_restored", True)
        until(lambda: failing(ledger, service), f"{service} notices")  # noqa: B023  at once
        assert "log_restored" in failing(ledger, service)["decisions"]
    until(lambda: "read_models" in failing(ledger, "reporting"), "reporting notices")
    assert "read_models_of_other_log" in failing(ledger, "reporting")["read_models"]
    for path in ("/summaries/national?year=2022", "/completeness", "/registrations?year=2022"):
        answer = ledger["reporting"].get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "read_models_of_other_log")
    assert len(ledger.database.log()) == held, "something was appended behind the restored log"
    gone = lost(ledger)
    assert {answer.position for answer in gone} == set(range(held + 1, len(events_of(ledger)) + 1))
    for service in NAMES:
        ledger[service].end()
    remove_read_models(ledger.database)
    start_and_send_again(ledger)


def start_and_send_again(ledger: Ledger) -> None:
    """Take the last steps of the documents, and judge all that stands then."""
    for service in NAMES:
        ledger[service].start()
    ledger.until_ready()
    sent_again(ledger)
    assert lost(ledger) == []
    load = Load(ledger, [])
    until_at_rest(load)
    assert wrong_of(ledger, ledger.told) == []
    filled(ledger)


def test_a_restore_under_stopped_services_is_noticed_by_reporting_when_it_starts(
    ledger: Ledger, tmp_path: Path
) -> None:
    filled(ledger)
    back_up(ledger.database, tmp_path / "copy")
    held = len(events_of(ledger))
    filled(ledger)
    for service in NAMES:
        ledger[service].end()
    restore(ledger.database, tmp_path / "copy")
    for service in NAMES:
        ledger[service].start()
    for service in ("registry", "evaluation"):
        until(ledger[service].ready, f"{service} is ready")
    until(lambda: ledger["reporting"].answers("/healthz"), "reporting runs")
    assert "read_models_of_other_log" in failing(ledger, "reporting")["read_models"]
    assert ledger["reporting"].get("/summaries/national", year=2022).status_code == 503
    # The log may even grow beyond what was read: the chain still tells.
    told = {answer.position: answer.chain for answer in ledger.told}
    (accepted,) = publish(ledger["registry"], [a_new_event("late")])
    assert accepted.position == held + 1
    assert accepted.chain != told[held + 1]
    ledger.told.append(accepted)
    assert "read_models" in failing(ledger, "reporting")
    ledger["reporting"].end()
    remove_read_models(ledger.database)
    ledger["reporting"].start()
    ledger.until_ready()
    for service in NAMES:
        ledger[service].end()
    start_and_send_again(ledger)
