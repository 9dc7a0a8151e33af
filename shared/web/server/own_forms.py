"""Requests that change anything come from our own pages or from programs, never from other sites.

A browser says where a request comes from (`Sec-Fetch-Site`, else `Origin`); programs send neither.
"""

import logging
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import Problem, declare
from shared.web.answers.problems import problem_answer

_logger = logging.getLogger(__name__)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWN_SITES = frozenset({"same-origin", "none"})

FORM_OF_ANOTHER_SITE = declare(
    "form_of_another_site",
    403,
    vi="Biểu mẫu này được gửi từ một trang khác. Hãy mở trang của sổ cái và bấm lại.",
    en="This form was sent from another site. Open the page of the ledger and press it there.",
)


class OwnForms:
    """Refuses unsafe methods of other sites; `public_url` is the address for readers, if set."""

    def __init__(self, app: ASGIApp, public_url: str | None = None) -> None:
        self._app = app
        self._public = None if public_url is None else _origin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            request = Request(scope)
            if not self._is_own(request):
                _logger.warning("a form of another site", extra={"path": request.url.path})
                answer = problem_answer(request, Problem(FORM_OF_ANOTHER_SITE))
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_own(self, request: Request) -> bool:
        sites = request.headers.getlist("sec-fetch-site")
        origins = request.headers.getlist("origin")
        if sites:
            return all(each in _OWN_SITES for each in sites)
        # Browsers send no Sec-Fetch-Site over plain HTTP to other machines.
        return all(self._is_ours(each, request.headers.get("host", "")) for each in origins)

    def _is_ours(self, origin: str, host: str) -> bool:
        if self._public is not None:
            return _origin(origin) == self._public
        parts = urlsplit(origin)
        # A proxy may pass on the name without its port.
        return parts.scheme in {"http", "https"} and host.lower() in {
            parts.netloc.lower(),
            (parts.hostname or "").lower(),
        }


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
