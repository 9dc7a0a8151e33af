"""The primary is lost under `dvk publish`, its standby takes over: nothing lost, nothing doubled."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.faults.databases import prepared
from tests.faults.failover.two_hosts import (
    DvkPublish,
    TimedPublisher,
    TwoHosts,
    publishing,
    timed,
)
from tests.faults.independent_checker import faults_of_answers, faults_of_the_log
from tests.faults.ledger import Ledger, running
from tests.faults.load import publish
from tests.faults.recovery import Seen
from tests.faults.scripts import the_map
from tests.faults.time_limits import slowness, until
from tests.support.patroni_pair import PatroniNode, patroni_pair
from tests.support.postgres_server import own_postgres_server
from tests.support.postgres_standby import promote, standby_of, synchronous
from tests.support.servers import NoServerError

pytestmark = [
    *(pytest.mark.slow, pytest.mark.postgres, pytest.mark.redis, pytest.mark.processes),
    pytest.mark.timeout(600),
]

AWAY_SECONDS = 3.0
"""So long writes may be away after a promotion by hand."""
PATRONI_SECONDS = 30.0
"""So long they may be away when Patroni promotes."""


def test_the_primary_is_killed_and_the_standby_promoted_by_hand(tmp_path: Path, seen: Seen) -> None:
    with own_postgres_server() as first, standby_of(first) as second:
        synchronous(first)
        prepared(first)
        database = TwoHosts(first, second)
        with under_publishing(database, tmp_path) as (probe, command):
            killed = time.monotonic()
            first.kill()
            promote(second)
            took = time.monotonic() - killed
            database.server = second
            away = until_it_went_on(probe, command, killed)
    seen(
        f"hand promotion: writes away {away:.1f} s, of which the promotion took {took:.1f} s; "
        f"{len(command.events)} events by dvk publish (exit 0), {len(probe.answers)} by the probe: "
        f"0 lost, 0 doubled; machine {slowness():.1f} times slower than one with nothing to do"
    )
    assert away - took <= AWAY_SECONDS * slowness()


@pytest.fixture
def pair() -> Iterator[tuple[PatroniNode, PatroniNode]]:
    """Give a primary and its synchronous standby under Patroni."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(patroni_pair())
        except NoServerError as error:
            pytest.skip(f"failover by Patroni is not tested: {error}")


def test_patroni_promotes_when_the_primary_is_killed_and_rewinds_it_afterwards(
    pair: tuple[PatroniNode, PatroniNode], tmp_path: Path, seen: Seen
) -> None:
    first, second = pair
    prepared(first.server)
    database = TwoHosts(first.server, second.server)
    with under_publishing(database, tmp_path) as (probe, command):
        killed = time.monotonic()
        first.kill()
        until(lambda: second.is_("primary"), "the standby is the primary", pause_seconds=0.1)
        database.server = second.server
        away = until_it_went_on(probe, command, killed)
        first.start()
        back = until(lambda: first.is_("synchronous"), "it is a standby", pause_seconds=0.1)
        alone = len(database.log())
        until(lambda: len(database.log()) > alone, "publishing goes on with both")
    seen(
        f"Patroni: writes away {away:.1f} s; {len(command.events)} events by dvk publish (exit 0), "
        f"{len(probe.answers)} by the probe: 0 lost, 0 doubled; the old primary was rewound and "
        f"the synchronous standby again {back:.1f} s after its start"
    )
    assert "pg_rewind exit code=0" in first.words()
    assert away <= PATRONI_SECONDS * slowness()


def test_a_primary_that_is_parted_from_etcd_and_its_standby_acknowledges_nothing_more(
    pair: tuple[PatroniNode, PatroniNode], tmp_path: Path, seen: Seen
) -> None:
    first, second = pair
    prepared(first.server)
    database = TwoHosts(first.server, second.server)
    with under_publishing(database, tmp_path) as (probe, command):
        parted = time.monotonic()
        first.part()
        until(lambda: second.is_("primary"), "the standby is the primary", pause_seconds=0.1)
        assert not first.is_("primary"), "two primaries"
        database.server = second.server
        away = until_it_went_on(probe, command, parted)
        first.join()
        until(lambda: first.is_("synchronous"), "it is a standby", pause_seconds=0.1)
    seen(
        f"Patroni, the network parted with both machines alive: writes away {away:.1f} s; "
        f"{len(command.events)} events by dvk publish (exit 0), {len(probe.answers)} by the probe: "
        "0 lost, 0 doubled, the old primary had ended when the standby was promoted"
    )
    assert away <= PATRONI_SECONDS * slowness()


@contextmanager
def under_publishing(database: TwoHosts, home: Path) -> Iterator[tuple[TimedPublisher, DvkPublish]]:
    """Run services on both servers under `dvk publish` and a probe; judge the log in the end."""
    with running(database, home) as ledger:
        ledger.told += publish(ledger["registry"], the_map())
        with timed(ledger) as probe, publishing(ledger, home) as command:
            until(lambda: len(database.log()) > 1_000, "publishing is under way")
            assert command.runs(), "the file was too short"
            yield probe, command
            probe.ask_to_end()
            probe.join(30)
            assert probe.wrong == []
            ledger.told += probe.answers
        nothing_is_lost(ledger, command.keys())


def until_it_went_on(probe: TimedPublisher, command: DvkPublish, killed: float) -> float:
    """Wait for the end of `dvk publish`; return how long the probe had no answer, in seconds."""
    promoted = time.monotonic()
    command.ended_well()
    until(lambda: probe.moments[-1:] > [promoted], "the probe is answered again")
    return probe.away(killed)


def nothing_is_lost(ledger: Ledger, published: set[tuple[str, str]]) -> None:
    """Fail unless all that was acknowledged is in the log once, and every reader has caught up."""
    until(ledger.complete, "every read model holds the log")
    rows = ledger.database.log()
    assert faults_of_the_log(rows) == []
    assert faults_of_answers(rows, ledger.told) == []
    times = Counter((row.source, row.id) for row in rows)
    assert {key for key in published if times[key] != 1} == set()
