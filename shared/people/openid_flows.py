"""Ways to the OpenID provider and back: each bound to one browser, for ten minutes, used once."""

import hmac
import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from shared.clock import MICROSECONDS, Clock, system_clock
from shared.errors import Problem, Unavailable, declare
from shared.people.database import FLOW_SECONDS, FLOWS, IDENTITIES, PeopleDatabase
from shared.people.openid_provider import OpenIdProvider, ProviderIdentity, ProviderRefused
from shared.people.tokens import digest_of, new_officer_ref, new_secret

MOST_FLOWS = 10_000
_logger = logging.getLogger("dvk.people")

TOO_MANY_SIGN_INS = declare(
    "too_many_sign_ins",
    503,
    vi="Quá nhiều lượt đăng nhập đang dở dang. Hãy thử lại sau ít phút.",
    en="Too many sign-ins are under way. Try again in a few minutes.",
)


@dataclass(frozen=True, slots=True)
class StartedFlow:
    """The address to send the reader to, and the secret that the browser keeps meanwhile."""

    address: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class FinishedFlow:
    """The officer who signed in, and the address that was wanted before."""

    officer_ref: str
    user_name: str
    wanted: str


class OpenIdFlows:
    """Starts and finishes sign-ins at the provider."""

    def __init__(
        self, database: PeopleDatabase, provider: OpenIdProvider, clock: Clock = system_clock
    ) -> None:
        self._database = database
        self._provider = provider
        self._clock = clock

    def start(self, wanted: str) -> StartedFlow:
        """Start a sign-in; `wanted` is the page to lead to afterwards."""
        state, browser, nonce, verifier = (new_secret() for _ in range(4))
        address = self._provider.authorization_url(state, nonce, verifier)
        now = self._clock()
        row = {
            "state_digest": digest_of(state),
            "browser_digest": digest_of(browser),
            "nonce": nonce,
            "verifier": verifier,
            "wanted": wanted,
            "ends_us": now + FLOW_SECONDS * MICROSECONDS,
        }
        with self._database.writing() as connection:
            connection.execute(delete(FLOWS).where(FLOWS.c.ends_us <= now))
            under_way = connection.execute(select(func.count()).select_from(FLOWS)).scalar_one()
            if under_way >= MOST_FLOWS:
                raise Unavailable(Problem(TOO_MANY_SIGN_INS))
            connection.execute(insert(FLOWS).values(row))
        return StartedFlow(address, browser)

    def finish(
        self, state: str, browser_secret: str, code: str, issuer: str | None
    ) -> FinishedFlow:
        """Finish a sign-in with what the provider sent back; else `ProviderRefused` (401)."""
        try:
            flow = self._used(state, browser_secret)
            self._provider.require_issuer(issuer)
            found = self._provider.identity(code, flow.verifier, flow.nonce)
        except ProviderRefused as refused:
            _logger.warning("a sign-in was not confirmed: %s", refused.reason)
            raise
        return FinishedFlow(self._officer_ref(found), found.user_name, flow.wanted)

    def _used(self, state: str, browser_secret: str) -> Row[Any]:
        """Return the row of a way that this browser started, which no second answer finds."""
        of_state = FLOWS.c.state_digest == digest_of(state)
        with self._database.writing() as connection:
            flow = connection.execute(select(FLOWS).where(of_state)).first()
            connection.execute(delete(FLOWS).where(of_state))
        if flow is None or flow.ends_us <= self._clock():
            raise ProviderRefused("unknown or used state")
        if not hmac.compare_digest(digest_of(browser_secret), bytes(flow.browser_digest)):
            raise ProviderRefused("another browser's state")
        return flow

    def _officer_ref(self, found: ProviderIdentity) -> str:
        """Return the reference of an identity; a new one has no roles yet."""
        kept = IDENTITIES.c
        of_person = (kept.issuer == found.issuer) & (kept.subject == found.subject)
        with self._database.writing() as connection:
            known = connection.execute(select(kept.officer_ref).where(of_person)).scalar()
            if known is not None:
                return str(known)
            row = {
                "issuer": found.issuer,
                "subject": found.subject,
                "officer_ref": new_officer_ref(),
                "user_name": found.user_name,
            }
            connection.execute(insert(IDENTITIES).values(row))
            return row["officer_ref"]
