"""events.md, Accepting: PeriodClosed, PeriodReopened, FigureAsserted."""

from typing import Any

from services.reporting.decider import ReportingDecider
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, received
from tests.support.event_builders import registered, retracted
from tests.support.scenarios import History, given

COUNTRY = country()
RIGHT = "sha256:" + "a" * 64
RIGHT_BY_THE_FIRST_RULES = "sha256:" + "1" * 64
WRONG = "sha256:" + "b" * 64


def closing(**data: Any) -> ReceivedEvent:
    """Say that the year 2022 of the country is closed at position 1."""
    stated = {"unit_id": "vn", "plan_year": 2022, "position": 1, "digest": RIGHT}
    return received("PeriodClosed", {**stated, **data})


def reopening(**data: Any) -> ReceivedEvent:
    """Say that the year 2022 of the country is opened again."""
    stated = {"unit_id": "vn", "plan_year": 2022, "reason": "bổ sung số liệu"}
    return received("PeriodReopened", {**stated, **data})


def figure(**data: Any) -> ReceivedEvent:
    """Say that a report says how many there were."""
    stated = {
        "figure_id": "f-1",
        "metric": "registered",
        "unit_id": "vn",
        "period": {"from": None, "to": None, "kind": "unstated"},
        "value": 191,
        "qualifier": "exact",
        "source": {"kind": "report", "title": "Báo cáo tổng kết"},
    }
    return received("FigureAsserted", {**stated, **data})


def history(*events: ReceivedEvent) -> History:
    """Say that a history in which the summary of 2022 at position 1 has the right digest."""
    known = {("vn", 2022, 1): {2: RIGHT, 1: RIGHT_BY_THE_FIRST_RULES}}
    decider = ReportingDecider(digests_at=lambda *asked: known.get(asked))
    return History(reporting=decider).given(COUNTRY, *events)


def test_a_closing_waits_for_its_unit() -> None:
    assert given().when(closing()).waiting_for == {("unit", "vn")}
    assert given().when(reopening()).waiting_for == {("unit", "vn")}


def test_a_year_is_closed_with_the_digest_of_its_position() -> None:
    assert history().when(closing()).accepted


def test_a_year_is_closed_with_the_digest_of_an_earlier_version_of_the_rules() -> None:
    assert history().when(closing(digest=RIGHT_BY_THE_FIRST_RULES)).accepted


def test_a_wrong_digest_is_refused_with_both() -> None:
    verdict = history().when(closing(digest=WRONG))
    assert verdict.code == "closing_digest_differs"
    assert RIGHT in verdict.says
    assert WRONG in verdict.says


def test_a_closing_does_not_name_a_position_that_is_still_to_come() -> None:
    verdict = history().when(closing(position=2))
    assert verdict.code == "closing_beyond_head"
    assert "ends at position 1" in verdict.says
    known = ReportingDecider(digests_at=lambda *_: {2: RIGHT})
    later = History(reporting=known).given(COUNTRY, registered())
    assert later.when(closing(position=2)).accepted


def test_a_year_whose_summary_cannot_be_recomputed_is_not_closed() -> None:
    assert given(COUNTRY).when(closing()).code == "closing_not_available"


def test_a_year_is_closed_once_until_it_is_reopened() -> None:
    closed = history(closing())
    verdict = closed.when(closing())
    assert verdict.code == "period_closed"
    assert "position 2" in verdict.says
    assert closed.given(reopening()).when(closing()).accepted


def test_a_year_is_reopened_when_it_is_closed() -> None:
    assert history().when(reopening()).code == "period_not_closed"
    assert history(closing()).when(reopening()).accepted
    assert history(closing(), reopening()).when(reopening()).code == "period_not_closed"


def test_other_years_are_closed_on_their_own() -> None:
    assert history(closing()).when(reopening(plan_year=2021)).code == "period_not_closed"


def test_a_closing_is_reopened_and_not_retracted() -> None:
    event = closing()
    verdict = history(event).when(retracted(event), service=Family.REPORTING)
    assert verdict.code == "event_not_retractable"


def test_a_figure_waits_for_its_unit_and_is_replaced_by_a_later_one() -> None:
    assert given().when(figure()).waiting_for == {("unit", "vn")}
    assert given(COUNTRY, figure()).when(figure(value=192)).accepted


def test_a_figure_and_a_closing_are_of_a_unit_of_their_day() -> None:
    early = {"occurred_on": "2003-12-31"}
    assert history().when(figure(**early)).code == "unit_does_not_exist"
    assert history().when(closing(**early)).code == "unit_does_not_exist"
    assert history().when(figure(occurred_on="2999-01-01")).code == "occurred_in_future"


def test_a_figure_is_retracted_by_reporting_only() -> None:
    event = figure()
    published = given(COUNTRY, event)
    assert published.when(retracted(event), service=Family.REPORTING).accepted
    verdict = published.when(retracted(event), service=Family.REGISTRY)
    assert verdict.code == "retracted_event_of_another_service"
