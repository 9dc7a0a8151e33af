"""docs/sign-in.md: once trust has begun sign-in is required, by no setting and for ever.

The ledger runs when trust begins, as `dvk trust begin` does it beside a running `dvk up`.
"""

import re
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from services.console.output.texts import Terminal
from services.console.people.one_machine import lacks_password, renew_token
from services.console.trust.actions import begin
from services.lists import app as lists_app
from shared.client.addresses import on_ports
from shared.client.ledger_credentials import LedgerCredentials
from shared.settings import Settings
from shared.trust.keys import SecretKey
from shared.trust.signing import signed_events
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent
from tests.support.guarded_ledger import LAND, OPENED
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.people_pages import PASSWORD, OneBrowser
from tests.support.small_ledger import SmallLedger, small_ledger
from tests.support.trusted import REALM

PRIVATE = {
    Family.REPORTING: "/registrations?unit_id=a",
    Family.REGISTRY: "/models/m-a-1",
    Family.EVALUATION: "/parked",
}


class Begun(NamedTuple):
    """A ledger and its desk from before and after the beginning of trust, and what was printed."""

    ledger: SmallLedger
    settings: Settings
    desk: OneBrowser
    far_desk: OneBrowser
    before: dict[str, int]
    said: str


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    home = tmp_path_factory.mktemp("machine")
    settings = Settings.from_environment({"DVK_HOME": str(home)})
    with small_ledger(home, LAND) as ledger, client_of(ledger) as client:
        client.auth = LedgerCredentials(settings)
        desk = OneBrowser(lists_app.compose(settings, client, ADDRESSES), ledger.loop)
        _followed(ledger)
        before = {f: ledger.ask(f, "GET", at).status_code for f, at in PRIVATE.items()}
        # One on another machine than the ledger, which it asks.
        far = {"DVK_HOME": str(tmp_path_factory.mktemp("far")), "DVK_LEDGER_URL": "http://far"}
        far_settings = Settings.from_environment(far)
        far_desk = OneBrowser(lists_app.compose(far_settings, client, ADDRESSES), ledger.loop)
        before["lists"] = desk.get("/lists/").status_code
        before["far"] = far_desk.get("/lists/").status_code
        printed = StringIO()
        assert begin(settings, REALM, {}, None, Terminal(file=printed, width=200)) == 0
        _followed(ledger)
        yield Begun(ledger, settings, desk, far_desk, before, printed.getvalue())


def _followed(ledger: SmallLedger) -> None:
    """Return when every service has read the log to its end."""
    for family in Family:
        assert ledger.ask(family, "GET", "/readyz").is_success
    at = f"/summaries/national?year=2022&known_at={ledger.head()}"
    ledger.ask(Family.REPORTING, "GET", at)


def test_before_trust_nothing_asks_for_a_session(begun: Begun) -> None:
    assert begun.before == dict.fromkeys(begun.before, 200)


def test_every_running_service_asks_for_a_session_from_then_on(begun: Begun) -> None:
    for family, address in PRIVATE.items():
        assert begun.ledger.ask(family, "GET", address).status_code == 401
    assert begun.desk.get("/lists/").status_code == 401
    assert begun.far_desk.get("/lists/").status_code == 401
    assert begun.ledger.ask(Family.REPORTING, "GET", "/summaries/national?year=2022").is_success


def test_a_desk_that_cannot_ask_its_ledger_shows_nothing(tmp_path: Path, begun: Begun) -> None:
    far = {"DVK_HOME": str(tmp_path), "DVK_LEDGER_URL": "http://127.0.0.1:1"}
    with httpx.Client() as client:
        settings = Settings.from_environment(far)
        app = lists_app.compose(settings, client, on_ports("127.0.0.1", 1))
        answer = OneBrowser(app, begun.ledger.loop).get("/lists/")
    assert (answer.status_code, answer.json()["code"]) == (503, "people_unavailable")


def test_a_program_reads_the_metrics_of_every_service_with_its_token(begun: Begun) -> None:
    token = begun.settings.token_file.read_text("utf-8").strip()
    for stated, status in ((token, 200), (f"{token}x", 401), ("", 401)):
        headers = {"Authorization": f"Bearer {stated}"}
        for family in Family:
            answer = begun.ledger.ask(family, "GET", "/metrics", headers=headers)
            assert answer.status_code == status
        for desk in (begun.desk, begun.far_desk):
            assert desk.get("/metrics", headers=headers).status_code == status


def test_one_person_goes_on_by_the_link_that_was_printed(begun: Begun) -> None:
    assert lacks_password(begun.settings)
    (link,) = re.findall(r"(/sign-in/link\?link=\S+)", begun.said)
    browser = OneBrowser(begun.ledger.apps[Family.REPORTING], begun.ledger.loop)
    browser.get(link)
    secret = link.partition("=")[2]
    kept = browser.form("/sign-in/link", link=secret, password=PASSWORD, again=PASSWORD)
    assert kept.status_code == 303, kept.text
    assert browser.get("/registrations?unit_id=a").status_code == 200
    assert browser.get("/quarantine").status_code == 200
    begun.desk.carry(browser.token)
    assert begun.desk.get("/lists/").status_code == 200
    assert not lacks_password(begun.settings)


def test_the_commands_and_the_desk_of_the_machine_go_on_reading(begun: Begun) -> None:
    file = begun.settings.token_file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    headers = _sent_to("http://127.0.0.1:8082/metrics", begun.settings)
    for address in ("/metrics", "/registrations", "/explain?year=2022&measure=registered"):
        assert begun.ledger.ask(Family.REPORTING, "GET", address, headers=headers).is_success


def test_a_new_token_ends_the_one_before(begun: Begun) -> None:
    before = _sent_to("http://localhost:8080/", begun.settings)
    renew_token(begun.settings)
    after = _sent_to("http://localhost:8080/", begun.settings)
    statuses = [
        begun.ledger.ask(Family.REPORTING, "GET", "/metrics", headers=each).status_code
        for each in (before, after)
    ]
    assert statuses == [401, 200]


@pytest.mark.parametrize(
    "url",
    ["https://ledger.example.vn/", "http://192.0.2.7:8080/", "http://127.0.0.1:9090/"],
)
def test_the_token_of_the_machine_is_sent_to_its_own_ledger_alone(begun: Begun, url: str) -> None:
    assert _sent_to(url, begun.settings) == {}


def _sent_to(url: str, settings: Settings) -> dict[str, str]:
    """Return the credentials of a request as a command of this machine makes it."""
    request = next(LedgerCredentials(settings).auth_flow(httpx.Request("GET", url)))
    return {k: v for k, v in request.headers.items() if k == "authorization"}


def test_on_a_log_without_a_map_the_rights_wait_for_it(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    printed = StringIO()
    assert begin(settings, REALM, {}, None, Terminal(file=printed, width=300)) == 0
    assert "dvk load-map --key" in printed.getvalue()
    root = SecretKey.load(tmp_path / "keys" / "root.key")
    opened = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED}, source="/publishers/root")
    with small_ledger(tmp_path, [], DVK_TRUST=settings.kept_trust or "") as ledger:
        headers = _sent_to("http://localhost:8080/", settings)

        def seen() -> tuple[int, list[str]]:
            operator = ledger.ask(Family.REGISTRY, "GET", "/metrics", headers=headers).status_code
            listed = ledger.ask(Family.REPORTING, "GET", "/trust/publishers").json()["items"]
            return operator, [each["publisher_id"] for each in listed]

        assert seen() == (403, ["root"])
        ledger.publish(signed_events([opened], root, REALM))
        _followed(ledger)
        assert seen() == (200, ["root", "dvk-lists"])
