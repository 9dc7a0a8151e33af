"""docs/lists.md: where a unit has an approver, a list is sent by one who did not enter it."""

import re
from collections.abc import Iterator

import pytest

from shared.people.tokens import form_token_of
from shared.vocabulary import OfficerRole
from tests.support.cloudevents import cloudevent
from tests.support.guarded_desk import GuardedDesk, guarded_desk
from tests.support.guarded_ledger import Guarded, role_granted
from tests.support.people_pages import officer

ROLES = {
    "enters": (OfficerRole.CLERK, "a"),
    "both": (OfficerRole.CLERK, "a"),
    "approves": (OfficerRole.APPROVER, "a"),
    "approves-b2": (OfficerRole.APPROVER, "b-2"),
    "enters-b": (OfficerRole.CLERK, "b"),
}


@pytest.fixture(scope="module")
def desk(guarded: Guarded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedDesk]:
    made = {name: officer(guarded.home, name) for name in ROLES}
    for name, (role, unit) in ROLES.items():
        guarded.publish(role_granted(made[name], role, unit))
    guarded.publish(role_granted(made["both"], OfficerRole.APPROVER, "a"))
    with guarded_desk(guarded, tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="module")
def entered(desk: GuardedDesk) -> str:
    """Give the address of a list of a-1 that one officer entered and another is to approve."""
    return desk.checked(desk.browser("enters"), "Đơn vị a-1", "Đường hoa")


@pytest.mark.parametrize("name", ["enters", "clerk-a"])
def test_a_clerk_does_not_send_a_list_that_waits_for_its_approval(
    desk: GuardedDesk, entered: str, name: str
) -> None:
    browser = desk.browser(name)
    page = browser.get(entered).text
    assert "Chờ phê duyệt" in page
    assert "<button" not in page.partition('<h2 id="rows">')[0].partition("/send?")[2]
    answer = desk.send(browser, entered)
    assert (answer.status_code, answer.json()["code"]) == (403, "list_approval_needed")


def test_who_entered_a_list_does_not_approve_it(desk: GuardedDesk) -> None:
    both = desk.browser("both")
    at = desk.checked(both, "Đơn vị a-2", "Nhà sạch")
    answer = desk.send(both, at)
    assert (answer.status_code, answer.json()["code"]) == (403, "list_approval_needed")


def test_who_answered_its_questions_entered_it_too(desk: GuardedDesk) -> None:
    at = desk.checked(desk.browser("enters"), "Đơn vị a-2", "Ngõ sáng")
    both = desk.browser("both")
    both.get(at)
    assert both.form(f"{at}/answers").status_code == 303
    desk.settled(both, at)
    assert desk.send(both, at).status_code == 403


def test_an_approver_sends_what_the_page_showed_and_nothing_newer(
    guarded: Guarded, desk: GuardedDesk, entered: str
) -> None:
    approver, clerk = desk.browser("approves"), desk.browser("enters")
    page = approver.get(entered).text
    assert "Phê duyệt và gửi 1 dòng" in page
    assert entered in approver.get("/lists/").text
    assert approver.get(f"{entered}/annotated.xlsx").status_code == 200
    (shown,) = re.findall(rf'action="({entered}/send\?seen=\d+)', page)
    clerk.get(entered)
    assert clerk.form(f"{entered}/answers").status_code == 303
    desk.settled(clerk, entered)
    late = approver.form(shown)
    assert (late.status_code, late.json()["code"]) == (409, "list_checked_again")
    head = guarded.ledger.head()
    assert desk.send(approver, entered).status_code == 303
    sent = desk.settled(approver, entered)
    assert guarded.ledger.head() > head
    by = guarded.browser("approves").get("/session").json()["officer_ref"]
    assert f"Người phê duyệt <code>{by}</code>" in sent


def test_an_approver_enters_nothing(desk: GuardedDesk, entered: str) -> None:
    approver = desk.browser("approves")
    assert 'enctype="multipart/form-data"' not in approver.get("/lists/").text
    assert desk.upload(approver, "Đơn vị a-1", "Vườn rau").status_code == 403
    approver.form_token = form_token_of(approver.token)
    assert approver.form(f"{entered}/answers").json()["code"] == "not_allowed"


def test_an_approver_of_another_unit_knows_nothing_of_the_list(
    desk: GuardedDesk, entered: str
) -> None:
    other = desk.browser("approves-b2")
    assert other.get(entered).status_code == 404
    assert other.get(f"{entered}/annotated.xlsx").status_code == 404
    assert entered not in other.get("/lists/").text


def test_where_a_unit_has_no_approver_its_clerk_sends(guarded: Guarded, desk: GuardedDesk) -> None:
    clerk = desk.browser("enters-b")
    at = desk.checked(clerk, "Đơn vị b-1", "Bếp ấm")
    assert "Chờ phê duyệt" not in clerk.get(at).text
    assert desk.send(clerk, at).status_code == 303
    below = desk.checked(clerk, "Đơn vị b-2", "Cổng làng")
    assert desk.send(clerk, below).status_code == 403
    over = guarded.browser("approves-b2").get("/session").json()["officer_ref"]
    ended = {"officer_ref": over, "role": "approver", "unit_id": "b-2", "reason": "Nghỉ"}
    guarded.publish(cloudevent("RoleEnded", ended))
    assert desk.send(clerk, below).status_code == 303
