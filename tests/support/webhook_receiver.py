"""A receiver of webhooks on a port of this machine: its answers are given, its requests kept."""

from __future__ import annotations

import socket
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping


class Received(NamedTuple):
    """One request; header names are in lower case."""

    method: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def positions(self) -> list[int]:
        """Return the positions of the events in the body."""
        return [int(each["sequence"]) for each in orjson.loads(self.body)]


@dataclass
class WebhookBox:
    """The requests received; `answers` are (status, headers) of the next deliveries, else 204.

    A status of 0 takes the delivery and dies before it answers.
    """

    url: str = ""
    agreement: tuple[int, dict[str, str]] = (
        200,
        {"WebHook-Allowed-Origin": "ledger.example.org", "WebHook-Allowed-Rate": "*"},
    )
    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    requests: list[Received] = field(default_factory=list)

    @property
    def deliveries(self) -> list[Received]:
        """Return the requests with events."""
        return [each for each in self.requests if each.method == "POST"]


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Print nothing of a client that refuses the certificate."""


@contextmanager
def running_receiver(tls: ssl.SSLContext | None = None) -> Iterator[WebhookBox]:
    """Run a receiver on a free port, by TLS under the name `localhost`."""
    box = WebhookBox()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, headers: dict[str, str]) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            named = {name.lower(): value for name, value in self.headers.items()}
            box.requests.append(Received(self.command, named, self.rfile.read(size)))
            if not status:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def do_OPTIONS(self) -> None:
            self._answer(*box.agreement)

        def do_POST(self) -> None:
            self._answer(*(box.answers.popleft() if box.answers else (204, {})))

        def do_GET(self) -> None:
            self._answer(204, {})

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        box.url = f"https://localhost:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
