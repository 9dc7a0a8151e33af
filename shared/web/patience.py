"""What one connection may cost: uvicorn's reader of HTTP, with limits on size and on time.

It has none of its own for what comes before and after a body: one header of 50 MB was copied so
often that it held up a service for two minutes, and a request that never ends was waited for.
"""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.errors import Problem, Rule, declare
from shared.web.json_text import as_json
from shared.web.problems import BAD_REQUEST, PROBLEM_JSON

MAX_HEAD_BYTES = 64 * 1024

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


class PatientProtocol(HttpToolsProtocol):
    """Reads requests as uvicorn does; refuses heads beyond 64 KiB, and who takes too long."""

    head_seconds = 20.0
    body_seconds = 120.0
    """4 MiB, the largest batch, on a line of 300 kbit/s."""

    _beside_body = 0  # bytes since the last piece of a body, or since a request began or ended
    _timer: asyncio.TimerHandle | None = None
    _refusal = Problem(BAD_REQUEST)

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
        if self.transport.is_closing():
            return
        self._beside_body += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._beside_body > MAX_HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE, limit_bytes=MAX_HEAD_BYTES)
        elif self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(self.head_seconds)  # something came that is no beginning of a request yet

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
        super().on_headers_complete()
        self._wait(self.body_seconds)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._beside_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait no longer: now it is the service that takes its time."""
        self._beside_body = 0
        self._wait(None)
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP as a problem too; `msg` says no more than that."""
        del msg
        self._write(self._refusal)

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = (
            None if seconds is None else self.loop.call_later(seconds, self._late, seconds)
        )

    def _late(self, seconds: float) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._refuse(TOO_SLOW, seconds=int(seconds))

    def _refuse(self, rule: Rule, **params: object) -> None:
        cycle = self.cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.close()  # an answer is under way: another one in it would be nonsense
        else:
            self._write(Problem(rule, params))

    def _write(self, problem: Problem) -> None:
        """Answer with a problem, and hang up."""
        status = HTTPStatus(problem.rule.status)
        body = as_json(problem.as_json())
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {PROBLEM_JSON}\r\n"
            f"content-language: vi\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
