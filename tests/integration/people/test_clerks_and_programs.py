"""The list desk is for clerks, each in the own units; programs read with the token of an account."""

from collections.abc import Iterator

import pytest

from shared.vocabulary import OfficerRole
from tests.support.guarded_desk import GuardedDesk, guarded_desk
from tests.support.guarded_ledger import Guarded, role_granted
from tests.support.people_pages import accounts_in, officer, sessions_in


def test_a_program_reads_with_the_token_of_an_account_and_its_roles(guarded: Guarded) -> None:
    prometheus = officer(guarded.home, "prometheus")
    with sessions_in(guarded.home) as sessions:
        first = sessions.give_token(prometheus.officer_ref, "prometheus", 1)
        token = sessions.give_token(prometheus.officer_ref, "prometheus", 1)
    browser = guarded.browser(None)

    def status(token: str, **headers: str) -> int:
        return browser.get(
            "/metrics", headers={"Authorization": f"Bearer {token}", **headers}
        ).status_code

    assert status(token) == 403
    guarded.publish(role_granted(prometheus, OfficerRole.OPERATOR, "vn"))
    assert status(token) == 200
    assert status(first) == 401  # a newer one was given
    assert status("x" * 43) == 401
    assert status(token, Cookie=f"dvk={'A' * 43}") == 401  # a cookie is never helped by a token
    with accounts_in(guarded.home) as accounts:
        accounts.remove("prometheus")
    assert status(token) == 401


@pytest.fixture(scope="module")
def desk(guarded: Guarded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedDesk]:
    with guarded_desk(guarded, tmp_path_factory.mktemp("desk")) as running:
        yield running


def test_the_desk_is_for_clerks(guarded: Guarded, desk: GuardedDesk) -> None:
    assert desk.browser("clerk-a").get("/lists/").status_code == 200
    for name in ("reader-a", "operator", "nobody"):
        assert desk.browser(name).get("/lists/").status_code == 403
    assert desk.browser(None).get("/lists/").status_code == 401
    led = desk.browser(None).get("/lists/?kind=plans", headers={"Accept": "text/html"})
    assert led.status_code == 303
    assert led.headers["location"] == "http://reporting/sign-in?to=%2Flists%2F%3Fkind%3Dplans"


def test_a_clerk_enters_lists_of_the_own_units_only(guarded: Guarded, desk: GuardedDesk) -> None:
    other = officer(guarded.home, "clerk-b")
    guarded.publish(role_granted(other, OfficerRole.CLERK, "b"))
    clerk = desk.browser("clerk-a")
    own, foreign = (desk.upload(clerk, f"Đơn vị {unit}", "Đường hoa") for unit in ("a-1", "b-1"))
    assert own.status_code == 303
    assert foreign.status_code == 403
    at = own.headers["location"].partition("?")[0]
    assert desk.browser("clerk-a").get(at).status_code == 200
    assert desk.browser("clerk-b").get(at).status_code == 404
    assert desk.browser("clerk-b").get(f"{at}/annotated.xlsx").status_code == 404
    assert at in desk.browser("clerk-a").get("/lists/").text
    assert at not in desk.browser("clerk-b").get("/lists/").text
    template = "/lists/template.xlsx?kind=registrations&year=2022&unit="
    assert desk.browser("clerk-b").get(f"{template}b-1").status_code == 200
    assert desk.browser("clerk-b").get(f"{template}a-1").status_code == 403
