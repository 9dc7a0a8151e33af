"""What one connection may cost and ask: uvicorn's reader of HTTP, with limits on size and on time.

It has none of its own for what comes before and after a body: one header of 50 MB was copied so
often that it held up a service for two minutes, and a request that never ends was waited for.
Nor does it read the body of a request that offers another protocol, as Java's client always does.
"""

import asyncio
import re
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.errors import Problem, declare
from shared.web.answers.json_response import as_json
from shared.web.answers.problems import BAD_REQUEST, PROBLEM_JSON
from shared.web.server.safe_headers import SAFE_HEADERS

MAX_HEAD_BYTES = 64 * 1024
_AUTHORITY = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")

HEAD_TOO_LARGE = declare(
    "head_too_large",
    431,
    vi="Địa chỉ và các tiêu đề của yêu cầu vượt quá {limit_bytes} byte.",
    en="The address and the headers of the request are larger than {limit_bytes} bytes.",
)
TOO_SLOW = declare(
    "too_slow",
    408,
    vi="Yêu cầu không đến trọn vẹn sau {seconds} giây.",
    en="The request did not arrive as a whole within {seconds} seconds.",
)


class LimitedHttpProtocol(HttpToolsProtocol):
    """Reads requests as uvicorn does; refuses heads beyond 64 KiB, and who takes too long."""

    head_seconds = 20.0
    body_seconds = 120.0
    """4 MiB, the largest batch, on a line of 300 kbit/s."""

    _beside_body = 0  # bytes since the last piece of a body, or since a request began or ended
    _timer: asyncio.TimerHandle | None = None
    _refusal = Problem(BAD_REQUEST)
    _farewell: Problem | None = None  # said when what came before it has been answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless what came is too much of what is no body."""
        if self.transport.is_closing() or self._farewell:
            return
        self._beside_body += len(data)
        self._unset_keepalive_if_required()
        try:
            self._read(data)
        except httptools.HttpParserError:
            self._refuse(self._refusal)
        if self.transport.is_closing() or self._farewell:
            return
        if self._beside_body > MAX_HEAD_BYTES:
            self._refuse(Problem(HEAD_TOO_LARGE, {"limit_bytes": MAX_HEAD_BYTES}))
        elif self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(self.head_seconds)  # something came that is no beginning of a request yet

    def _read(self, data: bytes) -> None:
        """Read HTTP; another protocol that is offered is not taken (RFC 9110, 7.8).

        The parser stops behind the head of such a request, and would take its body for the next
        one. A new one reads the same head without the offer, and all that follows.
        """
        rest = memoryview(data)
        while rest:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as offer:
                rest = rest[offer.args[0] :]
                head = self._head_without_offer()
                self.parser = httptools.HttpRequestParser(self)
                self.parser.feed_data(head)
            else:
                return

    def _head_without_offer(self) -> bytes:
        """Return the head that has just been read; without `Upgrade`, `Connection` offers nothing.

        The parser lets no line break into a name or a value, so the lines are the same again.
        """
        version = self.parser.get_http_version().encode("ascii")
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join((*lines, b"", b""))

    def on_message_begin(self) -> None:
        """Give the head its time."""
        super().on_message_begin()
        self._wait(self.head_seconds)

    def on_headers_complete(self) -> None:
        """Measure the head, and give the body its time."""
        if self._beside_body > MAX_HEAD_BYTES:
            # It may be the body, in the same piece, that makes it so much.
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > MAX_HEAD_BYTES:
                self._refusal = Problem(HEAD_TOO_LARGE, {"limit_bytes": MAX_HEAD_BYTES})
                raise ValueError(self._refusal.rule.code)
        self._beside_body = 0
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                # What follows is for whom it names, and this is no proxy (RFC 9110, 9.3.6).
                raise ValueError(BAD_REQUEST.code)
            return  # the head is read again, without the offer
        self._replace_host()
        super().on_headers_complete()
        self._wait(self.body_seconds)

    def _replace_host(self) -> None:
        """Take the host of an address that names it, whatever `Host` says (RFC 9112, 3.2.2)."""
        if stated := _AUTHORITY.match(self.url):
            for place, (name, _) in enumerate(self.headers):
                if name == b"host":
                    self.headers[place] = (name, stated[1])

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._beside_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait no longer: now it is the service that takes its time."""
        if self.parser.should_upgrade():
            return
        self._beside_body = 0
        self._wait(None)
        super().on_message_complete()
        self.cycle.more_body = False  # uvicorn leaves that open where the answer came first

    def on_response_complete(self) -> None:
        """Go on with what waits; a problem is said when nothing before it waits any more."""
        last = not self.pipeline
        super().on_response_complete()
        if last and self._farewell and not self.transport.is_closing():
            self._hang_up(self._farewell)

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = (
            None if seconds is None else self.loop.call_later(seconds, self._late, seconds)
        )

    def _late(self, seconds: float) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._refuse(Problem(TOO_SLOW, {"seconds": int(seconds)}))

    def _refuse(self, problem: Problem) -> None:
        """Read nothing more; what is wrong is answered in its turn (RFC 9112, 9.3.2).

        Said at once it would be taken for the answer to a request that came whole before it.
        """
        self._wait(None)
        cycle = self.cycle
        if cycle is None or (cycle.response_complete and not cycle.more_body):
            self._hang_up(problem)
        elif not cycle.more_body:
            self._farewell = problem
        elif self.pipeline:
            self.pipeline.popleft()  # it is this one's body, and this one has not begun
            self._farewell = problem
        elif cycle.response_started:
            self.transport.close()  # it has its answer, or a part of it: another is nonsense
        else:
            self._hang_up(problem)

    def _hang_up(self, problem: Problem) -> None:
        """Answer with a problem, and hang up."""
        status = HTTPStatus(problem.rule.status)
        body = as_json(problem.as_json())
        lines = [
            b"HTTP/1.1 %d %b" % (status.value, status.phrase.encode("ascii")),
            b"content-type: " + PROBLEM_JSON.encode("ascii"),
            b"content-language: vi",
            b"content-length: %d" % len(body),
            b"connection: close",
            *(b"%b: %b" % header for header in SAFE_HEADERS),
        ]
        self.transport.write(b"\r\n".join((*lines, b"", body)))
        self.transport.close()
