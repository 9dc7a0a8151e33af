"""Followers of a small ledger: a reporting that only reads, on a standby or on the same server."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING

import httpx

from services.reporting.app import compose
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI


REACH_SECONDS = 60.0


class RunningFollower:
    """A follower on a loop that runs in another thread, asked from outside it."""

    def __init__(
        self, app: FastAPI, loop: asyncio.AbstractEventLoop, begun_again: threading.Event
    ) -> None:
        self.app = app
        self.begun_again = begun_again
        """Set when its process would have started again."""
        self._loop = loop
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test")

    def ask(self, method: str, address: str, **headers: str) -> httpx.Response:
        """Send a request, and return its answer."""
        asked = self._client.request(method, address, headers=headers)
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result()

    def get(self, address: str, **headers: str) -> httpx.Response:
        """Read."""
        return self.ask("GET", address, **headers)

    def reach(self, position: int) -> None:
        """Wait until a position can be read; each answer waits for it a while."""
        deadline = time.monotonic() + REACH_SECONDS
        while self.get(f"/summaries/national?year=2022&known_at={position}").status_code == 503:
            assert time.monotonic() < deadline, f"{position} was not reached"


@contextmanager
def follower(
    url: str, home: Path, loop: asyncio.AbstractEventLoop, **environment: str
) -> Iterator[RunningFollower]:
    """Run a reporting that follows the server at a SQLAlchemy address."""
    settings = Settings.from_environment(
        {"DVK_HOME": str(home), "DATABASE_URL": url, "DVK_FOLLOW": "1", **environment}
    )

    begun_again = threading.Event()

    async def started(stack: AsyncExitStack) -> FastAPI:
        log = open_log(settings.log_url, family=Family.REPORTING, reads_only=True)
        stack.callback(log.close)
        store = Store(settings.reporting_url, reads_only=True)
        stack.callback(store.close)
        app = compose(settings, log, store, again=begun_again.set)
        await stack.enter_async_context(app.router.lifespan_context(app))
        return app

    stack = AsyncExitStack()
    try:
        app = asyncio.run_coroutine_threadsafe(started(stack), loop).result()
        yield RunningFollower(app, loop, begun_again)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()
