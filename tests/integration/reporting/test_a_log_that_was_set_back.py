"""The log is not the one that the read models were filled from: no figure is given, and it is said."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from services.reporting.app import build_app
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.http_clients import AsksAgain, Face, running_face, speaking_to
from tests.support.waiting import until

READS = ("/summaries/national?year=2022", "/completeness", "/registrations?year=2022")


@asynccontextmanager
async def reporting(home: Path) -> AsyncIterator[Face]:
    app = build_app(Settings.from_environment({"DVK_HOME": str(home)}))
    async with app.router.lifespan_context(app), speaking_to(app, AsksAgain(app)) as client:
        yield Face(client)


async def fill(home: Path, numbers: range) -> None:
    """Register in a log, in which the country may stand already."""
    async with running_face(Family.REGISTRY, home) as registry:
        if 1 in numbers:
            country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
            await registry.accepted(country)
        for number in numbers:
            event = cloudevent("ModelRegistered", registration(str(number)))
            await registry.accepted(event)


def copied(file: Path, to: Path) -> None:
    with closing(sqlite3.connect(file)) as log, closing(sqlite3.connect(to)) as copy:
        log.backup(copy)


def remove_read_models(home: Path) -> None:
    for file in home.glob("reporting.db*"):
        file.unlink()


async def gives_no_figure(face: Face) -> None:
    """Fail unless every read is refused with the reason, and `/readyz` tells it."""

    async def failing() -> dict[str, str]:
        checks = (await face.client.get("/readyz")).json()["checks"]
        return {name: each["reason"] for name, each in checks.items() if not each["ok"]}

    async def noticed() -> bool:
        return "read_models_of_other_log" in (await failing()).get("read_models", "")

    await until(noticed)
    assert (await face.client.get("/readyz")).status_code == 503
    for path in READS:
        answer = await face.client.get(path)
        assert (answer.status_code, path) == (503, path)
    answer = await face.client.get(READS[0])
    assert answer.json()["code"] == "read_models_of_other_log"
    assert int(answer.headers["retry-after"]) >= 1
    assert (await face.client.get("/healthz")).status_code == 200


async def test_set_back_while_reporting_runs(tmp_path: Path) -> None:
    await fill(tmp_path, range(1, 4))
    copied(tmp_path / "log.db", tmp_path / "copy.db")
    await fill(tmp_path, range(4, 6))
    async with reporting(tmp_path) as face:
        asked = await face.client.get("/summaries/national?year=2022&known_at=6")
        assert asked.json()["measures"]["registered"] == 5
        copied(tmp_path / "copy.db", tmp_path / "log.db")
        await gives_no_figure(face)


async def test_set_back_while_reporting_is_stopped_and_grown_since(tmp_path: Path) -> None:
    await fill(tmp_path, range(1, 4))
    copied(tmp_path / "log.db", tmp_path / "copy.db")
    await fill(tmp_path, range(4, 6))
    async with reporting(tmp_path) as face:
        await face.client.get("/summaries/national?year=2022&known_at=6")
    copied(tmp_path / "copy.db", tmp_path / "log.db")
    await fill(tmp_path, range(10, 20))
    async with reporting(tmp_path) as face:
        await gives_no_figure(face)
    remove_read_models(tmp_path)
    async with reporting(tmp_path) as face:
        asked = await face.client.get("/summaries/national?year=2022&known_at=14")
        assert asked.json()["measures"]["registered"] == 13
