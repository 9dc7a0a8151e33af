"""A connection costs little time and memory, whatever it says; each misuse is answered as a problem."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from shared.web.server.connection_limits import MAX_HEAD_BYTES, LimitedHttpProtocol
from tests.support.listening_service import say, serving

POST = b"POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = 64 * 1024


class Hasty(LimitedHttpProtocol):
    head_seconds = 0.5
    body_seconds = 0.5


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    async with serving(tmp_path) as port:
        yield port


@pytest.fixture
async def hasty_port(tmp_path: Path) -> AsyncIterator[int]:
    async with serving(tmp_path, Hasty) as port:
        yield port


def repeated(first: bytes, piece: Callable[[int], bytes], megabytes: int) -> Iterator[bytes]:
    yield first
    sent = 0
    for number in range(10**9):
        if sent > megabytes * 1_000_000:
            return
        yield (one := piece(number))
        sent += len(one)


ENDLESS = {
    "one header": (b"GET /healthz HTTP/1.1\r\nX: ", lambda _: b"a" * PIECE),
    "many headers": (
        b"GET /healthz HTTP/1.1\r\n",
        lambda number: b"".join(b"X%d-%d: a\r\n" % (number, each) for each in range(4_000)),
    ),
    "an address": (b"GET /", lambda _: b"a" * PIECE),
    "a method": (b"G", lambda _: b"E" * PIECE),
    "trailers": (
        CHUNKED + b"2\r\n{}\r\n0\r\n",
        lambda number: b"X%d: " % number + b"a" * PIECE + b"\r\n",
    ),
    "the size of a chunk": (CHUNKED + b"2;x=", lambda _: b"a" * PIECE),
    "empty lines": (b"", lambda _: b"\r\n" * PIECE),
}


@pytest.mark.parametrize("kind", ENDLESS)
async def test_what_is_no_body_is_cut_off_soon(port: int, kind: str) -> None:
    first, piece = ENDLESS[kind]
    answered = await say(port, repeated(first, piece, 30))
    assert answered.status in {0, 400, 431}
    assert answered.sent < 15_000_000
    assert await is_well(port)


async def test_a_head_just_over_the_limit_is_431_and_one_under_it_is_read(port: int) -> None:
    def asking(size: int) -> bytes:
        return b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * size + b"\r\n\r\n"

    over = await say(port, [asking(MAX_HEAD_BYTES)])
    assert (over.status, over.code) == (431, "head_too_large")
    assert (await say(port, [asking(MAX_HEAD_BYTES - 100)])).status == 200


async def test_a_large_body_in_one_piece_with_its_head_is_no_large_head(port: int) -> None:
    batch = POST.replace(b"cloudevents+json", b"cloudevents-batch+json")
    body = b"[" + b" " * 1_000_000 + b"]"
    answered = await say(port, [batch + b"Content-Length: %d\r\n\r\n" % len(body) + body])
    assert answered.status == 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (POST + b"Content-Length: 10000000\r\n\r\n", 413),
        (CHUNKED + b"80000\r\n" + b" " * 0x80000, 413),
        (CHUNKED + b"zz\r\n{}", 400),
        (CHUNKED + b"-1\r\n{}", 400),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}", 400),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Content-Length: %s\r\n\r\n" % (b"9" * 30), 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX\x00Y: 1\r\n\r\n", 400),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: [\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    ],
    ids=lambda each: each[-30:].hex() if isinstance(each, bytes) else each,
)
async def test_what_cannot_be_read_is_a_problem(port: int, said: bytes, status: int) -> None:
    answered = await say(port, [said])
    assert answered.status == status
    assert answered.code is not None
    assert await is_well(port)


@pytest.mark.parametrize(
    "said",
    [b"", b"GET /healthz HT", b"\r\n", POST + b"Content-Length: 50\r\n\r\n{", CHUNKED + b"2\r\n{"],
    ids=["nothing", "half a head", "a line", "half a body", "half a chunk"],
)
async def test_who_never_ends_a_request_is_hung_up_on(hasty_port: int, said: bytes) -> None:
    async with asyncio.timeout(60):
        answered = await say(hasty_port, [said])
    assert (answered.status, answered.code) == (408, "too_slow")
    assert await is_well(hasty_port)


async def test_who_hangs_up_in_the_middle_is_no_error_of_ours(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    for said in (POST + b"Content-Length: 50\r\n\r\n{", CHUNKED + b"2\r\n", POST):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        await writer.drain()
        writer.close()
    assert await is_well(port)
    assert "unexpected error" not in caplog.text


async def test_requests_one_behind_the_other_are_answered_in_order(port: int) -> None:
    asked = (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        b"GET /no HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked * 300)
    statuses = []
    while len(statuses) < 600:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        await reader.readexactly(int(length[1]))
        statuses.append(int(head.split()[1]))
    writer.close()
    assert statuses == [200, 404] * 300


async def is_well(port: int) -> bool:
    """Say whether the service is ready, and its log still empty."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        ready = await client.get("/readyz")
        feed = await client.get("/events")
        return ready.status_code == 200 and feed.json() == []
