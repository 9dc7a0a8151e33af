"""Limits of a connection: uvicorn's HTTP protocol with limits on size and time.

uvicorn has none for data before and after a body: one header of 50 MB was copied so often that it
blocked a service for two minutes, and a request that never ended was waited for. Nor does it read
the body of a request that offers a protocol upgrade, as Java's client always does.
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
    en="The URL and the headers of the request are larger than {limit_bytes} bytes.",
)
TOO_SLOW = declare(
    "too_slow",
    408,
    vi="Yêu cầu không đến trọn vẹn sau {seconds} giây.",
    en="The request was not complete within {seconds} seconds.",
)


class LimitedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol; refuses heads beyond 64 KiB and requests that take too long."""

    head_seconds = 20.0
    body_seconds = 120.0
    """For 4 MiB, the largest batch, at 300 kbit/s."""

    _outside_body = 0  # bytes since the last piece of a body, or the start or end of a request
    _timer: asyncio.TimerHandle | None = None
    _refusal = Problem(BAD_REQUEST)
    _pending_problem: Problem | None = None  # sent after the responses to earlier requests

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout of the first request."""
        super().connection_made(transport)
        self._wait(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read data; refuse too much of it outside a body."""
        if self.transport.is_closing() or self._pending_problem:
            return
        self._outside_body += len(data)
        self._unset_keepalive_if_required()
        try:
            self._read(data)
        except httptools.HttpParserError:
            self._refuse(self._refusal)
        if self.transport.is_closing() or self._pending_problem:
            return
        if self._outside_body > MAX_HEAD_BYTES:
            self._refuse(Problem(HEAD_TOO_LARGE, {"limit_bytes": MAX_HEAD_BYTES}))
        elif self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(self.head_seconds)  # data arrived that does not start a request yet

    def _read(self, data: bytes) -> None:
        """Parse HTTP, ignoring an offered protocol upgrade (RFC 9110, 7.8).

        The parser stops after the head of such a request, and would parse its body as the next
        one. A new parser reads the same head without the offer, and the rest.
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
        """Return the head just read without `Upgrade`; `Connection` alone offers nothing.

        The parser accepts no line breaks in names or values, so the lines are reproduced exactly.
        """
        version = self.parser.get_http_version().encode("ascii")
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join((*lines, b"", b""))

    def on_message_begin(self) -> None:
        """Start the timeout of the head."""
        super().on_message_begin()
        self._wait(self.head_seconds)

    def on_headers_complete(self) -> None:
        """Check the size of the head, and start the timeout of the body."""
        if self._outside_body > MAX_HEAD_BYTES:
            # The same piece of data may include the body, so the head is measured.
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if size > MAX_HEAD_BYTES:
                self._refusal = Problem(HEAD_TOO_LARGE, {"limit_bytes": MAX_HEAD_BYTES})
                raise ValueError(self._refusal.rule.code)
        self._outside_body = 0
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                # The rest is for another host, and this is no proxy (RFC 9110, 9.3.6).
                raise ValueError(BAD_REQUEST.code)
            return  # the head is read again, without the offer
        self._replace_host()
        super().on_headers_complete()
        self._wait(self.body_seconds)

    def _replace_host(self) -> None:
        """Replace `Host` by the host of an absolute URL (RFC 9112, 3.2.2)."""
        if authority := _AUTHORITY.match(self.url):
            for place, (name, _) in enumerate(self.headers):
                if name == b"host":
                    self.headers[place] = (name, authority[1])

    def on_body(self, body: bytes) -> None:
        """Receive a piece of the body."""
        self._outside_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Cancel the timeout: the request is complete."""
        if self.parser.should_upgrade():
            return
        self._outside_body = 0
        self._wait(None)
        super().on_message_complete()
        self.cycle.more_body = False  # uvicorn does not reset it if the response came first

    def on_response_complete(self) -> None:
        """Continue with pipelined requests; send a pending problem after the last of them."""
        last = not self.pipeline
        super().on_response_complete()
        if last and self._pending_problem and not self.transport.is_closing():
            self._send_and_close(self._pending_problem)

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = (
            None if seconds is None else self.loop.call_later(seconds, self._timed_out, seconds)
        )

    def _timed_out(self, seconds: float) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._refuse(Problem(TOO_SLOW, {"seconds": int(seconds)}))

    def _refuse(self, problem: Problem) -> None:
        """Stop reading; send the problem in the order of requests (RFC 9112, 9.3.2).

        Sent at once it would be taken for the response to an earlier, complete request.
        """
        self._wait(None)
        cycle = self.cycle
        if cycle is None or (cycle.response_complete and not cycle.more_body):
            self._send_and_close(problem)
        elif not cycle.more_body:
            self._pending_problem = problem
        elif self.pipeline:
            self.pipeline.popleft()  # the failed body belongs to this one, which has not started
            self._pending_problem = problem
        elif cycle.response_started:
            self.transport.close()  # its response has started: no other can follow
        else:
            self._send_and_close(problem)

    def _send_and_close(self, problem: Problem) -> None:
        """Send a problem as the response, and close the connection."""
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
