"""A writing service moved by hand under a made-up clock, watched by a Prometheus of the test's."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from shared.appending.lock_wait import LockWait
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from shared.web.publishing.writing_service import WritingService, writing
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from tests.support.cloudevents import cloudevent
from tests.support.prometheus import Prometheus
from tests.support.small_rules import FewRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from shared.appending.decider import Decider
    from shared.eventlog.protocol import EventLog
    from shared.events.envelope import ReceivedEvent

BATCHED = {"Content-Type": "application/cloudevents-batch+json"}


class Alarmed:
    """Log, appender and HTTP face as a service puts them together; nothing moves by itself."""

    def __init__(self, home: Path, log: EventLog, rules: Decider | None = None) -> None:
        self.prometheus = Prometheus(registry=self.page)
        self.metrics = Metrics()
        settings = Settings.from_environment({"DVK_HOME": str(home)})
        self.log = log
        self.parts: WritingService = writing(
            settings,
            log,
            rules or FewRules(),
            clock=self.prometheus.microseconds,
            metrics=self.metrics,
        )
        self.appender = self.parts.appender
        self.appender.lock_wait = LockWait(self.prometheus.seconds)
        app = new_app(
            title="Test",
            title_vi="Thử",
            description="",
            family=Family.REGISTRY,
            metrics=self.metrics,
        )
        for router in self.parts.routers():
            add_routes(app, router)
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def page(self) -> str:
        """Return what the service answers at /metrics."""
        return self.ask("/metrics").text

    def ask(self, path: str) -> httpx.Response:
        """Ask the service over HTTP."""
        return asyncio.run(self.request("GET", path))

    def append(self, *events: ReceivedEvent) -> None:
        """Hand events in, and let the appender decide them."""
        self.appender.submit(events)
        self.appender.step()

    def watch(self, seconds: float, every: float = 15.0) -> Alarmed:
        """Let time pass under the eyes of Prometheus."""
        self.prometheus.watch(seconds, every)
        return self

    def firing(self, name: str) -> list[dict[str, str]]:
        """Return for what an alarm fires now."""
        return self.prometheus.firing(name)

    def send(self, events: Sequence[dict[str, Any]]) -> int:
        """Publish a batch over HTTP; return the status."""
        sending = self.request("POST", "/events", content=json.dumps(events), headers=BATCHED)
        return asyncio.run(sending).status_code

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request to the application."""
        async with httpx.AsyncClient(transport=self._transport, base_url="http://test") as client:
            return await client.request(method, path, **more)


@contextmanager
def alarmed(home: Path, rules: Decider | None = None) -> Iterator[Alarmed]:
    """Give a service on an empty SQLite log, by few rules unless others are stated."""
    log = open_log(
        Settings.from_environment({"DVK_HOME": str(home)}).log_url, family=Family.REGISTRY
    )
    try:
        yield Alarmed(home, log, rules)
    finally:
        log.close()


def broken_event() -> dict[str, Any]:
    """Return an event without what its schema asks for."""
    return cloudevent("UnitOpened", {}, subject="unit/x")
