"""Answers to a reader with a cookie or credentials are for that reader alone."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CREDENTIALS = frozenset({b"authorization", b"signature", b"signature-input"})


class PrivateAnswers:
    """Makes an answer `private, no-store` to a session, `Authorization` or a signed request."""

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        self._app = app
        self._cookie = cookie.encode() + b"="

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and mark its answer."""
        if scope["type"] != "http" or not self._is_personal(scope):
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = "private, no-store"
                headers.add_vary_header("Cookie")
                headers.add_vary_header("Authorization")
            await send(message)

        await self._app(scope, receive, sending)

    def _is_personal(self, scope: Scope) -> bool:
        return any(
            name in _CREDENTIALS or (name == b"cookie" and self._has_session(value))
            for name, value in scope["headers"]
        )

    def _has_session(self, cookies: bytes) -> bool:
        return any(each.strip().startswith(self._cookie) for each in cookies.split(b";"))
