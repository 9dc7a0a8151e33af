"""The database dies under a service: 503 with Retry-After, nothing half-written, and it recovers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from services.registry.app import compose
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.databases import psycopg_address
from tests.support.http_clients import Face, speaking_to
from tests.support.postgres_server import PostgresServer
from tests.support.waiting import until

pytestmark = pytest.mark.postgres


@asynccontextmanager
async def registry_on(url: str, home: Path) -> AsyncIterator[Face]:
    settings = Settings.from_environment({"DVK_HOME": str(home), "DATABASE_URL": url})
    log = open_log(settings.log_url, family=Family.REGISTRY)
    app = compose(settings, log, closing=(log.close,))
    async with app.router.lifespan_context(app), speaking_to(app) as client:
        yield Face(client)


async def test_a_dead_database_is_503_and_a_new_life_goes_on(
    own_postgres: PostgresServer, tmp_path: Path
) -> None:
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
    event = cloudevent("ModelRegistered", registration("1"))
    async with registry_on(own_postgres.url, tmp_path) as face:
        await face.accepted(country)
        own_postgres.kill()
        refused = await face.send(event)
        assert (refused.status_code, refused.json()["code"]) == (503, "log_unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        batch = await face.send_batch([event])
        assert batch.status_code == 503
        for path in ("/events", "/parked", "/refused", "/units", "/readyz", "/models/m-1"):
            assert (await face.client.get(path)).status_code == 503, path
        assert (await face.client.get("/healthz")).status_code == 200
        assert (await face.client.get("/metrics")).status_code == 200
        own_postgres.start()

        async def ready() -> bool:
            return (await face.client.get("/readyz")).status_code == 200

        await until(ready)
        assert (await face.receipt(event)).status_code == 404
        answer = await face.send(event)
        assert (answer.status_code, answer.json()["position"]) == (201, 2)


async def test_a_database_that_has_become_read_only_is_503_and_goes_on(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    """So managed databases behave when their disk is nearly full."""
    url = make_database()
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
    event = cloudevent("ModelRegistered", registration("1"))
    async with registry_on(url, tmp_path) as face:
        await face.accepted(country)
        _only_for_reading(url, "on")
        refused = await face.send(event)
        assert (refused.status_code, refused.json()["code"]) == (503, "log_unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        assert (await face.client.get("/events")).status_code == 200
        _only_for_reading(url, "off")
        answer = await face.send(event)
        assert (answer.status_code, answer.json()["position"]) == (201, 2)


def _only_for_reading(url: str, how: str) -> None:
    """Let every session that begins from now on write or not, and end those that have begun."""
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(psycopg_address(url), autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {how}'.encode())
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
