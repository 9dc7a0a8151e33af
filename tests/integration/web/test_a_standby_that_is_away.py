"""A commit that waits for a lost standby: 503 with its reason in time, and no wrong receipt."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import psycopg
import pytest

from services.console.doctor.databases import looking
from services.console.doctor.finding import Level
from services.console.doctor.lock import check_server_lock
from shared.database.postgres import commit
from shared.errors import Unavailable
from shared.eventlog.dialects import LOCK_PATIENCE_SECONDS
from shared.eventlog.sql import open_log
from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.settings import Settings
from tests.integration.web.test_a_database_that_goes import registry_on
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.databases import psycopg_address
from tests.support.http_clients import Face
from tests.support.postgres_server import PostgresServer, own_postgres_server
from tests.support.postgres_standby import promote, standby_of, synchronous, until_a_commit_waits
from tests.support.waiting import until

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _a_commit_is_soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert commit.COMMIT_SECONDS + LOCK_PATIENCE_SECONDS <= 10, "so the documents say"
    monkeypatch.setattr(commit, "COMMIT_SECONDS", 0.5)


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    with own_postgres_server() as server:
        yield server


@pytest.fixture
def standby(primary: PostgresServer) -> Iterator[PostgresServer]:
    with standby_of(primary) as server:
        synchronous(primary)
        yield server


@pytest.fixture
async def face(
    primary: PostgresServer, standby: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Face]:
    """Give the registry on both servers, by one address."""
    both = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = primary.url.replace(f"127.0.0.1:{primary.port}", both)
    async with registry_on(psycopg_address(url), tmp_path_factory.mktemp("registry")) as found:
        await found.accepted(cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}))
        yield found


async def refused_at_once(face: Face, event: dict[str, object]) -> None:
    answer = await face.send(event)
    assert (answer.status_code, answer.json()["code"]) == (503, "commit_unconfirmed")
    assert int(answer.headers["retry-after"]) >= 1


async def ready(face: Face) -> bool:
    return (await face.client.get("/readyz")).status_code == 200


async def test_without_its_standby_publishers_are_told_why_and_afterwards_all_goes_on(
    face: Face, primary: PostgresServer, standby: PostgresServer
) -> None:
    first, second = (cloudevent("ModelRegistered", registration(n)) for n in "12")
    standby.freeze()
    await refused_at_once(face, first)
    await refused_at_once(face, first)
    await refused_at_once(face, second)
    told = await face.client.get("/readyz")
    assert told.status_code == 503
    assert "commit_unconfirmed" in told.json()["checks"]["decisions"]["reason"]
    assert len((await face.client.get("/events")).json()) == 1
    settings = Settings.from_environment({"DATABASE_URL": psycopg_address(primary.url)})
    with looking(settings.log_url) as connection:
        found = check_server_lock(connection)
    assert found.level is Level.BROKEN
    assert "standby" in found.found.en
    assert not any("terminate" in str(step) for step in found.do)

    standby.thaw()
    await until(lambda: ready(face))
    answer = await face.send(first)
    assert (answer.status_code, answer.json()["position"]) == (200, 2)
    assert answer.json()["status"] == "duplicate"
    answer = await face.send(second)
    assert (answer.status_code, answer.json()["position"]) == (201, 3)


def test_what_else_is_committed_is_told_why_too(
    primary: PostgresServer, standby: PostgresServer
) -> None:
    with (
        closing(open_log(primary.url, family=None)) as log,
        closing(PeopleDatabase(primary.url)) as people,
    ):
        seals = log.seals("localhost/ledger")
        accounts = Accounts(people)
        accounts.add("before")
        standby.freeze()
        with pytest.raises(Unavailable, match="commit_unconfirmed"):
            seals.add_cosignature(1, "witness", "line")
        with pytest.raises(Unavailable, match="commit_unconfirmed"):
            accounts.add("reader")
        assert seals.cosignatures(1) == []
        standby.thaw()
        seals.add_cosignature(1, "witness", "line")
        assert seals.cosignatures(1) == ["line"]


@pytest.mark.slow
async def test_a_standby_that_is_no_longer_waited_for_lets_all_go_on(
    face: Face, primary: PostgresServer, standby: PostgresServer
) -> None:
    event = cloudevent("ModelRegistered", registration("1"))
    standby.kill()
    await refused_at_once(face, event)
    synchronous(primary, "")
    await until(lambda: ready(face))
    answer = await face.send(event)
    assert (answer.json()["status"], answer.json()["position"]) == ("duplicate", 2)


@pytest.mark.slow
async def test_an_event_that_only_the_lost_server_had_was_never_acknowledged(
    face: Face, primary: PostgresServer, standby: PostgresServer
) -> None:
    """An operator cancels the wait: the event is seen on the primary, and is not on the standby."""
    event = cloudevent("ModelRegistered", registration("1"))
    standby.freeze()
    sending = asyncio.create_task(face.send(event))
    await asyncio.to_thread(until_a_commit_waits, primary)
    with psycopg.connect(psycopg_address(primary.url), autocommit=True) as admin:
        cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        admin.execute(cancel)
    answer = await sending
    assert answer.json()["code"] == "commit_unconfirmed"
    await refused_at_once(face, event)
    primary.kill()
    standby.thaw()
    promote(standby)
    await until(lambda: ready(face))
    answer = await face.send(event)
    assert answer.json()["position"] == 2


@pytest.mark.slow
async def test_a_standby_that_lacked_acknowledged_events_is_noticed_when_it_takes_over(
    face: Face, primary: PostgresServer, standby: PostgresServer
) -> None:
    """So it is without a synchronous standby: what was lost must not be numbered again."""
    synchronous(primary, "")
    standby.kill()
    await face.accepted(cloudevent("ModelRegistered", registration("1")))
    primary.kill()
    standby.start()
    promote(standby)

    async def noticed() -> bool:
        return "log_restored" in (await face.client.get("/readyz")).text

    await until(noticed)
    answer = await face.send(cloudevent("ModelRegistered", registration("2")))
    assert (answer.status_code, answer.json()["code"]) == (503, "log_restored")
    assert len((await face.client.get("/events")).json()) == 1
