"""A process is paused and another goes on with its work; when it wakes nothing happens twice."""

import time
from contextlib import suppress

import psycopg
import pytest

from tests.faults.databases import PostgresCluster
from tests.faults.ledger import Ledger, Service
from tests.faults.publishers import OverIntake
from tests.faults.recovery import Seen, disturbed
from tests.faults.time_limits import slowness, until

pytestmark = [
    *(pytest.mark.slow, pytest.mark.postgres, pytest.mark.redis, pytest.mark.processes),
    pytest.mark.timeout(900),
]

SEED = 20040101
GO_ON_SECONDS = 3.0
"""So soon the others append again when the holder of the append lock is stopped."""
HOLDER = (
    "SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND a.usename = %s AND a.state = 'idle in transaction'"
)


@pytest.fixture(scope="module")
def doubled(postgres_ledger: Ledger) -> Ledger:
    """Give a ledger with two processes of the registry and two of reporting."""
    for name in ("registry", "reporting"):
        postgres_ledger.add_second(name)
    postgres_ledger.until_ready()
    return postgres_ledger


def holds_the_lock(database: PostgresCluster, role: str) -> set[int]:
    """Return the server's processes that hold the append lock for a role."""
    with psycopg.connect(database.superuser, autocommit=True) as admin:
        return {pid for (pid,) in admin.execute(HOLDER, [role]).fetchall()}


def paused_while_it_holds_the_lock(database: PostgresCluster, service: Service) -> set[int]:
    """Stop a service in the middle of an append; return the server's process of that append."""
    found: set[int] = set()

    def caught() -> bool:
        service.pause()
        before = holds_the_lock(database, f"dvk_{service.name}")
        time.sleep(0.05)  # what was sent before the stop is done by now, and still it holds
        found.update(before & holds_the_lock(database, f"dvk_{service.name}"))
        if not found:
            service.wake()
            time.sleep(0.003)
        return bool(found)

    until(caught, f"{service.name} is stopped in the middle of an append")
    return found


def test_the_others_go_on_without_a_stopped_holder_which_cannot_commit(
    doubled: Ledger, seen: Seen
) -> None:
    with disturbed(doubled, SEED, seen) as disturber:
        load, ledger = disturber.load, disturber.load.ledger
        database = ledger.database
        assert isinstance(database, PostgresCluster)
        # Evaluation has one process: what it holds, nobody else holds for its role.
        deciding = [each for each in load.publishers if each.family != "evaluation"]
        for _ in range(3):
            holder = paused_while_it_holds_the_lock(database, ledger["evaluation"])
            waited = load.until_more(deciding, 2, "the others go on")
            seen(f"the others went on after {waited:.2f} s")
            assert waited <= GO_ON_SECONDS * slowness()
            assert not holder & holds_the_lock(database, "dvk_evaluation"), "it could still commit"
            disturber.measured("stopped holder", ledger["evaluation"].wake)


def test_entries_of_a_paused_intake_are_taken_over_and_not_appended_twice(
    doubled: Ledger, seen: Seen
) -> None:
    with disturbed(doubled, SEED, seen) as disturber:
        load, ledger = disturber.load, disturber.load.ledger
        streamed = [each for each in load.over(OverIntake) if each.family == "registry"]
        for key in ("registry", "registry-2", "registry"):
            until(lambda: load.in_flight(["registry"], OverIntake), "entries are on their way")
            ledger[key].pause()
            load.until_more(streamed, 10, "the other process takes the entries over")
            disturber.measured("paused intake", ledger[key].wake)


def test_two_processes_of_reporting_fold_each_event_once(doubled: Ledger, seen: Seen) -> None:
    with disturbed(doubled, SEED, seen) as disturber:
        load, ledger = disturber.load, disturber.load.ledger
        for key in ("reporting", "reporting-2", "reporting"):
            other = ledger["reporting-2" if key == "reporting" else "reporting"]
            time.sleep(disturber.random.uniform(0, 0.3))
            ledger[key].pause()
            load.until_more(load.publishers[:3], 10, "the log grows")
            told = load.furthest()
            until(lambda: _position(other) >= told, "the other process folds")  # noqa: B023  at once
            disturber.measured("paused reporting", ledger[key].wake)


def _position(reporting: Service) -> int:
    with suppress(Exception):
        models = reporting.get("/completeness").raise_for_status().json()["read_models"]
        return min(each["position"] for each in models)
    return 0
