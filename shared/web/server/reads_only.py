"""A service that only reads refuses what would write."""

from starlette.requests import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import Problem, declare
from shared.web.answers.problems import problem_answer
from shared.web.server.own_forms import SAFE_METHODS

READS_ONLY = declare(
    "reads_only",
    405,
    vi="Tiến trình này chỉ trả lời các yêu cầu đọc, từ một bản sao của cơ sở dữ liệu. Hãy gửi yêu "
    "cầu này tới địa chỉ chính của sổ cái.",
    en="This process only answers reads, from a replica of the database. Send this request to the "
    "main address of the ledger.",
)
WRITING_READS = frozenset({"/sign-in/oidc", "/sign-in/oidc/back"})
"""Addresses of which a GET stores something."""


class ReadsOnly:
    """Refuses unsafe methods of the routes there are, and the GETs that store something (405)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and _writes(scope):
            allowed = "GET, HEAD" if _is_there({**scope, "method": "GET"}) else ""
            answer = problem_answer(Request(scope), Problem(READS_ONLY), {"Allow": allowed})
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _writes(scope: Scope) -> bool:
    if scope["method"] in SAFE_METHODS:
        return scope["path"] in WRITING_READS
    return _is_there(scope)


def _is_there(scope: Scope) -> bool:
    """Return whether a route takes the request."""
    if scope["path"] in WRITING_READS:
        return False
    return any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes)
