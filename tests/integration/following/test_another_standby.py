"""A follower that is led to another standby: it is read only once it has all that was answered."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from services.console.local.redis_server import free_port
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, registration
from tests.support.cut_line import line_to
from tests.support.databases import psycopg_address
from tests.support.followers import follower
from tests.support.postgres_server import PostgresServer, own_postgres_server
from tests.support.postgres_standby import standby_of, until_replayed
from tests.support.small_ledger import small_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.cut_line import TcpLine
    from tests.support.followers import RunningFollower
    from tests.support.small_ledger import SmallLedger

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    # Connections that a server has ended are left to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
FIGURES = "/summaries/national?year=2022"
READS = (
    FIGURES,
    f"{FIGURES}&by=unit",
    f"{FIGURES}&by=field,tier",
    "/registrations?year=2022",
    "/awards?year=2022",
    "/explain?year=2022&measure=registered",
)
END_ONE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name IN ('dvk-log', 'dvk-read-models') LIMIT 1
"""
SECONDS = 30


@dataclass(frozen=True)
class Led:
    """A ledger on a primary with two standbys, and a follower whose line leads to one of them."""

    primary: PostgresServer
    one: PostgresServer
    two: PostgresServer
    line: TcpLine
    ledger: SmallLedger
    follower: RunningFollower

    def register(self, *numbers: str) -> int:
        """Publish registrations; return the head, once it is read at the standby of the line."""
        events = [cloudevent("ModelRegistered", registration(each, "x-1")) for each in numbers]
        self.ledger.publish(events)
        head = self.ledger.head()
        self.follower.reach(head)
        return head

    def lead_to(self, server: PostgresServer) -> None:
        """Break all connections; the next ones lead to a server."""
        self.line.cut()
        self.line.lead_to(server.port)
        self.line.restore()

    def until(self, status: int, code: str = "", address: str = FIGURES) -> httpx.Response:
        """Ask until the answer has a status, and the code of a problem."""
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self.follower.get(address)
            if answer.status_code == status and code in answer.text:
                return answer
            assert time.monotonic() < deadline, answer.text

    def checks(self) -> dict[str, Any]:
        """Return the checks of the follower."""
        found: dict[str, Any] = self.follower.get("/readyz").json()["checks"]
        return found

    def folding(self, address: str) -> httpx.Response:
        """Read from the reporting that folds."""
        return self.ledger.ask(Family.REPORTING, "GET", address)

    def answers_alike(self, position: int) -> None:
        """Fail unless every read at a position is answered as by the reporting that folds."""
        for address in READS:
            asked = f"{address}&known_at={position}"
            folding = self.folding(asked)
            assert self.until(folding.status_code, address=asked).content == folding.content, asked


@pytest.fixture
def led(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Led]:
    home = tmp_path_factory.mktemp("led")
    with (
        own_postgres_server() as primary,
        standby_of(primary, name="one") as one,
        standby_of(primary, name="two") as two,
        ExitStack() as stack,
    ):
        ledger = stack.enter_context(small_ledger(home, DATABASE_URL=primary.url))
        until_replayed(primary, one)
        until_replayed(primary, two)
        line = stack.enter_context(line_to(one.port, 1, free_port()))
        url = one.url.replace(f":{one.port}", f":{line.port}")
        following = stack.enter_context(follower(url, home, ledger.loop))
        found = Led(primary, one, two, line, ledger, following)
        found.until(200, address="/readyz")
        yield found


def test_another_standby_that_is_as_far_is_read_on(led: Led) -> None:
    head = led.register("n1", "n2")
    until_replayed(led.primary, led.two)
    led.lead_to(led.two)
    led.answers_alike(head)
    led.answers_alike(led.register("n3"))
    led.until(200, address="/readyz")
    assert not led.follower.begun_again.is_set()


def test_one_that_is_behind_answers_nothing_until_it_has_caught_up(led: Led) -> None:
    before = led.ledger.head()
    until_replayed(led.primary, led.two)
    _on(led.two, "SELECT pg_wal_replay_pause()")
    head = led.register("n1", "n2", "n3")
    led.lead_to(led.two)
    told = led.until(503, "replica_lacks_events")
    assert str(head) in told.json()["detail"]
    assert told.headers["retry-after"]
    for name in ("read_models", "replica"):
        while "replica_lacks_events" not in led.checks()[name].get("reason", ""):
            pass  # the test's own limit of time ends a wait that is in vain
    for address in READS:
        for asked in (address, f"{address}&known_at={before}", f"{address}&known_at={head}"):
            answer = led.follower.get(asked)
            assert (answer.status_code, answer.json()["code"]) == (503, "replica_lacks_events")
    assert led.follower.get("/healthz").status_code == 200

    _on(led.two, "SELECT pg_wal_replay_resume()")
    led.until(200, address="/readyz")
    led.answers_alike(head)
    led.answers_alike(before)
    assert not led.follower.begun_again.is_set()


def test_new_connections_to_one_that_is_behind_are_not_read_while_others_go_on(led: Led) -> None:
    """As behind a balancer: an answer is that of its position, or it is refused."""
    until_replayed(led.primary, led.two)
    _on(led.two, "SELECT pg_wal_replay_pause()")
    head = led.register("n1", "n2", "n3")
    led.line.lead_to(led.two.port)
    answered = set()
    for turn in range(24):
        asked = f"{READS[turn % len(READS)]}&known_at={head}"
        answer = led.follower.get(asked)
        answered.add(answer.status_code)
        if answer.status_code != 503:
            assert answer.content == led.folding(asked).content, asked
        _on(led.one, END_ONE)
    assert 503 in answered
    _on(led.two, "SELECT pg_wal_replay_resume()")
    led.until(200, address="/readyz")
    led.answers_alike(head)


def test_its_standby_restored_from_an_older_copy_is_waited_for(led: Led) -> None:
    led.one.stop()
    copy = led.one.directory / "copy"
    subprocess.run(["cp", "--archive", led.one.data, copy], check=True)
    led.one.start()
    head = led.register("n1", "n2", "n3")
    led.one.stop()
    shutil.rmtree(led.one.data)
    copy.rename(led.one.data)
    held_back = {"recovery_min_apply_delay": "1h"}
    led.one.settings |= held_back
    led.one.start()
    led.until(503, "replica_lacks_events")
    led.until(503, "replica_lacks_events", "/readyz")

    led.one.stop()
    led.one.settings.clear()
    led.one.start()
    led.until(200, address="/readyz")
    led.answers_alike(head)
    assert not led.follower.begun_again.is_set()


def test_an_address_of_several_hosts_leads_to_the_first_that_answers(led: Led) -> None:
    both = led.one.url.replace(f":{led.one.port}", f":{led.one.port},127.0.0.1:{led.two.port}")
    head = led.register("n1")
    until_replayed(led.primary, led.two)
    with follower(both, led.one.directory, led.ledger.loop) as following:
        following.reach(head)
        led.one.kill()
        other = replace(led, follower=following)
        other.answers_alike(head)
        other.answers_alike(other.register("n2"))


def _on(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(psycopg_address(server.url), autocommit=True) as admin:
        admin.execute(statement.encode())
