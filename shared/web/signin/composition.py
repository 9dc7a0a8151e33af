"""Composes the sign-in of a service from the settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, cast

from fastapi import APIRouter

from shared.appending.appender import Appender
from shared.clock import Clock
from shared.people.database import PeopleDatabase
from shared.people.officer_roles import OfficerRoles
from shared.people.sessions import Sessions
from shared.people.units_of_things import units_of
from shared.settings import Settings
from shared.territory import Territory
from shared.trust.authority import PublisherKey
from shared.web.publishing.writing_service import WritingService
from shared.web.signin.cookie import SessionCookie
from shared.web.signin.gate import Gate
from shared.web.signin.identity import Identity
from shared.web.signin.ledger_officers import LedgerOfficers
from shared.web.signin.publisher_reads import PublisherReads
from shared.web.signin.required import SignInRequired

if TYPE_CHECKING:
    from shared.deciders.stream_decider import StreamDecider
    from shared.people.openid_flows import OpenIdFlows


class SignIn:
    """The sign-in of a service that has the log: its gate, its pages, what to close at the end."""

    def __init__(self, settings: Settings, parts: WritingService) -> None:
        self._settings = settings
        self._clock = parts.clock
        self._database = PeopleDatabase(settings.people_url)
        self._closing: list[Callable[[], None]] = [self._database.close]
        self.roles = OfficerRoles(parts.log, partial(_map_now, parts.appender), parts.clock)
        identity = Identity(
            Sessions(self._database, parts.clock),
            SessionCookie.under(settings.public_url),
            self.roles.digest,
        )
        self._officers = LedgerOfficers(identity, self.roles)
        decider = parts.appender.decider
        self.gate = Gate(
            self._officers,
            SignInRequired(settings, lambda: decider.authority.began),
            partial(units_of, parts.log),
            PublisherReads(partial(_key_now, parts.appender), parts.clock, decider.family),
        )

    def router(self) -> APIRouter:
        """Return the routes of the pages, for the one service that has them."""
        from shared.people.accounts import Accounts  # noqa: PLC0415  loaded where it is used
        from shared.web.signin.officer_page import OfficerPage  # noqa: PLC0415
        from shared.web.signin.pages import SignInPages, sign_in_router  # noqa: PLC0415

        flows = _flows_of(self._settings, self._database, self._clock, self._closing)
        accounts = Accounts(self._database, self._clock)
        pages = SignInPages(self._officers, accounts, flows)
        router = sign_in_router(pages)
        router.get("/officers")(OfficerPage(pages, self._officers, accounts).show)
        return router

    def close(self) -> None:
        """Give all connections back."""
        for each in self._closing:
            each()


@contextmanager
def _map_now(appender: Appender) -> Iterator[Territory]:
    """Give the map folded to the head of the log."""
    with appender.reading() as decider:
        yield cast("StreamDecider", decider).territory


def _key_now(appender: Appender, key_id: str) -> PublisherKey | None:
    """Return a key by its id, as of the head of the log."""
    with appender.reading() as decider:
        return decider.authority.keys.get(key_id)


def _flows_of(
    settings: Settings,
    database: PeopleDatabase,
    clock: Clock,
    closing: list[Callable[[], None]],
) -> "OpenIdFlows | None":
    """Return the ways to the OpenID provider of the settings, None without one."""
    if settings.oidc_issuer is None:
        return None
    import httpx  # noqa: PLC0415  loaded where it is used

    from shared.client.addresses import on_ports  # noqa: PLC0415  as above
    from shared.people.openid_flows import OpenIdFlows  # noqa: PLC0415
    from shared.people.openid_provider import OpenIdProvider, ProviderSettings  # noqa: PLC0415
    from shared.web.signin.pages import PROVIDER_ANSWERS  # noqa: PLC0415

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
