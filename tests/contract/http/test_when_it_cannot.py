"""What publishers are told when the ledger cannot take their events now: when to come back."""

import asyncio
from pathlib import Path

import pytest

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.clock import system_clock
from shared.errors import Problem, Unavailable
from shared.eventlog.sql import LOG_UNAVAILABLE, SqlEventLog, open_log
from shared.settings import Settings
from shared.vocabulary import Family
from shared.web.publishing.events_api import events_router
from shared.web.publishing.trust_pin import require_pinned_trust
from shared.web.server.application import new_app
from shared.web.server.process import is_loopback, opened_patiently
from tests.support.cloudevents import COUNTRY, cloudevent, received, registration
from tests.support.http_clients import Face, speaking_to
from tests.support.memory_log import MemoryEventLog
from tests.support.scenarios import History
from tests.support.trusted import began
from tests.support.waiting import until


@pytest.fixture
def log(tmp_path: Path) -> SqlEventLog:
    return open_log(f"sqlite:///{tmp_path / 'log.db'}", family=Family.REGISTRY)


async def test_a_full_queue_is_429_and_the_event_is_not_kept(log: SqlEventLog) -> None:
    appender = Appender(log, RegistryDecider(), queue_limit=1)  # not started: what comes waits
    waiting = appender.submit([received("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})])
    app = new_app(title="Busy", title_vi="Bận", description="", family=Family.REGISTRY)
    app.include_router(
        events_router(family=Family.REGISTRY, appender=appender, log=log, clock=system_clock)
    )
    event = cloudevent("ModelRegistered", registration("1"))
    async with speaking_to(app) as client:
        face = Face(client)
        single = await face.send(event)
        batch = await face.send_batch([event])
        for answer in (single, batch):
            assert (answer.status_code, answer.json()["code"]) == (429, "too_busy")
            assert int(answer.headers["retry-after"]) >= 1
        assert appender.step() == 1
        assert waiting.result(timeout=5)
        assert (await face.receipt(event)).status_code == 404
    log.close()


async def test_a_publisher_that_hangs_up_does_not_cancel_the_append(log: SqlEventLog) -> None:
    appender = Appender(log, RegistryDecider())  # not started: what comes waits
    app = new_app(title="Slow", title_vi="Chậm", description="", family=Family.REGISTRY)
    app.include_router(
        events_router(family=Family.REGISTRY, appender=appender, log=log, clock=system_clock)
    )

    async def is_submitted() -> bool:
        return appender.waiting == 1

    async with speaking_to(app) as client:
        event = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
        sending = asyncio.create_task(Face(client).send(event))
        await until(is_submitted)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.to_thread(appender.step)
        await asyncio.sleep(0)  # the answer that nobody waits for arrives in the loop
    assert log.head().position == 1
    assert appender.waiting == 0
    log.close()


def test_the_database_may_come_up_later_than_the_service() -> None:
    answers = [Unavailable(Problem(LOG_UNAVAILABLE)), Unavailable(Problem(LOG_UNAVAILABLE)), "log"]
    pauses: list[float] = []

    def opening() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert opened_patiently(opening, pause=pauses.append) == "log"
    assert len(pauses) == 2


def test_a_database_that_never_comes_ends_the_start() -> None:
    def opening() -> object:
        raise Unavailable(Problem(LOG_UNAVAILABLE))

    with pytest.raises(Unavailable):
        opened_patiently(opening, patience_seconds=3, pause=lambda _: None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_loopback_a_service_starts_without_trust(host: str) -> None:
    assert is_loopback(host)
    require_pinned_trust(_settings(host), MemoryEventLog().as_family(Family.REGISTRY))


_OPEN = ["0.0.0.0", "::", "192.0.2.5", "registry.example"]  # noqa: S104  never bound here


@pytest.mark.parametrize("host", _OPEN)
def test_a_service_that_other_machines_reach_does_not_start_without_trust(host: str) -> None:
    with pytest.raises(SystemExit) as ended:
        require_pinned_trust(_settings(host), MemoryEventLog().as_family(Family.REGISTRY))
    said = str(ended.value)
    assert "Không khởi động" in said
    assert "Not started" in said
    assert host in said


def test_a_service_starts_only_on_the_beginning_of_trust_that_is_pinned() -> None:
    """Another beginning, a removed pin, and a pin for a log without trust end the start."""
    history = History()
    event = began()
    history.record(event)
    for host in ("127.0.0.1", *_OPEN):
        require_pinned_trust(
            _settings(host, event.digest.hex()), history.log.as_family(Family.REGISTRY)
        )
        for pinned in (None, "0" * 64):
            with pytest.raises(SystemExit, match="other_trust"):
                require_pinned_trust(
                    _settings(host, pinned), history.log.as_family(Family.REGISTRY)
                )
    with pytest.raises(SystemExit, match="trust_missing"):
        require_pinned_trust(
            _settings("127.0.0.1", event.digest.hex()), MemoryEventLog().as_family(Family.REGISTRY)
        )


def _settings(host: str, trust: str | None = None) -> Settings:
    environment = {"DVK_HOST": host, **({"DVK_TRUST": trust} if trust else {})}
    return Settings.from_environment(environment)
