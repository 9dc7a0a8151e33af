"""The reader of a request: the session, while the roles are those of its sign-in."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from shared.errors import declare
from shared.people.sessions import Session, Sessions
from shared.web.signin.cookie import SessionCookie

NOT_SIGNED_IN = declare(
    "not_signed_in",
    401,
    vi="Cần đăng nhập để xem địa chỉ này.",
    en="Sign in to read this address.",
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Begins sessions, and finds the one of a request.

    `roles_at` returns the position of an officer's last event of a role, 0 without any: a session
    from before it is over, so that a change of roles needs a new sign-in.
    """

    sessions: Sessions
    cookie: SessionCookie
    roles_at: Callable[[str], int] = lambda _: 0

    def begin(self, officer_ref: str, user_name: str) -> str:
        """Return the token of a new session."""
        return self.sessions.begin(officer_ref, user_name, self.roles_at(officer_ref))

    def session_of(self, request: Request) -> Session | None:
        """Return the session of a request, None without one."""
        token = self.cookie.token(request)
        session = None if token is None else self.sessions.find(token)
        if session is None or session.roles_at != self.roles_at(session.officer_ref):
            return None
        return session
