"""ASGI middleware that measures responses by route."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from shared.telemetry.metrics import Metrics

NO_ROUTE = "(none)"
"""The shared label of unknown paths: a scanner must not fill the memory."""
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class Measured:
    """Counts and times requests; one that fails without a response counts as 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and record its status and duration."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.answered(_method(scope), _route(scope), status, seconds)


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in METHODS else "(other)"


def _route(scope: Scope) -> str:
    """Return the path template that the router has put into the scope."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))
