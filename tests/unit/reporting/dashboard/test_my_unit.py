"""The reader's own unit: remembered in one cookie, and opened by the bare address alone."""

import pytest

from services.reporting.dashboard.my_unit import COOKIE
from tests.support.dashboard_pages import Paging


def kept(paging: Paging, **form: str) -> str:
    """Send the form that remembers a unit; return the cookie that comes back."""
    answer = paging.ask("/pages/my-unit", "POST", data=form)
    assert answer.status_code == 303
    return answer.headers.get("set-cookie", "")


def test_a_kept_unit_is_opened_by_the_bare_address(paging: Paging) -> None:
    cookie = kept(paging, unit="bk", lang="en", level="commune")
    name, _, value = cookie.partition(";")[0].partition("=")
    assert name == COOKIE
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    home = paging.ask("/", cookies={COOKIE: value.strip('"')})
    assert home.status_code == 303
    assert home.headers["location"] == "/?unit=bk&level=commune&lang=en"


@pytest.mark.parametrize("address", ["/?year=2022", "/?unit=vn", "/pages/years"])
def test_an_address_that_says_more_is_the_same_for_everybody(paging: Paging, address: str) -> None:
    answer = paging.ask(address, cookies={COOKIE: "unit=bk"})
    assert answer.status_code == 200
    assert answer.headers["vary"].lower().find("cookie") >= 0


@pytest.mark.parametrize("value", ["", "unit=", "unit=no such", "unit=nowhere", "x" * 5_000, "unit=%00"])  # fmt: skip
def test_a_cookie_without_a_known_unit_leads_nowhere(paging: Paging, value: str) -> None:
    assert paging.ask("/", cookies={COOKIE: value}).status_code == 200


def test_it_holds_unit_level_and_language_and_nothing_else(paging: Paging) -> None:
    cookie = kept(paging, unit="bk", lang="vi", level="street", name="Nguyễn Văn A", year="2022")
    assert cookie.partition(";")[0].replace('"', "") == f"{COOKIE}=unit=bk"


def test_it_is_forgotten_when_the_form_names_no_unit(paging: Paging) -> None:
    assert "Max-Age=0" in kept(paging, unit="", lang="vi")


def test_another_site_cannot_change_it(paging: Paging) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = paging.ask("/pages/my-unit", "POST", data={"unit": "bk"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_its_page_says_so_and_offers_to_forget_it(paging: Paging) -> None:
    mine = paging.ask("/?unit=bk", cookies={COOKIE: "unit=bk"}).text
    other = paging.ask("/?unit=bk-1", cookies={COOKIE: "unit=bk"}).text
    assert "Bỏ ghi nhớ" in mine
    assert "Đặt làm đơn vị của tôi" in other
    assert '<a href="/">Đơn vị của tôi</a>' in other


def test_the_help_explains_position_day_and_map_in_both_languages(paging: Paging) -> None:
    for language, words in (("vi", "Vị trí là gì?"), ("en", "What is a position?")):
        assert words in paging.ask(f"/pages/help?lang={language}").text
