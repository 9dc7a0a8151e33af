"""No page of another site can change anything; programs, which state no site, are not affected."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.lists import app as lists_app
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.guarded_ledger import Guarded
from tests.support.http_clients import BATCHED
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.people_pages import OWN, Officer, OneBrowser, routes_of
from tests.support.small_ledger import SmallLedger

FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8080"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:9999"},
)
OURS = ({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost:8080"}, {})  # fmt: skip


@pytest.fixture(scope="module")
def apps(
    ledger: SmallLedger, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, OneBrowser]]:
    """Give a browser at each of the four services."""
    home = tmp_path_factory.mktemp("desk")
    settings = Settings.from_environment({"DVK_HOME": str(home)})
    with client_of(ledger) as client:
        desk = lists_app.compose(settings, client, ADDRESSES)
        served = {**{str(f): app for f, app in ledger.apps.items()}, "lists": desk}
        yield {name: OneBrowser(app, ledger.loop) for name, app in served.items()}


def _unsafe(browser: OneBrowser) -> list[tuple[str, str]]:
    return [
        (method, path.replace("{", "").replace("}", ""))
        for method, path in routes_of(browser.app)
        if method not in {"GET", "HEAD", "OPTIONS"}
    ]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("service", ["registry", "evaluation", "reporting", "lists"])
def test_nothing_is_changed_from_another_site(
    apps: dict[str, OneBrowser], lan: Officer, service: str, headers: dict[str, str]
) -> None:
    browser = apps[service]
    unsafe = _unsafe(browser)
    assert unsafe
    for method, path in unsafe:
        answer = browser.ask(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "form_of_another_site"), path


def test_a_session_does_not_help_another_site(browser: OneBrowser) -> None:
    browser.sign_in("lan")
    browser.get("/signed-in")
    fields = {"form_token": browser.form_token}
    for headers in FOREIGN:
        assert browser.ask("POST", "/sign-out", data=fields, headers=headers).status_code == 403
    assert browser.get("/session").status_code == 200


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_our_own_pages_and_programs_are_answered(
    apps: dict[str, OneBrowser], headers: dict[str, str]
) -> None:
    answer = apps["reporting"].ask("POST", "/pages/my-unit", data={"unit": ""}, headers=headers)
    assert answer.status_code == 303


def test_the_form_of_my_unit_carries_the_token_of_the_session(guarded: Guarded) -> None:
    browser = guarded.browser("reader-a")
    refused = browser.ask("POST", "/pages/my-unit", data={"unit": "a"}, headers=OWN)
    assert (refused.status_code, refused.json()["code"]) == (403, "form_expired")
    browser.get("/?unit=a&year=2022")
    assert browser.form("/pages/my-unit", unit="a").status_code == 303


@pytest.mark.parametrize("family", Family)
def test_a_publisher_needs_no_header_of_browsers(ledger: SmallLedger, family: Family) -> None:
    answer = ledger.ask(family, "POST", "/events", content=json.dumps([]), headers=BATCHED)
    assert answer.json().get("code") != "form_of_another_site"


def test_a_form_of_the_desk_needs_the_token_of_the_session(
    apps: dict[str, OneBrowser], browser: OneBrowser, tmp_path: Path
) -> None:
    browser.sign_in("lan")
    desk = apps["lists"]
    desk.carry(browser.token)
    for path in ("/lists/uploads", "/lists/uploads/1/answers", "/lists/uploads/1/send"):
        answer = desk.ask("POST", path, data={"kind": "plans"}, headers=OWN)
        assert (answer.status_code, answer.json()["code"]) == (403, "form_expired"), path
    desk.get("/lists/")
    answer = desk.ask(
        "POST",
        "/lists/uploads",
        data={"kind": "plans", "form_token": desk.form_token},
        files={"file": ("a.xlsx", b"")},
        headers=OWN,
    )
    assert answer.status_code == 422  # the form itself is read, and says what is missing
    desk.carry(None)
