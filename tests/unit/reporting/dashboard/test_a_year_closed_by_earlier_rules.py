"""A year that was closed by an earlier version of the counting rules has its pages like any other."""

from shared.events.summary_digest import FixedFigures
from tests.support.cloudevents import received
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import evaluated, withdrawn


def test_a_year_closed_by_the_first_rules_shows_what_changed_of_what_they_counted(
    paging: Paging,
) -> None:
    summary = paging.projecting.summary("bk")
    position = summary["known_at"]["position"]
    fixed = FixedFigures("bk", "recorded", "dan_van_kheo", 2022, position, summary["measures"])
    closing = {"unit_id": "bk", "plan_year": 2022, "position": position}
    paging.projecting.given(
        received(
            "PeriodClosed", {**closing, "digest": fixed.digest(1), "occurred_on": "2023-01-15"}
        ),
        evaluated("1"),
        withdrawn("2"),
    )
    asked = "?unit=bk&year=2022&map=recorded"
    assert "Đăng ký" in paging.answer(f"/pages/years{asked}").text
    year = paging.get(f"/{asked}").html
    changed = year[year.index("<caption>") : year.index("</table>", year.index("<caption>"))]
    assert "Rút đăng ký" in changed
    # Evaluations were not counted then.
    assert "Đã đánh giá" not in changed
