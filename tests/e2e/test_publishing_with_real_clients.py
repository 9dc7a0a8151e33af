"""The clients that publishers have: curl, Java, Go and Node as they are by default; and raw bytes.

What is not on the PATH is not tried, and says so loudly.
"""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest

from shared.client.addresses import on_ports
from tests.e2e.dvk_command import Up, free_ports, up
from tests.support.cloudevents import COUNTRY, cloudevent, recognition, registration

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

CLIENTS = Path(__file__).with_name("clients")
ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
FAMILIES = ("registry", "evaluation", "reporting")
PIECE_SECONDS = 60
_numbers = count(1)

Call = Callable[[str, Sequence[tuple[str, str, Path]]], list[str]]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Run one ledger for all clients; it knows a country."""
    home = tmp_path_factory.mktemp("clients") / "home"
    with up(home, free_ports(), DVK_SAMPLE="0") as running:
        opened = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
        (answer,) = raw(running.port + 1, [posted(ONE, json.dumps(opened).encode())], 1)
        assert answer[0] == 201, answer
        yield running


def curl(address: str, requests: Sequence[tuple[str, str, Path]]) -> list[str]:
    """Offer HTTP/2 with each request of one connection, as `curl --http2` does."""
    words = ["curl", "--silent", "--show-error", "--no-progress-meter", "--noproxy", "*"]
    for how, media_type, file in requests:
        if words[-1] != "*":
            words += ["--next", "--silent", "--show-error", "--noproxy", "*"]
        chunked = ["--header", "Transfer-Encoding: chunked"] if how == "chunked" else []
        words += [
            "--http2",
            *("--header", f"Content-Type: {media_type}", "--header", "Expect: 100-continue"),
            *chunked,
            *("--data-binary", f"@{file}", "--write-out", "\\n%{http_code}\\n"),
            f"{address}/events",
        ]
    lines = said(words).splitlines()
    return [f"{status} {body}" for body, status in zip(lines[::2], lines[1::2], strict=True)]


def program(*command: str) -> Call:
    """Return what runs a client of ours, in the language of its file."""

    def call(address: str, requests: Sequence[tuple[str, str, Path]]) -> list[str]:
        words = [str(word) for request in requests for word in request]
        return said([*command, address, *words]).splitlines()

    return call


def said(command: Sequence[str]) -> str:
    # Nothing of this machine's own is asked: no proxy, no module, no agent of Java's.
    kept = {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=kept)
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def missing(tool: str) -> str | None:
    """Return why a client cannot be tried here."""
    if shutil.which(tool) is None:
        return f"NO {tool} ON THE PATH: this client was NOT tried"
    if tool == "curl" and "HTTP2" not in said(["curl", "--version"]):
        return "THIS curl KNOWS NO HTTP/2: it was NOT tried"
    return None


CLIENT: dict[str, Call] = {
    "curl": curl,
    "java": program("java", str(CLIENTS / "Publish.java")),
    "go": program("go", "run", str(CLIENTS / "publish.go")),
    "node": program("node", str(CLIENTS / "publish.mjs")),
}


def events_of(family: str) -> list[dict[str, Any]]:
    """Return two events that a service accepts, not sent before."""
    numbers = [f"{family}-{next(_numbers)}" for _ in range(2)]
    match family:
        case "registry":
            return [cloudevent("ModelRegistered", registration(number)) for number in numbers]
        case "evaluation":  # it waits for its registration
            return [cloudevent("ModelRecognized", recognition(number)) for number in numbers]
    figure = {
        "metric": "registered",
        "unit_id": "vn",
        "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
        "value": 191,
        "qualifier": "exact",
        "source": {"kind": "báo cáo", "title": "Báo cáo năm 2022"},
    }
    return [cloudevent("FigureAsserted", {**figure, "figure_id": number}) for number in numbers]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("client", CLIENT)
def test_a_real_client_publishes(ledger: Up, tmp_path: Path, client: str, family: str) -> None:
    if reason := missing(client):
        pytest.skip(reason)
    first, second = events_of(family)
    one, both = tmp_path / "one.json", tmp_path / "both.json"
    one.write_text(json.dumps(first, ensure_ascii=False), "utf-8")
    both.write_text(json.dumps([first, second], ensure_ascii=False), "utf-8")
    address = dict(on_ports("127.0.0.1", ledger.port).named())[family]
    requests = [("stated", ONE, one), ("chunked", ONE, one), ("chunked", BATCH, both)]
    requests += [("stated", BATCH, both)]
    answers = [line.split(" ", 1) for line in CLIENT[client](address, requests)]
    found = [(int(status), json.loads(body)) for status, body in answers]
    taken = "parked" if family == "evaluation" else "accepted"
    again = "parked" if family == "evaluation" else "duplicate"
    assert [status for status, _ in found[:2]] == ([202, 202] if taken == "parked" else [201, 200])
    assert [body["status"] for _, body in found[:2]] == [taken, again]
    assert [body["id"] for _, body in found[:2]] == [first["id"]] * 2
    assert [(s, [i["status"] for i in body["items"]]) for s, body in found[2:]] == [
        (200, [again, taken]),
        (200, [again, again]),
    ]


OFFERS = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n",
    b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    b"Upgrade: h2c\r\n",
)


def posted(media_type: str, body: bytes, offer: bytes = b"", *, chunked: bool = False) -> bytes:
    head = b"POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\n" % media_type.encode()
    if chunked:
        middle = len(body) // 2
        pieces = b"".join(
            b"%x\r\n%b\r\n" % (len(b), b) for b in (body[:middle], body[middle:]) if b
        )
        return head + offer + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n"
    return head + offer + b"Content-Length: %d\r\n\r\n" % len(body) + body


def raw(port: int, pieces: Sequence[bytes], answers: int) -> list[tuple[int, Any]]:
    """Send pieces over one connection, each by itself; return so many answers."""
    found = []
    with socket.create_connection(("127.0.0.1", port), timeout=PIECE_SECONDS) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        reading = connection.makefile("rb")
        for _ in range(answers):
            lines = list(iter(reading.readline, b"\r\n"))
            length = re.search(rb"content-length: (\d+)", b"".join(lines))
            assert length is not None, lines
            found.append((int(lines[0].split()[1]), json.loads(reading.read(int(length[1])))))
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_offers_on_one_connection_are_read_however_they_arrive(ledger: Up, family: str) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    port = ledger.port + {"reporting": 0, "registry": 1, "evaluation": 2}[family]
    for offer, chunked in product(OFFERS, (False, True)):
        for padding, size in ((70_000, 200_000), (70_000, 65_536), (70_000, 1_000), (10, 1)):
            stream = b"".join(
                (
                    posted(BATCH, b"[" + b" " * padding + b"]", offer, chunked=chunked),
                    posted(ONE, smuggled, offer, chunked=chunked),
                    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + offer + b"\r\n",
                    posted(BATCH, b"[]", offer, chunked=chunked),
                )
            )
            pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
            answers = raw(port, pieces, 4)
            assert [status for status, _ in answers] == [200, 400, 200, 200], (offer, size)
            assert answers[1][1]["code"] == "not_json"
