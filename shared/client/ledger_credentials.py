"""The token with which a program of ours reads a ledger once sign-in is required."""

from collections.abc import Generator

import httpx

from shared.client.addresses import PORTS, is_loopback
from shared.settings import Settings, kept


class LedgerCredentials(httpx.Auth):
    """Adds `DVK_TOKEN` to each request, else the token of this machine to its own ledger only.

    The file is read for each request: trust may begin, and a token end, while a program runs.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the header, unless the request has one of its own."""
        if "Authorization" not in request.headers and (token := self._token(request.url)):
            request.headers["Authorization"] = f"Bearer {token}"
        yield request

    def _token(self, url: httpx.URL) -> str | None:
        settings = self._settings
        if settings.token is not None:
            return settings.token
        here = settings.port <= (url.port or 0) < settings.port + PORTS
        is_own = here and (is_loopback(url.host) or url.host == settings.host)
        return kept(settings.token_file) if is_own else None
