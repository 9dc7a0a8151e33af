"""What a page says of a year or a moment that somebody chose: never that it is what it is not."""

from datetime import timedelta

import pytest

from shared.clock import day_in_vietnam, system_clock
from tests.support.asserted_figures import figure
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import registered

TODAY = day_in_vietnam(system_clock())


@pytest.mark.parametrize("known_at", [
    TODAY.isoformat(), (TODAY + timedelta(days=1)).isoformat(), "2999-12-31",
    "9999-12-31T23:59:59Z", "2999-01-01T00:00:00%2B07:00", "2999-01-01T00:00:00+07:00",
])  # fmt: skip
def test_a_moment_that_has_not_passed_means_now_and_the_page_says_so(
    paging: Paging, known_at: str
) -> None:
    for path in ("/", "/pages/years", "/pages/changes", "/pages/explanation"):
        page = paging.get(f"{path}?unit=bk&known_at={known_at}")
        assert "Chưa qua thời điểm đã chọn" in page.text
        assert "không phải hiện nay" not in page.text
    assert "known_at" not in paging.get(page.link("Về hiện nay")).url


@pytest.mark.parametrize(("known_at", "says"), [
    ("2020-01-01", "đến hết ngày 01/01/2020, không phải hiện nay"),
    ("8", "đến vị trí 8, không phải hiện nay"),
    ("2020-01-01T08:30:00%2B07:00", "đến 08:30:00 ngày 01/01/2020, không phải hiện nay"),
])  # fmt: skip
def test_a_moment_that_has_passed_is_named(paging: Paging, known_at: str, says: str) -> None:
    paging.projecting.given(registered("3", unit_id="bk-1"))
    page = paging.get(f"/?known_at={known_at}&year=2022")
    assert says in page.text
    assert "Chưa qua" not in page.text


def test_a_year_that_is_not_in_the_log_is_not_offered_and_says_so(paging: Paging) -> None:
    for path in ("/", "/pages/changes", "/pages/years", "/pages/reconciliation"):
        page = paging.get(f"{path}?year=2031")
        offered = [e for e in page.elements if e.tag == "option"]
        assert "2031" not in [e.text for e in offered]
        assert next(e.text for e in offered if "selected" in e.attributes) == "chọn năm"
    assert "Sổ cái chưa có gì của năm 2031" in paging.get("/?year=2031").text
    assert paging.get("/?year=2031").link("2022") == "/?year=2022"
    assert "chọn năm" not in paging.get("/?year=2022").text


def test_a_figure_of_a_year_without_events_stands_on_the_page_of_that_year(
    paging: Paging,
) -> None:
    period = {"from": "2019-01-01", "to": "2019-12-31", "kind": "year"}
    paging.projecting.given(figure(1, period=period))
    page = paging.get("/?unit=bk&year=2019")
    assert "chưa có gì của năm 2019" not in page.text
