"""Redis behind sentinels: every client finds the master, and follows when another takes over."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.console.doctor.finding import Level
from services.console.doctor.redis import check_redis
from services.console.local.redis_server import free_port
from shared.bus.connections import connect
from shared.bus.consumer import Entry
from shared.bus.listener import Listener
from shared.bus.streams import EVENTS
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.bus_pipeline import until
from tests.support.http_clients import running_face
from tests.support.intake_scenario import STREAM, answers, opened, sent
from tests.support.sentinels import Replicated, replicated

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def redis() -> Iterator[Replicated]:
    """Give a master with a replica and one sentinel, whose decision is enough."""
    with replicated(1) as run:
        yield run


@pytest.fixture
def url(redis: Replicated) -> str:
    """Give an address whose first sentinel does not answer."""
    return redis.url.replace("@", f"@127.0.0.1:{free_port()},")


@pytest.fixture
async def heard(url: str) -> AsyncIterator[list[Entry]]:
    """Give what a listener hears of the log, without its timer."""
    entries: list[Entry] = []
    listener = Listener(
        url, events_after=lambda: len(entries), on_events=entries.extend, every_seconds=3_600
    )
    await listener.start()
    await until(lambda: listener.connected)
    yield entries
    await listener.stop()


async def test_a_service_goes_on_with_the_master_that_takes_over(
    redis: Replicated, url: str, tmp_path: Path, heard: list[Entry]
) -> None:
    async with running_face(Family.REGISTRY, tmp_path, redis_url=url) as registry:
        with connect(url) as publisher:
            publisher.xadd(STREAM, {"event": sent(opened("vn", None))})
            await until(lambda: len(answers(publisher)) == 1)
        replaced = redis.master()
        await asyncio.to_thread(redis.fail_over)
        with redis.master().client() as master:
            master.xadd(STREAM, {"event": sent(opened("bac-kan"))})
            await until(lambda: {"open-bac-kan"} <= {each["id"] for each in answers(master)})
            await until(lambda: master.xlen(EVENTS) == 2)
            await until(lambda: [each.id for each in heard] == [b"1-0", b"2-0"])
        assert replaced.role() == "master", "the sentinels have not made it a replica yet"
        checks = (await registry.client.get("/readyz")).json()["checks"]
    assert checks["redis"]["ok"]
    assert checks["intake"]["ok"]


def test_the_doctor_finds_the_master_and_the_sentinel_that_is_silent(
    redis: Replicated, url: str, tmp_path: Path
) -> None:
    def ill(address: str) -> dict[str, str]:
        given = {"DVK_HOME": str(tmp_path), "REDIS_URL": address}
        found = check_redis(Settings.from_environment(given), None, 0)
        return {each.check: each.found.en for each in found if each.level is not Level.WELL}

    assert ill(redis.url) == {}
    assert set(ill(url)) == {"redis_sentinels"}
    assert ill(url)["redis_sentinels"].endswith(": ConnectionError")
    unknown = ill(redis.url.replace("/dvk?", "/other?"))
    assert "No such master" in unknown["redis_sentinels"]
    assert "MasterNotFoundError" in unknown["redis"]
