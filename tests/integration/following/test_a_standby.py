"""A follower on a standby: it catches up, keeps its place, and says when it cannot know the present."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import text

from services.reporting.projection.rebuild import rebuilding
from services.reporting.queries.facade import Queries
from shared.clock import MICROSECONDS, system_clock
from shared.eventlog.sql import open_log
from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Sessions
from shared.readmodel.store import Store
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, registration
from tests.support.databases import psycopg_address
from tests.support.followers import follower
from tests.support.postgres_server import PostgresServer, own_postgres_server
from tests.support.postgres_standby import promote, standby_of, until_replayed
from tests.support.small_ledger import small_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.support.followers import RunningFollower
    from tests.support.small_ledger import SmallLedger

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    # Connections that a server has ended are left to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
FIGURES = "/summaries/national?year=2022"
BOUND_SECONDS = 2


@dataclass(frozen=True)
class Pair:
    """A ledger on a primary, and a follower of it on a standby."""

    primary: PostgresServer
    standby: PostgresServer
    ledger: SmallLedger
    follower: RunningFollower

    def folding(self, address: str) -> httpx.Response:
        """Read from the reporting that folds."""
        return self.ledger.ask(Family.REPORTING, "GET", address)

    def until(self, address: str, true: Callable[[httpx.Response], bool]) -> httpx.Response:
        """Read from the follower until an answer is as it should be."""
        deadline = time.monotonic() + 30
        while not true(answer := self.follower.get(address)):
            assert time.monotonic() < deadline, answer.text
        return answer

    def position(self) -> int:
        """Return the position that the follower states."""
        return int(self.follower.get(FIGURES).json()["known_at"]["position"])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    home = tmp_path_factory.mktemp("standby")
    with own_postgres_server() as primary, standby_of(primary) as standby, ExitStack() as stack:
        _on(standby, "ALTER SYSTEM SET max_standby_streaming_delay = 0")
        _on(standby, "SELECT pg_reload_conf()")
        ledger = stack.enter_context(small_ledger(home, DATABASE_URL=primary.url))
        until_replayed(primary, standby)
        following = stack.enter_context(
            follower(standby.url, home, ledger.loop, DVK_FOLLOW_SECONDS=str(BOUND_SECONDS))
        )
        found = Pair(primary, standby, ledger, following)
        found.until("/readyz", lambda answer: answer.status_code == 200)
        yield found


def test_a_follower_catches_up_by_itself(pair: Pair) -> None:
    before = pair.position()
    registered = [cloudevent("ModelRegistered", registration(f"n{n}", "x-1")) for n in range(20)]
    pair.ledger.publish(registered)
    head = pair.ledger.head()
    assert head == before + len(registered)
    # Nothing but reads of the present is asked: it is not the question that lets it catch up.
    answer = pair.until(FIGURES, lambda found: found.json()["known_at"]["position"] == head)
    assert answer.content == pair.folding(f"{FIGURES}&known_at={head}").content


def test_a_generation_that_a_rebuild_swapped_is_followed(pair: Pair) -> None:
    before = pair.follower.get(FIGURES).headers["etag"]
    with (
        closing(open_log(pair.primary.url, family=None)) as log,
        closing(Store(pair.primary.url)) as store,
    ):
        rebuilding(log, store, ["registrations"]).rebuild()
    swapped = pair.until(FIGURES, lambda found: found.headers["etag"] != before)
    folding = pair.folding(f"{FIGURES}&known_at={pair.ledger.head()}")
    assert swapped.content == folding.content
    pair.until("/readyz", lambda found: found.status_code == 200)


def test_a_read_that_the_standby_cancels_is_503_and_answered_when_asked_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _on(pair.primary, "CREATE TABLE passing AS SELECT 1 AS number")
    until_replayed(pair.primary, pair.standby)
    dropping = threading.Thread(target=_drop_once_read, args=(pair,))
    of_release = Queries.completeness

    def slow(self: Queries) -> dict[str, Any]:
        with self._store.reading() as connection:
            connection.execute(text("SELECT number, pg_sleep(60) FROM passing"))
        return of_release(self)

    with monkeypatch.context() as patch:
        patch.setattr(Queries, "completeness", slow)
        dropping.start()
        answer = pair.follower.get("/completeness")
        dropping.join()
    assert (answer.status_code, answer.json()["code"]) == (503, "read_models_unavailable")
    assert answer.headers["retry-after"]
    assert pair.follower.get("/completeness").status_code == 200
    assert "Traceback" not in caplog.text


def test_a_session_is_accepted_and_its_last_use_is_not_stored(pair: Pair) -> None:
    with closing(PeopleDatabase(pair.primary.url)) as database:
        account = Accounts(database).add("reader")
        long_ago = Sessions(database, lambda: system_clock() - 20 * 60 * MICROSECONDS)
        roles = pair.ledger.apps[Family.REPORTING].state.gate.officers.roles
        token = long_ago.begin(
            account.officer_ref, account.user_name, roles.digest(account.officer_ref)
        )
    until_replayed(pair.primary, pair.standby)
    answer = pair.follower.get("/session", Cookie=f"dvk={token}")
    assert (answer.status_code, answer.json()["user_name"]) == (200, "reader")
    assert pair.follower.ask("POST", "/sign-out", Cookie=f"dvk={token}").status_code == 405


def test_too_far_behind_it_knows_no_present_but_every_past_that_it_has(pair: Pair) -> None:
    head = pair.ledger.head()
    pair.follower.reach(head)
    known = pair.follower.get(f"{FIGURES}&known_at={head}").content
    _on(pair.standby, "SELECT pg_wal_replay_pause()")
    try:
        pair.ledger.publish([cloudevent("ModelRegistered", registration("late", "x-1"))])
        asked_at = time.time()
        behind = pair.until(FIGURES, lambda found: found.status_code == 503)
        assert behind.json()["code"] == "replica_behind"
        unready = pair.follower.get("/readyz")
        assert unready.status_code == 503
        failing = {name for name, check in unready.json()["checks"].items() if not check["ok"]}
        assert failing == {"replica"}
        assert pair.follower.get("/healthz").status_code == 200
        assert pair.follower.get(f"{FIGURES}&known_at={head}").content == known
        # A time that it cannot know yet is waited for, as a position is.
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(asked_at + 1))
        assert pair.follower.get(f"{FIGURES}&known_at={moment}").json()["code"] == (
            "known_at_not_reached"
        )
    finally:
        _on(pair.standby, "SELECT pg_wal_replay_resume()")
    pair.follower.reach(head + 1)
    assert pair.follower.get("/readyz").status_code == 200
    same = f"{FIGURES}&known_at={moment}"
    assert pair.follower.get(same).content == pair.folding(same).content


def test_without_its_primary_it_says_so_and_a_promoted_standby_is_read_on(pair: Pair) -> None:
    head = pair.ledger.head()
    _on(pair.standby, "ALTER SYSTEM SET primary_conninfo = ''")
    _on(pair.standby, "SELECT pg_reload_conf()")
    lost = pair.until("/readyz", lambda found: found.status_code == 503)
    assert not lost.json()["checks"]["replica"]["ok"]
    assert pair.follower.get(f"{FIGURES}&known_at={head}").status_code == 200
    promote(pair.standby)
    pair.until("/readyz", lambda found: found.status_code == 200)
    assert pair.position() == head


def _on(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(psycopg_address(server.url), autocommit=True) as admin:
        admin.execute(statement.encode())


def _drop_once_read(pair: Pair) -> None:
    """Drop the table on the primary while the standby reads it."""
    active = b"SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%FROM passing'"
    with psycopg.connect(psycopg_address(pair.standby.url), autocommit=True) as admin:
        while admin.execute(active).fetchone() is None:
            time.sleep(0.02)
    _on(pair.primary, "DROP TABLE passing")
