"""Composes the sign-in of a service from the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
from fastapi import APIRouter
from starlette.requests import Request

from shared.client.addresses import on_ports
from shared.clock import Clock
from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Session, Sessions
from shared.settings import Settings
from shared.web.signin.cookie import SessionCookie
from shared.web.signin.identity import Identity
from shared.web.signin.pages import PROVIDER_ANSWERS, RolesShown, SignInPages, sign_in_router

if TYPE_CHECKING:
    from shared.people.openid_flows import OpenIdFlows


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
    closing: list[Callable[[], None]] = [database.close]
    flows = _flows_of(settings, database, clock, closing)
    pages = SignInPages(identity, Accounts(database, clock), roles_shown, flows)

    def close() -> None:
        for each in closing:
            each()

    return SignIn(identity, sign_in_router(pages), close)


def _flows_of(
    settings: Settings,
    database: PeopleDatabase,
    clock: Clock,
    closing: list[Callable[[], None]],
) -> "OpenIdFlows | None":
    """Return the ways to the OpenID provider of the settings, None without one."""
    if settings.oidc_issuer is None:
        return None
    from shared.people.openid_flows import OpenIdFlows  # noqa: PLC0415  loaded where it is used
    from shared.people.openid_provider import OpenIdProvider, ProviderSettings  # noqa: PLC0415

    client = httpx.Client(follow_redirects=False, trust_env=False)
    closing.append(client.close)
    ours = settings.public_url or on_ports(settings.host, settings.port).reporting
    stated = ProviderSettings(
        settings.oidc_issuer,
        settings.oidc_client_id or "",
        settings.oidc_client_secret or "",
        f"{ours}{PROVIDER_ANSWERS}",
    )
    return OpenIdFlows(database, OpenIdProvider(stated, client, clock), clock)
