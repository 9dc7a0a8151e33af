"""HEAD is answered as GET, without the body."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_HEAD = "dvk.head"


class HeadAsGet:
    """Handles HEAD as GET (RFC 9110, 9.3.2); the server omits the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", _HEAD: True}
        await self._app(scope, receive, send)


def asks_for_head(request: Request) -> bool:
    """Return whether the body is omitted, so that a long one need not be created."""
    return bool(request.scope.get(_HEAD))
