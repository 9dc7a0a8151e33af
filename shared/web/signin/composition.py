"""Composes the sign-in of a service from the settings."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request

from shared.clock import Clock
from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Session, Sessions
from shared.settings import Settings
from shared.web.signin.cookie import SessionCookie
from shared.web.signin.identity import Identity
from shared.web.signin.pages import RolesShown, SignInPages, sign_in_router


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sign-in of a service: who reads, the pages, and what to close at the end."""

    identity: Identity
    router: APIRouter
    close: Callable[[], None]

    def session_of(self, request: Request) -> Session | None:
        """Return the session of a request, None without one."""
        return self.identity.session_of(request)


def sign_in_of(
    settings: Settings,
    clock: Clock,
    *,
    roles_at: Callable[[str], int] = lambda _: 0,
    roles_shown: RolesShown = lambda _officer, _words: (),
) -> SignIn:
    """Return the sign-in on the database of people; it is opened when it is first used."""
    database = PeopleDatabase(settings.people_url)
    cookie = SessionCookie.under(settings.public_url)
    identity = Identity(Sessions(database, clock), cookie, roles_at)
    pages = SignInPages(identity, Accounts(database, clock), roles_shown)
    return SignIn(identity, sign_in_router(pages), database.close)
