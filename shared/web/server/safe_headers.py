"""What every answer tells browsers: nothing on it runs, nothing of elsewhere is loaded or shown."""

import re
from base64 import b64encode
from hashlib import sha256

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = b"content-security-policy"
# The pages have one stylesheet, an icon within themselves, and forms; no script at all.
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


def policy_with_style(page: str) -> str:
    """Allow the styles that stand in a page, by what they say, and nothing else."""
    digests = [sha256(style.encode()).digest() for style in _STYLE.findall(page)]
    allowed = " ".join(f"'sha256-{b64encode(each).decode()}'" for each in digests)
    return (
        f"default-src 'none'; style-src {allowed}; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
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
