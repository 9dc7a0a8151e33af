"""A service in process: the real application on a real SQLite log, spoken to as over HTTP.

Every answer is held against the service's own OpenAPI document: none may come undocumented.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from services.evaluation import app as evaluation_app
from services.registry import app as registry_app
from services.reporting.queries.as_of import NOT_REACHED
from shared.clock import Clock, system_clock
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.waiting import until

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCHED = {"Content-Type": "application/cloudevents-batch+json"}
_COMPOSE = {Family.REGISTRY: registry_app.compose, Family.EVALUATION: evaluation_app.compose}


@dataclass(frozen=True)
class Face:
    """One service that runs, with what a publisher does."""

    client: httpx.AsyncClient

    async def send(self, event: object, **headers: str) -> httpx.Response:
        """Publish one event in structured mode; bytes are sent as they are."""
        return await self.client.post(
            "/events", content=_written(event), headers={**STRUCTURED, **headers}
        )

    async def send_batch(self, events: object, **headers: str) -> httpx.Response:
        """Publish a batch; bytes are sent as they are."""
        return await self.client.post(
            "/events", content=_written(events), headers={**BATCHED, **headers}
        )

    async def accepted(self, *events: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Publish events that the rules must accept; return their items."""
        items = []
        for event in events:
            answer = await self.send(event)
            assert answer.status_code == 201, answer.text
            items.append(answer.json())
        return items

    async def items(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """Return the items of a list."""
        answer = await self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def receipt(self, event: Mapping[str, Any]) -> httpx.Response:
        """Ask what became of an event."""
        key = {"source": event["source"], "id": event["id"]}
        return await self.client.get("/receipts", params=key)


def _written(event: object) -> bytes:
    return event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()


@asynccontextmanager
async def running_face(
    family: Family, home: Path, *, clock: Clock = system_clock, redis_url: str | None = None
) -> AsyncIterator[Face]:
    """Run a service on the log of a home, as `python -m` does, without the socket."""
    environment = {"DVK_HOME": str(home)} | ({"REDIS_URL": redis_url} if redis_url else {})
    settings = Settings.from_environment(environment)
    log = open_log(settings.log_url, family=family)
    app = _COMPOSE[family](settings, log, clock=clock, closing=(log.close,))
    async with app.router.lifespan_context(app), speaking_to(app) as client:
        yield Face(client)


class AsksAgain(httpx.AsyncBaseTransport):
    """Asks again, as a reader does, while the read models have not reached what is asked for.

    A service waits two seconds for them and then answers 503; on a machine that others use a test
    can be held up for longer, and that is no answer to what it asks.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the first answer that is one."""
        answer = await self._app.handle_async_request(request)

        async def answered() -> bool:
            nonlocal answer
            if answer.status_code == 503:
                await answer.aread()
                if answer.json()["code"] == NOT_REACHED.code:
                    answer = await self._app.handle_async_request(request)
                    return False
            return True

        await until(answered)
        return answer


@asynccontextmanager
async def speaking_to(
    app: FastAPI, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an application that checks each answer against the OpenAPI document."""

    async def check(response: httpx.Response) -> None:
        await response.aread()
        _check_documented(app, response)

    async with httpx.AsyncClient(
        transport=transport or httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://test",
        event_hooks={"response": [check]},
    ) as client:
        yield client


def _check_documented(app: FastAPI, response: httpx.Response) -> None:
    """Fail for an answer that the OpenAPI document does not foresee."""
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if response.status_code >= 400:
        assert media_type == "application/problem+json", response.text
        body = response.json()
        assert body["status"] == response.status_code
        assert {"type", "title", "code", "detail"} <= body.keys()
    if response.status_code in {429, 503}:
        assert int(response.headers["retry-after"]) >= 1
    operation = _operation(_documented(app), response.request)
    if operation is None:
        return
    documented = operation["responses"].get(str(response.status_code))
    assert documented is not None, f"undocumented: {response.status_code} {response.text}"
    assert media_type in documented["content"], media_type


_PATHS: dict[str, Mapping[str, Mapping[str, Any]]] = {}


def _documented(app: FastAPI) -> Mapping[str, Mapping[str, Any]]:
    """Return the paths of the document of a service, made once: every start of it has the same."""
    if app.title not in _PATHS:
        _PATHS[app.title] = app.openapi()["paths"]
    return _PATHS[app.title]


def _operation(
    paths: Mapping[str, Mapping[str, Any]], request: httpx.Request
) -> Mapping[str, Any] | None:
    for path, methods in paths.items():
        if _fits(path.split("/"), request.url.path.split("/")):
            return methods.get(request.method.lower())
    return None


def _fits(template: Sequence[str], path: Sequence[str]) -> bool:
    return len(template) == len(path) and all(
        wanted == found or wanted.startswith("{")
        for wanted, found in zip(template, path, strict=True)
    )
