"""Reporting over HTTP with its two sisters, and read models to rebuild on both databases."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.reporting.app import compose
from shared.bus.wakeable_worker import Worker
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.databases import copied_database, new_database
from tests.support.http_clients import STRUCTURED, AsksAgain, Face, running_face, speaking_to
from tests.support.rebuildable_ledger import Rebuilding, random_history
from tests.support.templates import file_made_by, lay_empty_tables

SEED = 7
BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""The databases of `ledger` for a test that asks for both: what it tries is done by the database."""


@dataclass(frozen=True)
class House:
    """The three services on one log, and a client of reporting."""

    registry: Face
    evaluation: Face
    reporting: httpx.AsyncClient
    unchecked: httpx.AsyncClient

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        """Read; a position that was accepted is waited for, however long the fold takes."""
        return await self.reporting.get(path, params=parameters)

    async def told(self, name: str, data: dict[str, Any]) -> httpx.Response:
        """Publish an event to reporting."""
        return await self.reporting.post("/events", json=cloudevent(name, data), headers=STRUCTURED)

    async def registered(self, number: str, **data: Any) -> int:
        """Register a model and return its position."""
        event = cloudevent("ModelRegistered", registration(number, **data))
        return int((await self.registry.accepted(event))[0]["position"])


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Give a house of this test's own, which may be written to."""
    async with running_house(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def read_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Give the one house of all tests of a module that only read; they share its loop."""
    async with running_house(tmp_path_factory.mktemp("house")) as running:
        yield running


@asynccontextmanager
async def running_house(home: Path) -> AsyncIterator[House]:
    """Run the three services on a log that holds the country."""
    settings = Settings.from_environment({"DVK_HOME": str(home)})
    async with AsyncExitStack() as stack:
        # Without Redis only the timer tells of what others have appended; each read waits for it.
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setitem(Worker.__init__.__kwdefaults__, "every_seconds", 0.05)
        registry = await stack.enter_async_context(running_face(Family.REGISTRY, home))
        evaluation = await stack.enter_async_context(running_face(Family.EVALUATION, home))
        log = open_log(settings.log_url, family=Family.REPORTING)
        lay_empty_tables(settings.reporting_url)
        store = Store(settings.reporting_url)
        app = compose(settings, log, store, closing=(log.close, store.close))
        await stack.enter_async_context(app.router.lifespan_context(app))
        client = await stack.enter_async_context(speaking_to(app, AsksAgain(app)))
        unchecked = await stack.enter_async_context(
            httpx.AsyncClient(transport=AsksAgain(app), base_url="http://test")
        )
        await registry.accepted(cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}))
        await client.get("/summaries/national?year=2022&known_at=1")  # until it is taken in
        yield House(registry, evaluation, client, unchecked)


def fill(url: str) -> None:
    """Project the history from which every test of a ledger begins."""
    Rebuilding(url, random_history(SEED)).project().store.close()


@pytest.fixture(scope="session")
def filled_file() -> bytes:
    return file_made_by(fill)


@pytest.fixture(scope="session")
def filled_database(postgres_url: str) -> Iterator[str]:
    with new_database(postgres_url) as url:
        fill(url)
        yield url


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.thorough]),
    ]
)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rebuilding]:
    """Give a ledger on either database, whose read models hold the history."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            file = tmp_path / "r.db"
            file.write_bytes(request.getfixturevalue("filled_file"))
            url = f"sqlite:///{file}"
        else:
            url = stack.enter_context(copied_database(request.getfixturevalue("filled_database")))
        opened = Rebuilding(url, random_history(SEED))
        stack.callback(opened.store.close)
        yield opened
