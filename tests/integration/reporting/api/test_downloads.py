"""A file that is being sent stays at its position and on its tables, or breaks off."""

import csv
import io
import json
from collections.abc import Callable
from random import Random

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.reporting.api.routes import reads_router
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.facade import Queries
from shared.clock import system_clock
from shared.vocabulary import Family
from shared.web.answers import list_answers
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from tests.integration.reporting.conftest import BOTH
from tests.support.random_years import YEARS
from tests.support.rebuildable_ledger import Rebuilding, record
from tests.support.streamed_answers import streamed

YEAR = max(YEARS)
LISTS = (
    "/registrations",
    "/awards",
    "/plans",
    "/inspections",
    "/outcomes",
    "/figures",
    "/reconciliation",
    "/explain?year={year}&measure=registered",
    "/explain?year={year}&measure=recognized_organizations",
    "/explain?year={year}&measure=registered&since=1",
    "/models/{model}/history",
)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file be read two things at a time."""
    monkeypatch.setattr(list_answers, "LARGEST_LIMIT", 2)


@pytest.fixture(scope="module")
def app_of() -> Callable[[Rebuilding], FastAPI]:
    """Give a function that lets the one application of the module read a ledger from now on."""
    read: list[Rebuilding] = []
    made = new_app(title="Reads", title_vi="Đọc", description="", family=Family.REPORTING)

    def pin(known_at: str | None = None) -> tuple[Queries, AsOf]:
        return read[-1].projection.pin(known_at)

    add_routes(made, reads_router(pin, system_clock))

    def reading(ledger: Rebuilding) -> FastAPI:
        read.append(ledger)
        return made

    return reading


@pytest.fixture
def app(ledger: Rebuilding, app_of: Callable[[Rebuilding], FastAPI]) -> FastAPI:
    """Give the reads of a ledger over HTTP."""
    return app_of(ledger)


def address(ledger: Rebuilding, path: str, form: str) -> str:
    """Return the address of a list of this history that is not empty, as a file."""
    with ledger.store.reading() as connection:
        model = connection.scalar(text("SELECT model_id FROM rm_registrations_things"))
    named = path.format(year=_busiest_year(ledger), model=model)
    return f"{named}{'&' if '?' in named else '?'}format={form}"


def _busiest_year(ledger: Rebuilding) -> int:
    with ledger.store.reading() as connection:
        counted = connection.execute(
            text(
                "SELECT plan_year, count(*) FROM rm_registrations_things GROUP BY 1 ORDER BY 2 DESC"
            )
        )
        return int(counted.first()[0])  # type: ignore[index]


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("path", LISTS)
async def test_what_is_appended_meanwhile_is_not_in_it(
    ledger: Rebuilding, app: FastAPI, path: str, form: str
) -> None:
    asked = address(ledger, path, form)
    position = ledger.projection.position

    def grow() -> None:
        for number in range(12):
            record(ledger, Random(number).randrange(10**6))
        ledger.project()

    quiet = await streamed(app, f"{asked}&known_at={position}")
    grown = await streamed(app, asked, meanwhile=grow)
    assert ledger.projection.position > position
    assert grown == quiet


async def test_a_file_that_began_on_the_old_tables_ends_on_them(
    ledger: Rebuilding, app: FastAPI
) -> None:
    with ledger.store.writing() as connection:
        connection.execute(text("UPDATE rm_registrations_titles SET title = 'viết sai'"))

    def rebuild() -> None:
        ledger.rebuilt("registrations", accept=["registrations/*"])
        ledger.project()

    began = json.loads(await streamed(app, "/registrations?format=json", meanwhile=rebuild))
    assert {item["title"] for item in began["items"]} == {"viết sai"}
    later = await streamed(app, "/registrations?format=csv")
    titles = {row["title"] for row in csv.DictReader(io.StringIO(later.decode("utf-8-sig")))}
    assert len(titles) > 1
    assert "viết sai" not in titles


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
@pytest.mark.parametrize("form", ["csv", "json"])
async def test_a_file_whose_tables_are_dropped_breaks_off(
    ledger: Rebuilding, app: FastAPI, form: str
) -> None:
    def rebuild_on() -> None:  # two fills are kept; the one before them goes with the next
        for _ in range(3):
            ledger.rebuild("registrations").rebuild()
            ledger.project()

    with pytest.raises((DBAPIError, RuntimeError)):
        await streamed(app, f"/registrations?format={form}", meanwhile=rebuild_on)


@pytest.mark.parametrize("path", LISTS)
async def test_a_file_holds_what_all_pages_hold(
    ledger: Rebuilding, app: FastAPI, path: str
) -> None:
    asked = address(ledger, path, "json")
    items, page = [], json.loads(await one(app, f"{asked}&limit=3"))
    while True:
        items += page["items"]
        if page["next"] is None:
            break
        page = json.loads(await one(app, f"{asked}&limit=3&cursor={page['next']}"))
    whole = json.loads(await streamed(app, asked))
    assert whole == {**page, "items": items}
    rows = csv.DictReader(
        io.StringIO((await streamed(app, asked.replace("=json", "=csv"))).decode("utf-8-sig"))
    )
    events = sum(len(item.get("events", [0])) for item in items)
    assert len(list(rows)) == events


async def one(app: FastAPI, asked: str) -> bytes:
    """Return an answer of one piece."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        answer = await client.get(asked)
    assert answer.status_code == 200, answer.text
    return answer.content
