"""Another protocol that a request offers is not taken, and its body is read (RFC 9110, 7.8).

Whatever arrives in whatever pieces: the requests that are seen are those that were sent. Bytes of a
body are never taken for a request.
"""

import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import pytest

from shared.web.server.connection_limits import MAX_HEAD_BYTES
from tests.support.raw_connection import Asked, heard

REQUEST_IN_A_BODY = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
OFFERS = {
    "h2c, as Java and curl offer it": H2C,
    "h2c in other letters": b"connection: HTTP2-SETTINGS,UPGRADE\r\nUPGRADE: H2C\r\n",
    "a web socket": b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    "several": b"Connection: keep-alive, upgrade\r\nUpgrade: h2c, TLS/1.0, IRC/6.9\r\n",
    "on two lines": b"Connection: keep-alive\r\nUpgrade: a\r\nConnection: Upgrade\r\nUpgrade: b\r\n",
    "nothing": b"Connection: Upgrade\r\nUpgrade:\r\n",
    "without Connection": b"Upgrade: h2c\r\n",
    "without Upgrade": b"Connection: Upgrade\r\n",
    "none": b"",
}


class Sent(NamedTuple):
    raw: bytes
    asked: Asked


def sent(
    method: str,
    path: str,
    offer: bytes,
    body: bytes | None = None,
    chunks: int = 0,
    *,
    more: bytes = b"",
) -> Sent:
    """Write a request; with `chunks` its body comes in so many."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + offer + more
    if body is None:
        return Sent(head + b"\r\n", Asked(method, path, b""))
    if not chunks:
        framed = b"Content-Length: %d\r\n\r\n" % len(body) + body
        return Sent(head + framed, Asked(method, path, body))
    step = max(1, -(-len(body) // chunks))
    pieces = [body[start : start + step] for start in range(0, len(body), step)]
    framed = b"".join(b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    framed = b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\nTrailer: x\r\n\r\n"
    return Sent(head + framed, Asked(method, path, body))


def halves(raw: bytes) -> Iterable[Sequence[bytes]]:
    """Yield the whole, every way to cut it once, and all its bytes one by one."""
    yield (raw,)
    for cut in range(1, len(raw)):
        yield (raw[:cut], raw[cut:])
    yield [raw[place : place + 1] for place in range(len(raw))]


async def seen_as_sent(requests: Sequence[Sent], cuts: Iterable[Sequence[bytes]]) -> None:
    for pieces in cuts:
        listening = await heard(pieces)
        assert listening.asked == [each.asked for each in requests], pieces
        expected = [(200, number) for number in range(1, len(requests) + 1)]
        assert listening.answers() == expected, pieces
        assert not listening.hung_up


AFTER = sent("GET", "/after", b"")


@pytest.mark.parametrize("chunks", [0, 1, 3], ids=["stated", "one chunk", "three chunks"])
@pytest.mark.parametrize("offer", OFFERS)
async def test_a_body_is_read_however_it_arrives(offer: str, chunks: int) -> None:
    requests = [sent("POST", "/events", OFFERS[offer], REQUEST_IN_A_BODY, chunks), AFTER]
    await seen_as_sent(requests, halves(b"".join(each.raw for each in requests)))


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("offer", OFFERS)
async def test_a_request_without_a_body_is_one_too(offer: str, method: str) -> None:
    requests = [sent(method, "/?a=b%20c", OFFERS[offer]), AFTER]
    for pieces in halves(b"".join(each.raw for each in requests)):
        listening = await heard(pieces)
        assert listening.asked == [Asked(method, "/", b""), AFTER.asked]


@pytest.mark.parametrize("chunks", [0, 2])
async def test_an_empty_body_and_a_long_one_are_read(chunks: int) -> None:
    long = REQUEST_IN_A_BODY * 6_000  # more than a connection holds unread
    requests = [sent("POST", "/", H2C, body, chunks) for body in (b"", long, b"", b"{}")]
    raw = b"".join(each.raw for each in requests)
    cut = [raw[start : start + 65_536] for start in range(0, len(raw), 65_536)]
    await seen_as_sent(requests, [(raw,), cut])


async def test_who_waits_to_be_told_to_go_on_is_told() -> None:
    expecting = sent("POST", "/", H2C, b"{}", more=b"Expect: 100-continue\r\n")
    head, body = expecting.raw[:-2], expecting.raw[-2:]
    listening = await heard([head, body])
    assert listening.asked == [expecting.asked]
    assert listening.wire.written.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


async def test_a_thousand_offers_one_behind_the_other_are_answered_in_order() -> None:
    requests = [sent("POST", f"/{number}", H2C, b"%d" % number) for number in range(1_000)]
    await seen_as_sent(requests, [[b"".join(each.raw for each in requests)]])


@pytest.mark.parametrize("seed", range(60))
async def test_any_requests_in_any_pieces_are_seen_as_they_were_sent(seed: int) -> None:
    chance = random.Random(seed)
    requests = [
        sent(
            chance.choice(("POST", "PUT", "GET")),
            f"/{number}",
            chance.choice(list(OFFERS.values())),
            chance.choice((None, b"", b"{}", REQUEST_IN_A_BODY, chance.randbytes(300))),
            chance.randrange(4),
        )
        for number in range(chance.randint(1, 8))
    ]
    raw = b"".join(each.raw for each in requests)
    cuts = sorted({0, len(raw), *(chance.randrange(len(raw)) for _ in range(chance.randrange(9)))})
    pieces = [raw[start:end] for start, end in pairwise(cuts)]
    await seen_as_sent(requests, [pieces])


async def test_an_answer_that_does_not_wait_for_the_body_leaves_the_connection_in_step() -> None:
    for chunks in (0, 2):
        requests = [sent("POST", "/", H2C, REQUEST_IN_A_BODY, chunks), AFTER] * 2
        for pieces in halves(b"".join(each.raw for each in requests)):
            listening = await heard(pieces, hurried=True)
            assert [each.path for each in listening.asked] == ["/", "/after"] * 2


async def test_a_client_of_http_1_0_is_answered_and_hung_up_on() -> None:
    old = sent("POST", "/", H2C, b"{}")
    listening = await heard([old.raw.replace(b"HTTP/1.1", b"HTTP/1.0")])
    assert listening.asked == [old.asked]
    assert listening.hung_up


@pytest.mark.parametrize("address", [b"example.org:443", b"/", b"localhost:8080"])
async def test_connect_is_refused_and_what_follows_is_no_request(address: bytes) -> None:
    said = b"CONNECT " + address + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
    for pieces in ((said + REQUEST_IN_A_BODY,), (said, REQUEST_IN_A_BODY)):
        listening = await heard(pieces)
        assert listening.asked == []
        ((status, problem),) = listening.answers()
        assert (status, problem["code"]) == (400, "bad_request")  # type: ignore[index]
        assert listening.hung_up


BROKEN = {
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length and chunks": b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding that is not known": b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a size that is none": b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
    "a chunk that is too long": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n0\r\n\r\n",
    "a folded line": b"X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "a space before the colon": b"Content-Length : 2\r\n\r\n{}",
}


@pytest.mark.parametrize("offer", ["h2c, as Java and curl offer it", "none"])
@pytest.mark.parametrize("kind", BROKEN)
async def test_what_cannot_be_framed_is_refused_and_hung_up_on(kind: str, offer: str) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\n" + OFFERS[offer]
    for pieces in halves(head + BROKEN[kind] + REQUEST_IN_A_BODY):
        listening = await heard(pieces)
        assert "/smuggled" not in {each.path for each in listening.asked}, pieces
        assert listening.asked == []
        ((status, problem),) = listening.answers()
        assert (status, problem["code"]) == (400, "bad_request")  # type: ignore[index]
        assert listening.hung_up


async def test_what_is_no_request_is_answered_behind_what_came_before_it() -> None:
    requests = [sent("POST", "/1", H2C, b"{}"), sent("POST", "/2", b"", b"{}", 2)]
    raw = b"".join(each.raw for each in requests)
    for pieces in ((raw + b"no request\r\n\r\n",), (raw, b"no request\r\n\r\n")):
        listening = await heard(pieces)
        assert listening.asked == [each.asked for each in requests]
        assert [status for status, _ in listening.answers()] == [200, 200, 400]
        assert listening.hung_up


async def test_a_broken_body_is_answered_behind_what_came_before_it() -> None:
    whole = sent("POST", "/1", H2C, b"{}")
    broken = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n"
    )
    listening = await heard([whole.raw + broken + REQUEST_IN_A_BODY])
    assert listening.asked == [whole.asked]
    assert [status for status, _ in listening.answers()] == [200, 400]
    assert listening.hung_up


async def test_a_body_that_breaks_behind_its_answer_is_not_answered_twice() -> None:
    chunked = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\n" + H2C + b"Transfer-Encoding: chunked\r\n\r\n"
    )
    listening = await heard([chunked + b"2\r\n{}\r\n", b"xyz\r\n"], hurried=True)
    assert listening.answers() == [(200, 1)]
    assert listening.hung_up
    # A whole one is left behind, and what is wrong with the next is said of that.
    whole = sent("POST", "/", H2C, b"{}", 2).raw
    listening = await heard([whole[:-4], whole[-4:], b"no request\r\n\r\n"], hurried=True)
    assert [status for status, _ in listening.answers()] == [200, 400]


async def test_what_follows_a_request_that_closes_is_left_unread() -> None:
    closing = H2C.replace(b"Upgrade,", b"Upgrade, close,", 1)
    requests = [sent("POST", "/1", b"", b"{}"), sent("POST", "/2", closing, b"{}")]
    listening = await heard([b"".join(each.raw for each in requests) + REQUEST_IN_A_BODY])
    assert listening.asked == [each.asked for each in requests]
    assert listening.answers() == [(200, 1), (200, 2)]
    assert listening.hung_up


async def test_a_head_that_offers_has_the_same_limit() -> None:
    def asking(size: int) -> bytes:
        return sent("POST", "/", H2C, b"{}", more=b"X: " + b"a" * size + b"\r\n").raw

    assert (await heard([asking(MAX_HEAD_BYTES - 300)])).answers() == [(200, 1)]
    ((status, problem),) = (await heard([asking(MAX_HEAD_BYTES)])).answers()
    assert (status, problem["code"]) == (431, "head_too_large")  # type: ignore[index]
