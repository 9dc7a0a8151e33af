"""Security headers of all responses: no scripts, no external resources, no framing."""

import re
from base64 import b64encode
from hashlib import sha256

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = b"content-security-policy"
# The pages have one stylesheet, an inline icon and forms, but no scripts.
_ALLOWED = (
    b"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    b"frame-ancestors 'none'; base-uri 'none'"
)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
SAFE_HEADERS = (
    (POLICY, _ALLOWED),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
ONLY_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def policy_with_style(page: str) -> str:
    """Return a policy that allows only the inline styles of a page, by their hashes."""
    digests = [sha256(style.encode()).digest() for style in _STYLE.findall(page)]
    allowed = " ".join(f"'sha256-{b64encode(each).decode()}'" for each in digests)
    return (
        f"default-src 'none'; style-src {allowed}; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )


class SafeHeaders:
    """Adds the headers to every response; a response's own policy is kept.

    `only_tls` tells browsers to come over TLS only, for a year (RFC 6797).
    """

    def __init__(self, app: ASGIApp, *, only_tls: bool = False) -> None:
        self._app = app
        self._further = (ONLY_TLS,) if only_tls else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add headers to its response."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                own = any(name == POLICY for name, _ in headers)
                safe = SAFE_HEADERS[1:] if own else SAFE_HEADERS
                message["headers"] = [*headers, *safe, *self._further]
            await send(message)

        await self._app(scope, receive, sending)
