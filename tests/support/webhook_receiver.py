"""A receiver of webhooks on a port of this machine: its answers are given, its requests kept."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
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
    """The requests received; `answers` are (status, headers) of the next deliveries, else 204."""

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


@contextmanager
def running_receiver() -> Iterator[WebhookBox]:
    """Run a receiver on a free port."""
    box = WebhookBox()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, headers: dict[str, str]) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            named = {name.lower(): value for name, value in self.headers.items()}
            box.requests.append(Received(self.command, named, self.rfile.read(size)))
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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
