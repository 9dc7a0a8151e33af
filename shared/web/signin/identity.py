"""The reader of a request: the session, while the roles are those of its sign-in."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from shared.errors import declare
from shared.people.sessions import Session, Sessions
from shared.web.signin.cookie import SessionCookie

_logger = logging.getLogger(__name__)

NOT_SIGNED_IN = declare(
    "not_signed_in",
    401,
    vi="Cần đăng nhập để xem địa chỉ này.",
    en="Sign in to read this address.",
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Begins sessions, and finds the one of a request.

    `roles_digest` returns a number that changes with an officer's roles: a session from before a
    change is over, so that new roles need a new sign-in, and lost ones are lost at once.
    """

    sessions: Sessions
    cookie: SessionCookie
    roles_digest: Callable[[str], int] = lambda _: 0

    def begin(self, officer_ref: str, user_name: str) -> str:
        """Return the token of a new session."""
        _logger.info("signed in", extra={"officer_ref": officer_ref})
        return self.sessions.begin(officer_ref, user_name, self.roles_digest(officer_ref))

    def session_of(self, request: Request) -> Session | None:
        """Return the session of a request, None without one.

        A program may state the token of an account (`Authorization: Bearer`) and no cookie.
        """
        token = self.cookie.token(request)
        if token is None:
            scheme, _, stated = request.headers.get("authorization", "").partition(" ")
            return self.sessions.of_token(stated) if scheme.lower() == "bearer" else None
        session = self.sessions.find(token)
        if session is None or session.roles_digest != self.roles_digest(session.officer_ref):
            return None
        return session
