"""The cookie of a session: `__Host-dvk` over TLS, and a plain name over HTTP on loopback."""

from dataclasses import dataclass
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import Response

from shared.people.sessions import LONGEST_US
from shared.people.tokens import form_token_of

_TOKEN_CHARACTERS = 43


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """Sets, reads and deletes the cookie; `secure` is whether readers come over TLS."""

    secure: bool = False

    @classmethod
    def under(cls, public_url: str | None) -> Self:
        """Return the cookie of a service with this address for readers, if it has one."""
        return cls(secure=(public_url or "").startswith("https://"))

    @staticmethod
    def of(request: Request) -> "SessionCookie":
        """Return the cookie of the service of a request."""
        found: SessionCookie = request.app.state.session_cookie
        return found

    @property
    def name(self) -> str:
        """Return its name; browsers take `__Host-` only over TLS, for this host and path `/`."""
        return "__Host-dvk" if self.secure else "dvk"

    def token(self, request: Request) -> str | None:
        """Return the token that a request carries, None without one."""
        found = request.cookies.get(self.name, "")
        return found if len(found) == _TOKEN_CHARACTERS else None

    def form_token(self, request: Request) -> str | None:
        """Return the token that forms of this reader must have, None without a session."""
        found = self.token(request)
        return None if found is None else form_token_of(found)

    def keep(self, response: Response, token: str) -> None:
        """Set the cookie."""
        self._set(response, self.name, token, LONGEST_US // 1_000_000)

    def forget(self, response: Response) -> None:
        """Delete the cookie."""
        self._set(response, self.name, "", 0)

    def keep_flow(self, response: Response, secret: str, seconds: int) -> None:
        """Bind a way to the provider and back to this browser; 0 seconds delete it."""
        self._set(response, f"{self.name}-flow", secret, seconds)

    def flow(self, request: Request) -> str:
        """Return the secret of `keep_flow`, empty without one."""
        return request.cookies.get(f"{self.name}-flow", "")

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        kept: dict[str, Any] = {"secure": self.secure, "httponly": True, "samesite": "lax"}
        response.set_cookie(name, value, max_age=seconds, path="/", **kept)
