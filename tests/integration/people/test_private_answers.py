"""What a reader with a session gets is for that reader alone; headers of others change nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request

from services.reporting.dashboard.my_unit import remembered
from shared.vocabulary import Family
from tests.support.people_pages import Officer, OneBrowser, officer
from tests.support.small_ledger import SmallLedger, small_ledger

PUBLIC = "https://ledger.example.vn"
PATHS = {
    Family.REPORTING: ("/", "/dashboard.css", "/summaries/national?year=2022", "/healthz", "/no-such", "/sign-in"),
    Family.REGISTRY: ("/events", "/taxonomies", "/healthz"),
    Family.EVALUATION: ("/events", "/parked", "/healthz"),
}  # fmt: skip


@pytest.mark.parametrize("family", PATHS)
def test_an_answer_to_a_session_or_credentials_is_private_and_not_stored(
    ledger: SmallLedger, lan: Officer, browser: OneBrowser, family: Family
) -> None:
    browser.sign_in("lan")
    asking = OneBrowser(ledger.apps[family], ledger.loop)
    for path in PATHS[family]:
        for headers in ({"Cookie": f"a=b; dvk={browser.token}"}, {"Authorization": "Bearer x"}):
            answer = asking.get(path, headers=headers)
            assert answer.headers.get_list("cache-control") == ["private, no-store"], path
            vary = {each.strip().lower() for each in answer.headers["vary"].split(",")}
            assert {"cookie", "authorization"} <= vary, path


def test_the_sign_in_pages_are_never_stored(browser: OneBrowser) -> None:
    for path in ("/sign-in", "/signed-in", "/session", "/sign-in/link?link=x", "/sign-in/oidc"):
        assert "no-store" in browser.get(path).headers["cache-control"], path


@pytest.mark.parametrize("path", ["/", "/summaries/national?year=2022", "/sign-in", "/pages/units"])
@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-Host", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Server", "Forwarded",
     "X-Client-Cert", "X_Client_Cert", "X-SSL-Client-Verify"],
)  # fmt: skip
def test_a_header_that_no_cache_knows_changes_nothing(
    browser: OneBrowser, path: str, header: str
) -> None:
    plain, with_it = browser.get(path), browser.get(path, headers={header: "evil.example"})
    assert (with_it.status_code, with_it.text) == (plain.status_code, plain.text)
    assert with_it.headers.get("location") == plain.headers.get("location")


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallLedger, Path]]:
    home = tmp_path_factory.mktemp("tls")
    hosts = {"DVK_ALLOWED_HOSTS": "ledger.example.vn", "DVK_PUBLIC_URL": PUBLIC}
    with small_ledger(home, (), **hosts) as running:
        yield running, home


def test_over_tls_the_cookie_is_bound_to_the_host_and_never_sent_in_clear(
    over_tls: tuple[SmallLedger, Path],
) -> None:
    ledger, home = over_tls
    officer(home, "lan")
    browser = OneBrowser(ledger.apps[Family.REPORTING], ledger.loop, PUBLIC)
    kept = browser.sign_in("lan").headers["set-cookie"]
    assert kept.startswith("__Host-dvk=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(kept.split("; "))
    token = browser.token
    in_clear = OneBrowser(ledger.apps[Family.REPORTING], ledger.loop, "http://ledger.example.vn")
    in_clear.carry(token, "dvk")  # the name that HTTP would use
    assert in_clear.get("/session").status_code == 401
    browser.carry(token, "__Host-dvk")
    assert browser.get("/session").status_code == 200


def test_over_tls_only_the_public_address_is_our_origin(
    over_tls: tuple[SmallLedger, Path],
) -> None:
    browser = OneBrowser(over_tls[0].apps[Family.REPORTING], over_tls[0].loop, PUBLIC)
    for origin, status in ((PUBLIC, 303), ("http://ledger.example.vn", 403)):
        answer = browser.ask("POST", "/pages/my-unit", data={}, headers={"Origin": origin})
        assert answer.status_code == status


def test_over_tls_browsers_are_told_to_stay_there(over_tls: tuple[SmallLedger, Path]) -> None:
    ledger, _ = over_tls
    for family in Family:
        for path in ("/", "/healthz", "/no-such", "/docs", "/events"):
            browser = OneBrowser(ledger.apps[family], ledger.loop, PUBLIC)
            told = browser.get(path).headers.get_list("strict-transport-security")
            assert told == ["max-age=31536000; includeSubDomains"], path
    browser = OneBrowser(ledger.apps[Family.REPORTING], ledger.loop, PUBLIC)
    kept = browser.ask(
        "POST", "/pages/my-unit", data={"unit": "vn", "lang": "en"}, headers={"Origin": PUBLIC}
    )
    said = kept.headers["set-cookie"]
    assert said.startswith("__Host-dvk_my_unit=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(said.split("; "))
    carried = [(b"cookie", said.partition(";")[0].encode())]
    request = Request({"type": "http", "headers": carried, "app": ledger.apps[Family.REPORTING]})
    assert remembered(request) == {"unit": "vn", "lang": "en"}  # it is read under that name


def test_without_tls_they_are_not(ledger: SmallLedger, browser: OneBrowser) -> None:
    assert "strict-transport-security" not in browser.get("/").headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:8080"])
def test_no_other_site_may_read_an_answer(
    ledger: SmallLedger, browser: OneBrowser, origin: str
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    for method in ("GET", "OPTIONS"):
        for path in ("/", "/summaries/national?year=2022", "/session", "/sign-in"):
            answer = browser.ask(method, path, headers=asked)
            assert not [name for name in answer.headers if name.startswith("access-control")]
