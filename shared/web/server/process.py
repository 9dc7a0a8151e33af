"""A service process: binding, and a clean shutdown.

uvicorn stops accepting requests on SIGTERM and answers those in progress; then the parts of the
service stop in the reverse order of their start, so that accepted events are appended first.
"""

import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from inspect import isawaitable
from ipaddress import ip_address
from typing import NoReturn, Protocol, TypeVar

import uvicorn
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from shared.errors import Unavailable
from shared.gc_control import tune_gc
from shared.settings import Settings
from shared.web.server.application import Lifespan
from shared.web.server.connection_limits import LimitedHttpProtocol

GRACE_SECONDS = 8
DATABASE_PATIENCE_SECONDS = 60.0
_OPENING_PAUSE_SECONDS = 1.0
_logger = logging.getLogger("dvk.web")
_Opened = TypeVar("_Opened")


class ServicePart(Protocol):
    """A component that runs next to the HTTP application, such as the appender; sync or async."""

    def start(self) -> Awaitable[None] | None:
        """Start the component."""
        ...

    def stop(self) -> Awaitable[None] | None:
        """Finish the current work, then stop."""
        ...


def lifespan_of(
    parts: Sequence[ServicePart], *, closing: Sequence[Callable[[], object]] = ()
) -> Lifespan:
    """Return a lifespan that starts the parts in order, and stops them in reverse order."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for close in closing:
                stack.push_async_callback(run_in_threadpool, close)
            for part in parts:
                await _settled(part.start())
                stack.push_async_callback(_stopped, part)
            yield

    return lifespan


async def _stopped(part: ServicePart) -> None:
    # A thread may finish a group first; the event loop is not blocked meanwhile.
    await _settled(await run_in_threadpool(part.stop))


async def _settled(result: Awaitable[None] | None) -> None:
    if isawaitable(result):
        await result


def opened_patiently(
    opening: Callable[[], _Opened],
    *,
    patience_seconds: float = DATABASE_PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> _Opened:
    """Open the database, waiting until it is up: in a data centre all may start at once."""
    waits = int(patience_seconds / _OPENING_PAUSE_SECONDS)
    for _ in range(waits):
        try:
            return opening()
        except Unavailable as error:
            _logger.warning("the database does not answer yet: %s", error)
            pause(_OPENING_PAUSE_SECONDS)
    return opening()


def is_loopback(host: str) -> bool:
    """Return whether an address is loopback."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def start_again() -> NoReturn:
    """Replace this process by a new one at once, so that nothing of its memory is left."""
    _logger.warning("this process starts again")
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  as it was started


def serve(app: FastAPI, settings: Settings, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    tune_gc()
    uvicorn.run(
        app,
        host=settings.host,
        port=port,
        http=LimitedHttpProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
