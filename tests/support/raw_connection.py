"""One connection to an application, given byte for byte as it would arrive; no socket is needed."""

import asyncio
import json
from collections.abc import Iterable
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from shared.web.server.connection_limits import LimitedHttpProtocol


class Asked(NamedTuple):
    method: str
    path: str
    body: bytes


class Wire(asyncio.Transport):
    """What a socket would be: it keeps what is written, and waits when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.paused = False
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self.closed:
            self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Listening:
    """One connection to an application that notes what it was asked, and answers with it."""

    def __init__(self, *, hurried: bool = False) -> None:
        self.asked: list[Asked] = []
        self.hung_up = False
        self.wire = Wire()
        self._hurried = hurried
        self._state = ServerState()
        config = Config(
            self._app, interface="asgi3", proxy_headers=False, log_config=None, lifespan="off"
        )
        self._protocol = LimitedHttpProtocol(config, self._state, {})
        self._protocol.connection_made(self.wire)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = b""
        if not self._hurried:
            try:
                body = await request.body()
            except ClientDisconnect:
                return
        self.asked.append(Asked(request.method, scope["path"], body))
        await JSONResponse(len(self.asked))(scope, receive, send)

    async def hear(self, pieces: Iterable[bytes]) -> None:
        """Give it pieces as they would arrive, until every request is answered."""
        async with asyncio.timeout(20):
            for piece in pieces:
                while self.wire.paused:
                    await asyncio.sleep(0)
                self._protocol.data_received(piece)
                await asyncio.sleep(0)
            while self._state.tasks and not self._waits_for_more():
                await asyncio.sleep(0)
        self.hung_up = self.wire.closed
        self._protocol.connection_lost(None)
        while self._state.tasks:
            await asyncio.sleep(0)

    def _waits_for_more(self) -> bool:
        cycle = self._protocol.cycle
        return self.wire.closed or (
            cycle.more_body and not cycle.body and not cycle.response_started
        )

    def answers(self) -> list[tuple[int, object]]:
        """Return (status, body) of each answer, in the order in which they were written."""
        found = []
        rest = self.wire.written
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(lines.get(b"content-length", b"0"))
            status = int(head.split()[1])
            if status != 100:
                found.append((status, json.loads(rest[:length])))
            rest = rest[length:]
        return found


async def heard(pieces: Iterable[bytes], *, hurried: bool = False) -> Listening:
    listening = Listening(hurried=hurried)
    await listening.hear(pieces)
    return listening
