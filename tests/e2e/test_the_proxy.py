"""The nginx of the data centre: what it hands on, what it cuts, whom it slows down."""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from shared.client.signed_reads import SignedReads
from shared.trust.reads.request_signature import RequestSignature, SignedRequest
from shared.web.server.safe_headers import SAFE_HEADERS
from tests.support.certificates import certificate
from tests.support.proxy_server import LONG, NEEDS_NGINX, Proxy, proxy
from tests.support.trusted import key_of

pytestmark = [NEEDS_NGINX, pytest.mark.processes]
HOST = b"Host: localhost\r\n"
POST = b"POST /registry/events HTTP/1.1\r\n" + HOST
INNER = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxy(tmp_path_factory.mktemp("proxy")) as started:
        yield started


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxy(tmp_path_factory.mktemp("hasty"), seconds=1) as started:
        yield started


def over_tls(to: Proxy, **options: object) -> httpx.Client:
    trusted = ssl.create_default_context(cafile=str(to.certificate))
    if "cert" in options:
        file = Path(str(options["cert"]))
        trusted.load_cert_chain(file, file.with_suffix(".key"))
    base = f"https://localhost:{to.tls_port}"
    return httpx.Client(verify=trusted, base_url=base, trust_env=False)


SMUGGLED = {
    "a length and chunks": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 66\r\n\r\n",
    "a length twice": b"Content-Length: 0, 66\r\n\r\n",
    "another encoding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a folded header": b"X: 1\r\n Content-Length: 66\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
    "a space before the colon": b"Content-Length : 66\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a bare line feed": b"X: 1\n\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk with a sign": b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
    "a line feed in a chunk": b"Transfer-Encoding: chunked\r\n\r\n2;x\nxx\r\n30\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("kind", SMUGGLED)
def test_a_request_hidden_in_another_never_reaches_a_service_as_one(
    hasty: Proxy, kind: str
) -> None:
    """The inner one may be answered as the next of the connection, but never be part of both."""
    before = len(hasty.service.seen)
    answer = hasty.say(POST + SMUGGLED[kind] + INNER)
    statuses = re.findall(rb"HTTP/1\.1 (\d{3})", answer)
    reached = hasty.service.seen[before:]
    assert all(each.headers["host"] == "localhost" for each in reached)
    if statuses[0] in {b"400", b"501"}:
        assert (statuses, reached) == ([statuses[0]], [])
        return
    # nginx read a whole request and wrote it again in one plain form: each is answered once.
    assert len(reached) == sum(each == b"200" for each in statuses)
    for each in reached:
        assert "transfer-encoding" not in each.headers
        assert len(each.body) == int(each.headers.get("content-length", 0))


def test_what_is_ambiguous_is_refused_and_the_connection_closed(running: Proxy) -> None:
    for kind in ("a length and chunks", "two lengths", "another encoding", "a length with a sign",
                 "a space before the colon", "a chunk with a sign", "two encodings"):  # fmt: skip
        answer = running.say(POST + SMUGGLED[kind] + INNER)
        assert re.match(rb"HTTP/1\.1 (400|501) ", answer), kind
        assert answer.count(b"HTTP/1.1") == 1, kind


def test_nothing_that_speaks_for_a_proxy_or_a_certificate_comes_through(running: Proxy) -> None:
    forged = (
        "X-Client-Cert", "X_Client_Cert", "x_client_cert", "Forwarded", "X-Forwarded-Host",
        "X_Forwarded_Host", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-IP",
    )  # fmt: skip
    headers = dict.fromkeys(forged, "evil.example") | {"X-Forwarded-For": "8.8.8.8"}
    httpx.get(f"http://127.0.0.1:{running.port}/registry/receipts?id=1", headers=headers)
    seen = running.service.seen[-1]
    assert seen.target == "/receipts?id=1"
    assert "evil.example" not in seen.headers.values()
    assert seen.headers["x-forwarded-for"] == "127.0.0.1"
    # The authority that publishers sign has its port.
    assert seen.headers["host"] == f"127.0.0.1:{running.port}"


def test_a_read_signed_outside_is_right_inside(running: Proxy) -> None:
    key = key_of("p-a")
    address = "/registry/parked?source=%2Fpublishers%2Fp-a&limit=2"
    with over_tls(running) as client:
        assert client.get(address, auth=SignedReads(key)).status_code == 200
    seen = running.service.seen[-1]
    path, _, query = seen.target.partition("?")
    read = RequestSignature.read(seen.headers["signature-input"], seen.headers["signature"])
    assert read is not None
    inside = SignedRequest(seen.method, seen.headers["host"], f"/registry{path}", query)
    assert read.is_of(key.public, inside)
    assert not read.is_of(key.public, inside._replace(path=path))


def test_a_thousand_idle_connections_keep_nobody_waiting(running: Proxy) -> None:
    with ExitStack() as idle:
        for number in range(1_000):
            port = running.tls_port if number % 2 else running.port
            connection = idle.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(b"\x16\x03\x01" if number % 2 else b"GET / HT")
        with over_tls(running) as client:
            assert [client.get("/find").status_code for _ in range(20)] == [200] * 20


def test_other_machines_come_over_tls_1_3_and_headers_are_not_doubled(running: Proxy) -> None:
    with over_tls(running) as client:
        answer = client.get("/")
    for name, value in SAFE_HEADERS:
        assert answer.headers.get_list(name.decode()) == [value.decode()]
    assert answer.headers.get_list("strict-transport-security") == [
        "max-age=31536000; includeSubDomains"
    ]
    in_clear = httpx.get(f"http://127.0.0.1:{running.port}/")
    assert "strict-transport-security" not in in_clear.headers
    older = ssl.create_default_context(cafile=str(running.certificate))
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        pytest.raises(ssl.SSLError),
        socket.create_connection(("127.0.0.1", running.tls_port)) as connection,
    ):
        older.wrap_socket(connection, server_hostname="localhost")


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\nHost: loc", POST + b"Content-Length: 9\r\n\r\n{"],
    ids=["half a head", "half a body"],
)
def test_a_request_that_does_not_end_is_cut(hasty: Proxy, said: bytes) -> None:
    before = len(hasty.service.seen)
    answer = hasty.say(said)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")
    assert hasty.service.seen[before:] == []


def test_a_handshake_that_does_not_end_is_cut(hasty: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", hasty.tls_port), 20) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert connection.recv(1) == b""


def test_a_reader_who_takes_nothing_is_cut(hasty: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", hasty.port), 20) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.sendall(b"GET /long HTTP/1.1\r\n" + HOST + b"\r\n")
        assert hasty.service.cut.wait(20)
        received = 0
        with suppress(ConnectionError):
            while piece := connection.recv(65_536):
                received += len(piece)
    assert received < LONG


def test_one_address_is_slowed_down_and_events_are_not(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with proxy(tmp_path_factory.mktemp("limits")) as limited, over_tls(limited) as client:
        attempts = [client.post("/sign-in").status_code for _ in range(20)]
        assert attempts[:10] == [200] * 10
        assert attempts.count(429) >= 8
        refused = client.post("/sign-in")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "too_many_requests"
        assert refused.headers["retry-after"]
        reads = [client.get("/find").status_code for _ in range(260)]
        assert reads[:200] == [200] * 200
        assert 429 in reads
        assert {client.post("/registry/events").status_code for _ in range(50)} == {200}
        # What comes over HTTP is this machine and the desk.
        plain = f"http://127.0.0.1:{limited.port}"
        with httpx.Client(base_url=plain, trust_env=False) as inner:
            assert {inner.get("/find").status_code for _ in range(260)} == {200}


def test_a_certificate_admits_publishers_and_nothing_else_asks_for_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("authority")
    authority, _ = certificate(folder, "authority")
    stranger, _ = certificate(folder, "stranger")
    publisher = _issued(folder, authority)
    with proxy(tmp_path_factory.mktemp("admission"), authorities=authority) as running:
        events = ("/events", "/registry/events", "/evaluation/events", "/registry//events")
        with over_tls(running) as client:
            for path in events:
                answer = client.post(path, headers={"X-Client-Cert": "x"})
                assert (answer.status_code, answer.json()["code"]) == (403, "not_admitted")
            assert client.get("/registry/receipts").status_code == 200
            assert client.post("/sign-in").status_code == 200
        assert all("events" not in each.target for each in running.service.seen)
        with over_tls(running, cert=stranger) as client:
            assert client.post("/registry/events").status_code == 400
        with over_tls(running, cert=publisher) as client:
            assert client.post("/registry/events").status_code == 200
        assert "client" not in str(running.service.seen[-1].headers).lower()


def _issued(folder: Path, authority: Path) -> Path:
    """Return a certificate that an authority issued to a publisher."""
    key, request, issued = (folder / f"publisher.{each}" for each in ("key", "csr", "pem"))
    for command in (
        ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=publisher", "-keyout", key, "-out", request],
        ["x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority.with_suffix(".key"),
         "-days", "2", "-out", issued],
    ):  # fmt: skip
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    return issued
