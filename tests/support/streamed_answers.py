"""An answer taken piece by piece, so that a test can do something between two pieces."""

import asyncio
from collections.abc import Callable

import httpx
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message


async def streamed(
    app: ASGIApp, address: str, *, meanwhile: Callable[[], object] = lambda: None
) -> bytes:
    """Return the whole body of an answer; `meanwhile` is done after its first piece.

    Whatever breaks the answer off is raised, as it reaches the server.
    """
    url = httpx.URL(f"http://test{address}")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "headers": [(b"host", b"test")],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    pieces: list[bytes] = []
    ended = False

    async def receive() -> Message:
        await asyncio.Event().wait()  # nothing comes, and nobody hangs up
        raise AssertionError

    async def send(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
            return
        pieces.append(message.get("body", b""))
        ended = not message.get("more_body", False)
        if len(pieces) == 1:
            await run_in_threadpool(meanwhile)

    await app(scope, receive, send)
    assert ended, "the answer was not ended"
    assert len(pieces) > 2, "the answer came in one piece"
    return b"".join(pieces)
