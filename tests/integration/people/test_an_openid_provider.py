"""Officers sign in at their office's OpenID provider; a forged, foreign or old answer opens nothing."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.clock import system_clock
from shared.eventlog.protocol import START, Head
from shared.events.recorded import RecordedEvent
from shared.people import openid_flows
from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.officer_roles import OfficerRoles
from shared.people.openid_flows import OpenIdFlows
from shared.people.openid_provider import OpenIdProvider, ProviderSettings
from shared.people.sessions import Sessions
from shared.territory import Territory
from shared.vocabulary import Family
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from shared.web.signin.cookie import SessionCookie
from shared.web.signin.identity import Identity
from shared.web.signin.ledger_officers import LedgerOfficers
from shared.web.signin.pages import PROVIDER_ANSWERS, SignInPages, sign_in_router
from tests.support.openid_doubles import (
    CLIENT_ID,
    CLIENT_SECRET,
    ISSUER,
    ForgingProvider,
    provider_process,
)
from tests.support.people_pages import OneBrowser
from tests.support.small_ledger import loop_in_a_thread, small_ledger

PUBLIC = "https://ledger.example.vn"


class _EmptyLog:
    """A log in which no officer has a role."""

    def head(self) -> Head:
        return START

    def under(self, *prefixes: str, after: int = 0) -> list[RecordedEvent]:
        return []

    def streams(self, subjects: Iterable[str]) -> list[RecordedEvent]:
        return []


class Office:
    """A provider, our pages that trust it, and a clock that both read."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.now = system_clock()
        self.provider = ForgingProvider(lambda: self.now)
        self.database = PeopleDatabase(f"sqlite:///{folder / 'people.db'}")
        stated = ProviderSettings(ISSUER, CLIENT_ID, CLIENT_SECRET, PUBLIC + PROVIDER_ANSWERS)
        known = OpenIdProvider(stated, self.provider.client(), lambda: self.now)
        flows = OpenIdFlows(self.database, known, lambda: self.now)
        identity = Identity(Sessions(self.database), SessionCookie.under(PUBLIC))
        accounts = Accounts(self.database)
        roles = OfficerRoles(_EmptyLog(), lambda: nullcontext(Territory()), lambda: self.now)
        officers = LedgerOfficers(identity, roles)
        app = new_app(
            title="x", title_vi="x", description="", hosts=("ledger.example.vn",), public_url=PUBLIC
        )
        add_routes(app, sign_in_router(SignInPages(officers, accounts, flows)))
        self._app, self._loop = app, loop

    def browser(self) -> OneBrowser:
        return OneBrowser(self._app, self._loop, PUBLIC)

    def back(self, browser: OneBrowser, **changed: str | None) -> httpx.Response:
        """Go to the provider and come back, with what was sent back changed."""
        address = browser.get("/sign-in/oidc?to=/pages/years").headers["location"]
        sent = {**self.provider.approve(address), **changed}
        return browser.get(
            PROVIDER_ANSWERS, params={k: v for k, v in sent.items() if v is not None}
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with loop_in_a_thread() as loop:
        made = Office(tmp_path, loop)
        yield made
        made.database.close()


def test_an_officer_comes_back_signed_in_and_is_the_same_the_next_time(office: Office) -> None:
    first, second = office.browser(), office.browser()
    entered = office.back(first)
    assert (entered.status_code, entered.headers["location"]) == (303, "/pages/years")
    cookie = next(c for c in entered.headers.get_list("set-cookie") if c.startswith("__Host-dvk="))
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    who = first.get("/session").json()
    assert who["user_name"] == "lan.tv"
    office.back(second)
    assert second.get("/session").json() == who
    assert first.token != second.token


def _header(**changed: str) -> Any:
    return lambda header, _claims: header.update(changed)


def _claims(**changed: Any) -> Any:
    def change(_header: dict[str, Any], claims: dict[str, Any]) -> None:
        claims.update(changed)
        for name in [name for name, value in changed.items() if value is None]:
            del claims[name]

    return change


FORGED = {
    "no signature": ("unsigned", None),
    "HMAC with the public key": ("by_its_public_key", None),
    "a key in the header": ({"jwk": "own key"}, None),
    "an address of a key": ({"jku": "https://evil.example/keys"}, None),
    "an address of a certificate": ({"x5u": "https://evil.example/cert"}, None),
    "a certificate": ({"x5c": ["MIIB"]}, None),
    "another key under the same id": ({}, None),
    "an unknown key id": ({"kid": "k2"}, None),
}
WRONG = {
    "another issuer": _claims(iss="https://id.example.vn/realms/other"),
    "no issuer": _claims(iss=None),
    "another audience": _claims(aud="another-client"),
    "two audiences and no authorised party": _claims(aud=[CLIENT_ID, "another-client"]),
    "another authorised party": _claims(azp="another-client"),
    "an old nonce": _claims(nonce="A" * 43),
    "no nonce": _claims(nonce=None),
    "over": _claims(exp=1_600_000_000),
    "no end": _claims(exp=None),
    "an end in words": _claims(exp="tomorrow"),
    "of long ago": _claims(iat=1_600_000_000),
    "of the future": _claims(iat=4_000_000_000),
    "no subject": _claims(sub=None),
    "a subject of megabytes": _claims(sub="x" * 1_000),
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_token_opens_nothing(office: Office, forged: str) -> None:
    how, _ = FORGED[forged]
    provider, browser = office.provider, office.browser()
    provider.signed = (
        getattr(provider, how) if isinstance(how, str) else provider.by_another_key(**how)
    )
    _refused(office.back(browser), browser)
    assert not [each for each in provider.asked if "evil.example" in each]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_rightly_signed_token_of_something_else_opens_nothing(office: Office, wrong: str) -> None:
    browser = office.browser()
    office.provider.change = WRONG[wrong]
    _refused(office.back(browser), browser)


def test_a_key_of_the_header_is_refused_even_beside_a_right_signature(office: Office) -> None:
    browser, provider = office.browser(), office.provider
    provider.change = lambda header, _: header.update(jku="https://evil.example/keys")
    _refused(office.back(browser), browser)


def test_a_state_of_another_browser_opens_nothing(office: Office) -> None:
    victim, attacker = office.browser(), office.browser()
    address = attacker.get("/sign-in/oidc").headers["location"]
    sent = office.provider.approve(address)
    victim.get("/sign-in/oidc")
    _refused(victim.get(PROVIDER_ANSWERS, params=sent), victim)


def test_a_code_and_a_state_work_once(office: Office) -> None:
    browser = office.browser()
    address = browser.get("/sign-in/oidc").headers["location"]
    flow = next(c for c in browser.jar if c.name == "__Host-dvk-flow").value
    sent = office.provider.approve(address)
    assert browser.get(PROVIDER_ANSWERS, params=sent).status_code == 303
    browser.carry(flow, "__Host-dvk-flow")
    _refused(browser.get(PROVIDER_ANSWERS, params=sent), browser)


@pytest.mark.parametrize(
    "changed",
    [{"state": "A" * 43}, {"state": None}, {"code": "code-99"}, {"iss": "https://evil.example"}],
)
def test_a_changed_answer_opens_nothing(office: Office, changed: dict[str, str | None]) -> None:
    browser = office.browser()
    office.back(office.browser())  # a code of another sign-in exists
    _refused(office.back(browser, **changed), browser)


def test_a_way_that_took_longer_than_ten_minutes_opens_nothing(office: Office) -> None:
    browser = office.browser()
    sent = office.provider.approve(browser.get("/sign-in/oidc").headers["location"])
    office.now += 601_000_000
    _refused(browser.get(PROVIDER_ANSWERS, params=sent), browser)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["http://169.254.169.254/latest", "file:///etc/passwd", "https://evil.example/x"])  # fmt: skip
def test_metadata_cannot_lead_to_another_host(office: Office, name: str, address: str) -> None:
    browser = office.browser()
    office.provider.metadata[name] = address
    started = browser.get("/sign-in/oidc")
    if started.status_code == 303:
        sent = office.provider.approve(started.headers["location"])
        started = browser.get(PROVIDER_ANSWERS, params=sent)
    _refused(started, browser)
    assert address not in office.provider.asked


def test_sign_ins_under_way_are_limited_and_end_by_themselves(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid_flows, "MOST_FLOWS", 3)
    started = [office.browser().get("/sign-in/oidc").status_code for _ in range(4)]
    assert started == [303, 303, 303, 503]
    office.now += 600_000_000
    assert office.browser().get("/sign-in/oidc").status_code == 303


def test_metadata_of_another_issuer_are_not_used(office: Office) -> None:
    office.provider.metadata["issuer"] = "https://evil.example"
    assert office.browser().get("/sign-in/oidc").status_code == 401


def test_a_provider_that_is_down_is_said_to_be_down(office: Office) -> None:
    office.provider.metadata["jwks_uri"] = f"{ISSUER}/gone"
    browser = office.browser()
    assert office.back(browser).status_code == 503
    assert browser.get("/session").status_code == 401


def _refused(answer: httpx.Response, browser: OneBrowser) -> None:
    assert (answer.status_code, "Hệ thống xác thực" in answer.text) == (401, True), answer.text
    assert browser.get("/session").status_code == 401


@pytest.mark.processes
def test_it_works_with_a_provider_that_is_a_program_of_its_own(tmp_path: Path) -> None:
    with ExitStack() as stack:
        issuer = stack.enter_context(provider_process())
        stated = {"ISSUER": issuer, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": "secret"}
        environment = {f"DVK_OIDC_{name}": value for name, value in stated.items()}
        ledger = stack.enter_context(small_ledger(tmp_path, (), **environment))
        browser = OneBrowser(ledger.apps[Family.REPORTING], ledger.loop)
        address = browser.get("/sign-in/oidc").headers["location"]
        with httpx.Client(trust_env=False) as person:
            agreed = person.post(address, data={"sub": "person-7"})
        back = httpx.URL(agreed.headers["location"])
        assert back.path == PROVIDER_ANSWERS
        entered = browser.get(back.raw_path.decode())
        assert (entered.status_code, entered.headers["location"]) == (303, "/signed-in")
        assert browser.get("/session").json()["user_name"] == "person-7"
        assert browser.get(back.raw_path.decode()).status_code == 401
