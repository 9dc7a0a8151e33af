"""docs/sign-in.md: operators see who holds which role in their unit and below it, and who did."""

import re

import pytest

from shared.vocabulary import OfficerRole
from shared.web.signin import officer_page
from tests.support.cloudevents import cloudevent
from tests.support.guarded_ledger import Guarded, role_granted
from tests.support.people_pages import Officer, officer


def rows(page: str) -> list[list[str]]:
    """Return the cells of the table without their tags."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr>")[1:]]
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in row] for row in cells]


@pytest.fixture(scope="module")
def ended(guarded: Guarded) -> Officer:
    """Give an officer whose role in b-2 was granted twice and then ended."""
    made = officer(guarded.home, "ended")
    guarded.publish(role_granted(made, OfficerRole.CLERK, "b-2"))
    guarded.publish(role_granted(made, OfficerRole.CLERK, "b-2", valid_from="2022-04-01"))
    over = {"officer_ref": made.officer_ref, "role": "clerk", "unit_id": "b-2"}
    guarded.publish(cloudevent("RoleEnded", {**over, "reason": "Chuyển công tác <b>"}))
    return made


def test_the_operator_of_the_country_sees_all_that_are_held(guarded: Guarded) -> None:
    page = guarded.browser("operator").get("/officers").text
    found = {(row[0], row[1], row[2]) for row in rows(page)}
    of = {name: each.officer_ref for name, each in guarded.officers.items()}
    assert found >= {
        (of["reader-a"], "Xem", "Đơn vị a"),
        (of["reader-b1"], "Xem", "Đơn vị b-1"),
        (of["clerk-a"], "Nhập liệu", "Đơn vị a"),
        (of["operator"], "Vận hành", "Việt Nam"),
    }
    states = {row[0]: row[5] for row in rows(page)}
    assert states[of["ahead"]] == "chưa đến ngày"
    assert of["past"] not in states


def test_what_ended_is_listed_with_its_reason_and_day(guarded: Guarded, ended: Officer) -> None:
    page = guarded.browser("operator").get("/officers?ended=1").text
    found = [(row[3], row[5]) for row in rows(page) if row[0] == ended.officer_ref]
    assert [first for first, _ in found] == ["01/04/2022", "01/03/2022"]
    assert found[0][1].endswith(": Chuyển công tác &lt;b&gt;")
    assert found[1][1].startswith("giao lại ")
    past = guarded.officers["past"].officer_ref
    assert [row[5] for row in rows(page) if row[0] == past] == ["hết thời hạn"]


def test_the_operator_of_a_province_sees_that_province_alone(guarded: Guarded) -> None:
    browser = guarded.browser("operator-a")
    page = browser.get("/officers?unit=a")
    assert page.status_code == 200
    assert {row[2] for row in rows(page.text)} == {"Đơn vị a"}
    assert guarded.officers["reader-b1"].officer_ref not in page.text
    for asked in ("", "?unit=", "?unit=vn", "?unit=b", "?unit=b-1", "?unit=a&unit=b", "?unit=x"):
        answer = browser.get(f"/officers{asked}")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), asked
    assert "/officers?unit=a" in browser.get("/signed-in").text


@pytest.mark.parametrize(("name", "status"), [("reader-a", 403), ("clerk-a", 403), (None, 401)])
def test_no_other_role_sees_officers(guarded: Guarded, name: str | None, status: int) -> None:
    browser = guarded.browser(name)
    assert browser.get("/officers?unit=a").status_code == status


def test_names_of_accounts_are_for_the_role_that_reads_names(guarded: Guarded) -> None:
    page = guarded.browser("operator").get("/officers").text
    assert "reader-a" not in page
    both = officer(guarded.home, "both-roles")
    guarded.publish(role_granted(both, OfficerRole.OPERATOR, "vn"))
    guarded.publish(role_granted(both, OfficerRole.PERSONAL, "a"))
    browser = guarded.browser("both-roles")
    assert "reader-a" not in browser.get("/officers").text
    named = {row[1] for row in rows(browser.get("/officers?unit=a").text)}
    assert {"reader-a", "clerk-a"} <= named


def test_a_long_list_comes_page_by_page(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = guarded.browser("operator")
    whole = rows(browser.get("/officers").text)
    monkeypatch.setattr(officer_page, "ROLES_SHOWN", 3)
    address, found = "/officers", []
    while address:
        page = browser.get(address).text
        found += rows(page)
        (address,) = re.findall(r'rel="next" href="([^"]+)"', page) or [""]
        address = address.replace("&amp;", "&")
    assert found == whole
