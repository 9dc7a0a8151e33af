"""What every answer tells browsers: nothing on it runs, nothing of elsewhere is loaded or shown."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = b"content-security-policy"
# The pages have one stylesheet, an icon within themselves, and forms; no script at all.
_ALLOWED = (
    b"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    b"frame-ancestors 'none'; base-uri 'none'"
)
SAFE_HEADERS = (
    (POLICY, _ALLOWED),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class SafeHeaders:
    """Adds the headers to every answer; one that has a policy of its own keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to its answer."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                stated = list(message.get("headers", ()))
                own = any(name == POLICY for name, _ in stated)
                message["headers"] = stated + list(SAFE_HEADERS[1:] if own else SAFE_HEADERS)
            await send(message)

        await self._app(scope, receive, sending)
