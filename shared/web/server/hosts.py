"""Allowed host names, against DNS rebinding.

The owner of a domain may point it to 127.0.0.1; then its pages could read and write a service that
listens on loopback only. The `Host` header has the name, which is refused.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import Problem, declare
from shared.settings import ANY_HOST, LOOPBACK_HOSTS
from shared.web.answers.problem_pages import problem_page
from shared.web.answers.problems import problem_answer

INVALID_HOST = declare(
    "invalid_host",
    400,
    vi="Yêu cầu phải có đúng một tiêu đề Host ghi tên hoặc địa chỉ của dịch vụ.",
    en="A request must have exactly one Host header with the name or the address of the service.",
)
# 421 and not 400: the request is valid, but for another host (RFC 9110, 7.4 and 15.5.20).
OTHER_HOST = declare(
    "other_host",
    421,
    vi="Dịch vụ này không trả lời dưới tên {host}. Nếu tên đó là của mình, người vận hành ghi nó "
    "vào DVK_ALLOWED_HOSTS.",
    en="This service does not answer under the name {host}. If the name is its own, the operator "
    "must add it to DVK_ALLOWED_HOSTS.",
)
_HOST = re.compile(rb"([A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_LONGEST_NAME = 253


class OwnHosts:
    """Refuses requests without a host, with two, or with one that is not allowed.

    Allowed are the names given, with any port, and the address of the connection: an IP address
    cannot be rebound.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = LOOPBACK_HOSTS) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse its host."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is None:
            await self._app(scope, receive, send)
        else:
            # A standalone page, without data of the service: the owner of the name can read it.
            answer = problem_answer(Request(scope), problem, page=problem_page)
            await answer(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        values = [value for name, value in scope["headers"] if name == b"host"]
        if not values and scope["http_version"] == "1.0":
            return None  # 1.0 has no Host (RFC 9112, 3.2), and no browser uses it
        host = _host_of(values[0]) if len(values) == 1 else None
        if host is None:
            return Problem(INVALID_HOST)
        if host in self._names or ANY_HOST in self._names or host == _address(scope["server"]):
            return None
        return Problem(OTHER_HOST, {"host": host})


@lru_cache(maxsize=64)
def _host_of(value: bytes) -> str | None:
    """Return the host without its port, in the form of `names`; None if it is invalid."""
    found = _HOST.fullmatch(value)
    if found is None or len(found[1]) > _LONGEST_NAME:
        return None
    host = found[1].decode("ascii").lower()
    if host.startswith("["):
        try:
            return _written(host[1:-1])
        except ValueError:
            return None
    return host.removesuffix(".")


def _address(server: tuple[str, int | None] | None) -> str | None:
    """Return the server address of a connection, in the form of `Host`."""
    if server is None:
        return None
    try:
        return _written(server[0])
    except ValueError:
        return server[0]


@lru_cache(maxsize=64)
def _written(address: str) -> str:
    found = ip_address(address)
    if not isinstance(found, IPv6Address):
        return str(found)
    # Dual-stack sockets map IPv4 addresses to IPv6.
    return str(found.ipv4_mapped or f"[{found}]")
