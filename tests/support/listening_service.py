"""A service that listens on a port of this machine, and what is said to it byte for byte."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn

from services.registry.app import compose
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family
from shared.web.server.connection_limits import LimitedHttpProtocol


class Answered(NamedTuple):
    status: int
    code: str | None
    sent: int
    head: bytes = b""


@asynccontextmanager
async def serving(
    home: Path,
    protocol: type[LimitedHttpProtocol] = LimitedHttpProtocol,
    *,
    host: str = "127.0.0.1",
    **environment: str,
) -> AsyncIterator[int]:
    """Serve a registry on a port of this machine, as `serve` does."""
    settings = Settings.from_environment({"DVK_HOME": str(home), **environment})
    log = open_log(settings.log_url, family=Family.REGISTRY)
    config = uvicorn.Config(
        compose(settings, log, closing=(log.close,)),
        host=host,
        port=0,
        http=protocol,
        log_config=None,
        access_log=False,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def say(port: int, pieces: Iterable[bytes], address: str = "127.0.0.1") -> Answered:
    """Send pieces until the service hangs up; return what it answered and how much was sent."""
    reader, writer = await asyncio.open_connection(address, port)
    sent = 0
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
    except ConnectionError:
        pass
    try:
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer)
        body = await reader.readexactly(int(length[1])) if length else b""
    except (ConnectionError, asyncio.IncompleteReadError):
        return Answered(0, None, sent)  # the reset came before the answer was read
    finally:
        writer.close()
    told = json.loads(body) if b"application/problem+json" in answer else {}
    return Answered(int(answer.split()[1]), told.get("code"), sent, answer)
