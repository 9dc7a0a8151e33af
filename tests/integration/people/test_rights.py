"""Once sign-in is required: figures are public, the rest is read by officers of its units alone."""

import json
import re
from pathlib import Path

import pytest

from services.lists import app as lists_app
from shared.settings import Settings
from shared.vocabulary import Family, OfficerRole
from shared.web.signin.rights import RIGHTS, Right
from tests.support.cloudevents import cloudevent
from tests.support.guarded_ledger import LAND, Guarded, role_granted
from tests.support.http_clients import BATCHED
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.people_pages import PASSWORD, officer, routes_of


def test_every_route_of_every_service_has_a_declared_right(
    guarded: Guarded, tmp_path: Path
) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    with client_of(guarded.ledger) as client:
        desk = lists_app.compose(settings, client, ADDRESSES)
        apps = [*guarded.ledger.apps.values(), desk]
        served = {f"{method} {path}" for app in apps for method, path in routes_of(app)}
    assert served == set(RIGHTS)


PUBLIC = (
    "/summaries/national?year=2022",
    "/summaries/units/b?year=2022",
    "/figures",
    "/reconciliation",
    "/completeness",
    "/",
    "/?unit=b&year=2022",
    "/pages/years",
    "/pages/units",
    "/dashboard.css",
    "/healthz",
    "/docs",
    "/openapi.json",
    "/sign-in",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_figures_and_units_are_public(guarded: Guarded, address: str) -> None:
    assert guarded.browser(None).get(address).status_code == 200


PRIVATE = {
    Family.REPORTING: (
        "/registrations",
        "/registrations?unit_id=a",
        "/awards?unit_id=a",
        "/explain?year=2022&measure=registered",
        "/find?q=mô+hình",
        "/models/m-a-1/history",
        "/feeds/a.json",
        "/feeds/a.atom",
        "/signals",
        "/parked",
        "/refused",
        "/receipts?source=/publishers/test&id=x",
        "/quarantine",
        "/metrics",
    ),
    Family.REGISTRY: ("/events", "/models/m-a-1", "/parked", "/refused", "/quarantine", "/metrics"),
    Family.EVALUATION: ("/parked", "/refused", "/quarantine", "/metrics"),
}


@pytest.mark.parametrize(
    ("family", "address"), [(f, a) for f, each in PRIVATE.items() for a in each]
)
def test_everything_else_needs_a_session(guarded: Guarded, family: Family, address: str) -> None:
    for cookies in ({}, {"Cookie": f"dvk={'A' * 43}"}, {"Cookie": "dvk=x"}):
        answer = guarded.browser(None, family).get(address, headers=cookies)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        assert answer.headers["www-authenticate"]


PAGES = (
    "/pages/list?unit=a",
    "/pages/find?q=x",
    "/pages/model?model=m-a-1",
    "/pages/signals",
    "/pages/exchange",
)


@pytest.mark.parametrize("address", PAGES)
def test_a_browser_is_led_to_the_sign_in_and_back(guarded: Guarded, address: str) -> None:
    browser = guarded.browser(None)
    answer = browser.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    form = browser.get(answer.headers["location"])
    assert form.status_code == 200
    back = browser.form("/sign-in", user_name="reader-a", password=PASSWORD, to=address)
    assert (back.status_code, back.headers["location"]) == (303, address)


ALLOWED = (
    "/registrations?unit_id=a",
    "/registrations?unit_id=a-1",
    "/awards?unit_id=a-2",
    "/explain?year=2022&measure=registered&unit_id=a",
    "/find?q=mô+hình&unit=a",
    "/models/m-a-1/history",
    "/feeds/a.json",
    "/feeds/a-1.atom",
    "/feeds/a/signals.atom",
    "/pages/results?unit=a&year=2022",
    "/signals?unit=a&year=2022",
    "/pages/list?unit=a",
    "/pages/model?model=m-a-1",
    "/pages/award?award=kt-a-1",
    "/pages/organization?organization=o-a",
    "/organizations/o-a/result?year=2022",
    "/pages/explanation?unit=a&year=2022&measure=registered",
)


@pytest.mark.parametrize("address", ALLOWED)
def test_an_officer_reads_the_own_units_and_those_below(guarded: Guarded, address: str) -> None:
    answer = guarded.browser("reader-a").get(address)
    assert answer.status_code == 200, answer.text


def _of_another(address: str) -> str:
    """Return the same address for the other province."""
    return re.sub(r"(?<=[=/-])a(?=[-&./?]|$)", "b", address)


FOREIGN = (
    *(_of_another(address) for address in ALLOWED),
    "/registrations",
    "/registrations?unit_id=vn",
    "/registrations?unit_id=",
    "/registrations?unit_id=a&unit_id=b",
    "/registrations?unit_id=b&known_at=1",
    "/registrations?unit_id=b&map=2010-01-01",
    "/registrations?unit=a",
    "/registrations?unit_id=no-such-unit",
    "/find?q=mô+hình",
    "/explain?year=2022&measure=registered",
    "/models/m-no-such/history",
    "/pages/award?award=no-such",
    "/parked",
    "/refused",
    "/receipts?source=/publishers/test&id=x",
    "/quarantine",
    "/metrics",
)


@pytest.mark.parametrize("address", FOREIGN)
def test_an_officer_reads_nothing_of_other_units(guarded: Guarded, address: str) -> None:
    answer = guarded.browser("reader-a").get(address)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "m-b-1" not in answer.text


def test_a_cursor_of_another_unit_opens_nothing(guarded: Guarded) -> None:
    first = guarded.browser("operator").get("/registrations?limit=1").json()
    assert first["next"]
    cursor = first["next"].partition("cursor=")[2].partition("&")[0]
    answer = guarded.browser("reader-a").get(f"/registrations?cursor={cursor}")
    assert answer.status_code == 403


def test_an_unknown_thing_is_refused_in_the_same_words_as_a_foreign_one(guarded: Guarded) -> None:
    browser = guarded.browser("reader-a")
    foreign, unknown = (browser.get(f"/models/{m}/history") for m in ("m-b-1", "m-none"))
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())


@pytest.mark.parametrize("address", ["/events", "/models/m-b-1", "/parked", "/metrics"])
def test_the_registry_asks_for_the_same_rights(guarded: Guarded, address: str) -> None:
    assert guarded.browser("reader-a", Family.REGISTRY).get(address).status_code == 403
    assert guarded.browser("operator", Family.REGISTRY).get(address).status_code == 200


def test_the_officer_of_a_commune_does_not_read_its_province(guarded: Guarded) -> None:
    browser = guarded.browser("reader-b1")
    assert browser.get("/registrations?unit_id=b-1").status_code == 200
    for unit in ("b", "b-2", "vn", "a-1"):
        assert browser.get(f"/registrations?unit_id={unit}").status_code == 403


@pytest.mark.parametrize("name", ["nobody", "past", "ahead"])
def test_a_session_without_a_role_today_reads_what_is_public(guarded: Guarded, name: str) -> None:
    browser = guarded.browser(name)
    assert browser.get("/session").json()["roles"] == []
    assert browser.get("/registrations?unit_id=a").status_code == 403
    assert browser.get("/pages/exchange").status_code == 403
    assert browser.get("/summaries/national?year=2022").status_code == 200


def test_only_the_operator_of_the_country_operates(guarded: Guarded) -> None:
    for name, status in (("operator", 200), ("operator-a", 403), ("clerk-a", 403)):
        assert guarded.browser(name).get("/quarantine").status_code == status
        assert guarded.browser(name).get("/metrics").status_code == status


def test_publishing_needs_no_session(guarded: Guarded) -> None:
    again = guarded.ledger.ask(
        Family.REGISTRY, "POST", "/events", content=json.dumps(LAND[:1]), headers=BATCHED
    )
    assert [each["status"] for each in again.json()["items"]] == ["duplicate"]


def test_a_session_from_before_a_change_of_roles_is_over(guarded: Guarded) -> None:
    moved = officer(guarded.home, "moved")
    guarded.publish(role_granted(moved, OfficerRole.READER, "a"))
    browser = guarded.browser("moved")
    assert browser.get("/registrations?unit_id=a").status_code == 200
    ended = {"officer_ref": moved.officer_ref, "role": "reader", "unit_id": "a", "reason": "Nghỉ"}
    guarded.publish(cloudevent("RoleEnded", ended))
    assert browser.get("/registrations?unit_id=a").status_code == 401
    assert browser.get("/session").status_code == 401
    again = guarded.browser("moved")
    assert again.get("/registrations?unit_id=a").status_code == 403


def test_the_page_of_a_session_names_roles_and_units(guarded: Guarded) -> None:
    page = guarded.browser("clerk-a").get("/signed-in").text
    assert "Nhập liệu" in page
    assert "Đơn vị a" in page
    assert "01/03/2022" in page


def test_a_right_that_is_not_declared_is_refused(guarded: Guarded) -> None:
    app = guarded.ledger.apps[Family.EVALUATION]
    app.get("/new-route", include_in_schema=False)(lambda: "secret")
    answer = guarded.browser("operator", Family.EVALUATION).get("/new-route")
    assert answer.status_code == 403


def test_reading_roles_and_rights_are_those_of_the_contract() -> None:
    assert {each.value for each in OfficerRole} == {
        "reader", "clerk", "approver", "personal", "operator",
    }  # fmt: skip
    public = {path for path, stated in RIGHTS.items() if stated.right is Right.PUBLIC}
    assert "GET /events" not in public
    assert "GET /explain" not in public


def test_sign_ins_and_refusals_are_in_the_log(
    guarded: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    reader = guarded.officers["reader-a"].officer_ref
    browser = guarded.browser("reader-a")
    assert browser.get("/registrations?unit_id=b").status_code == 403
    browser.get("/sign-in")
    browser.form("/sign-in", user_name="reader-a", password="mật khẩu gõ nhầm ô")
    browser.ask("POST", "/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    ours = [record for record in caplog.records if record.name.startswith("shared.web")]
    ours += [record for record in caplog.records if record.name.startswith("shared.people")]
    said = {(r.levelname, r.getMessage(), getattr(r, "officer_ref", None)) for r in ours}
    assert said == {
        ("INFO", "signed in", reader),
        ("WARNING", "not allowed", reader),
        ("WARNING", "a wrong password", reader),
        ("WARNING", "a form of another site", None),
    }
    assert "gõ nhầm" not in caplog.text
