"""A client of HTTP/1.1 that costs as little as it can: the server's time is what is measured."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

JSON_EVENT = "application/cloudevents+json"
CONNECTIONS = 16


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes


class Connection:
    """One connection that stays open; one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_failure: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def get(self, path: str) -> Answer:
        """Ask for a path."""
        return await self._ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    async def post(self, path: str, body: bytes, media_type: str = JSON_EVENT) -> Answer:
        """Send a body."""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\n"
        return await self._ask(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    async def _ask(self, request: bytes) -> Answer:
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"content-length:")
        body = await self._reader.readexactly(int(rest.split(b"\r\n", 1)[0] or 0))
        return Answer(int(head[9:12]), body)


async def at_a_rate(
    port: int, requests: Sequence[tuple[str, str, bytes]], a_second: float, expected: int = 200
) -> list[float]:
    """Send requests at their times, whether earlier ones are answered or not; return seconds each.

    The seconds begin when a request was due: a server that stands still is not spared.
    """
    free: asyncio.Queue[Connection] = asyncio.Queue()  # in turn: an idle one is closed
    seconds: list[float] = []

    async def one(due: float, method: str, path: str, body: bytes) -> None:
        connection = await free.get()
        answer = await (connection.post(path, body) if method == "POST" else connection.get(path))
        seconds.append(perf_counter() - due)
        free.put_nowait(connection)
        assert answer.status == expected, answer

    connections = [Connection(port) for _ in range(CONNECTIONS)]
    for connection in connections:
        await connection.__aenter__()
        free.put_nowait(connection)
    started = perf_counter() + 0.05
    async with asyncio.TaskGroup() as tasks:
        for number, request in enumerate(requests):
            due = started + number / a_second
            await asyncio.sleep(max(due - perf_counter(), 0))
            tasks.create_task(one(due, *request))
    for connection in connections:
        await connection.__aexit__()
    return seconds
