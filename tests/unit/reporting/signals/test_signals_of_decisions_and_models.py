"""docs/signals.md: what makes each signal of decisions, models and titles, what just does not, and what it said before."""

from typing import Any

from shared.events.envelope import ReceivedEvent
from tests.support.asked_signals import number, says
from tests.support.asserted_figures import figure
from tests.support.cloudevents import received
from tests.support.event_builders import (
    discontinued,
    granted,
    of_award,
    proposed,
    published,
    recognized,
    registered,
    replicated,
    retracted,
)
from tests.support.figures_of_events import Projecting

YEAR_END = "2022-12-31"


def head(projecting: Projecting) -> int:
    """Return the last position."""
    return projecting.reads.as_of().position


def again(of: str, number_: str, year: int = 2023, **data: Any) -> ReceivedEvent:
    """Say that model m-<of> is registered in another year."""
    kept = {"registration_kind": "maintained", "occurred_on": f"{year}-02-01", "unit_id": "bk-1"}
    return registered(number_, model_id=f"m-{of}", plan_year=year, **{**kept, **data})


def many(count: int, first: int = 1, **data: Any) -> list[ReceivedEvent]:
    """Say that some registrations are made in Phường Đức Xuân."""
    return [registered(str(n), **{"unit_id": "bk-1", **data}) for n in range(first, first + count)]


def inspected(**data: Any) -> ReceivedEvent:
    """Say that an inspection took place in Bắc Kạn in 2022."""
    stated = {"inspection_id": "i-1", "plan_year": 2022, "unit_id": "bk", "scopes": ["DVK"]}
    return received("InspectionConducted", {**stated, "occurred_on": "2022-08-15", **data})


def test_a_recognized_registration_is_inspected_by_name_organization_or_unit(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", unit_id="bk-1", owner_org_id="o-1"),
        registered("2", unit_id="bk-1"),
        registered("3", unit_id="bk-2"),
        registered("4", unit_id="bk-2", owner_org_id="o-4"),
        *(recognized(each) for each in "1234"),
    )
    before = head(projecting)
    assert number(projecting, "recognized_uninspected", YEAR_END, unit_id="bk") == 4
    projecting.given(
        inspected(org_id="o-1", registration_ids=["r-2"]),
        inspected(inspection_id="i-2", unit_id="bk-2", org_id="o-7"),
    )
    rows = says(projecting, "recognized_uninspected", YEAR_END, unit_id="bk").rows
    assert [r["registration_id"] for r in rows] == ["r-3", "r-4"]
    projecting.given(inspected(inspection_id="i-3", unit_id="bk-2"))
    assert says(projecting, "recognized_uninspected", YEAR_END, unit_id="bk").level == "clear"
    at = {"unit_id": "bk", "known_at": before}
    assert number(projecting, "recognized_uninspected", YEAR_END, **at) == 4


def test_a_decision_without_a_number_is_one_of_a_recognition_or_of_an_award(
    projecting: Projecting,
) -> None:
    unnumbered = {"decision": {"kind": "decision", "signed_on": "2022-12-01"}}
    projecting.given(registered("1", unit_id="bk-1"), recognized("1"), granted("1", unit_id="bk-1"))
    assert number(projecting, "decision_without_number", YEAR_END) == 0
    before = head(projecting)
    projecting.given(
        recognized("1", "exemplary", **unnumbered), granted("2", unit_id="bk-2", **unnumbered)
    )
    asked = says(projecting, "decision_without_number", YEAR_END, unit_id="bk")
    assert [(r["registration_id"], r["award_id"]) for r in asked.rows] == [
        ("r-1", None),
        (None, "a-2"),
    ]
    assert asked.by_unit == {"bk-1": 1, "bk-2": 1}
    assert number(projecting, "decision_without_number", YEAR_END, known_at=before) == 0


def test_a_model_is_not_sustained_if_the_next_year_knows_nothing_of_it(
    projecting: Projecting,
) -> None:
    projecting.given(*(registered(each, unit_id="bk-1") for each in "12345"))
    projecting.given(*(recognized(each) for each in "1234"))  # the fifth was not
    projecting.given(
        again("1", "11"),
        discontinued("2", plan_year=2023),
        replicated("3", plan_year=2023, occurred_on="2023-02-01"),
    )
    before = head(projecting)
    assert says(projecting, "not_sustained", "2023-04-30", year=2023).level == "early"
    rows = says(projecting, "not_sustained", "2023-05-01", year=2023, unit_id="bk").rows
    assert [r["registration_id"] for r in rows] == ["r-4"]
    projecting.given(again("4", "14", unit_id="tn-1"))  # moved to another province
    assert number(projecting, "not_sustained", "2023-05-01", year=2023) == 0
    assert number(projecting, "not_sustained", "2023-05-01", year=2023, known_at=before) == 1


def test_an_exemplary_model_is_unreplicated_after_twelve_months(projecting: Projecting) -> None:
    projecting.given(
        *(registered(each, unit_id="bk-1") for each in "12"),
        recognized("1", "exemplary"),
        recognized("2"),
    )
    assert number(projecting, "exemplary_unreplicated", "2023-11-30") == 0
    rows = says(projecting, "exemplary_unreplicated", "2023-12-01").rows
    assert [r["model_id"] for r in rows] == ["m-1"]
    before = head(projecting)
    event = replicated("1", occurred_on="2023-03-01")
    projecting.given(event)
    assert number(projecting, "exemplary_unreplicated", "2023-12-01") == 0
    assert number(projecting, "exemplary_unreplicated", "2023-12-01", known_at=before) == 1
    projecting.given(retracted(event))
    assert number(projecting, "exemplary_unreplicated", "2023-12-01") == 1


def test_an_award_waits_after_60_days_proposed_and_90_days_granted(projecting: Projecting) -> None:
    projecting.given(
        proposed("1", unit_id="bk-1", occurred_on="2022-10-01"),
        granted("2", unit_id="bk-1", occurred_on="2022-11-01"),
    )
    assert number(projecting, "proposal_overdue", "2022-11-29") == 0
    rows = says(projecting, "proposal_overdue", "2022-11-30").rows
    assert [(r["award_id"], r["reason"], r["days"]) for r in rows] == [("a-1", "undecided", 60)]
    assert number(projecting, "proposal_overdue", "2023-01-29") == 1
    rows = says(projecting, "proposal_overdue", "2023-01-30").rows
    assert [(r["award_id"], r["reason"]) for r in rows] == [
        ("a-1", "undecided"),
        ("a-2", "unpresented"),
    ]
    before = head(projecting)
    projecting.given(of_award("AwardPresented", "2"), granted("1", unit_id="bk-1"))
    assert number(projecting, "proposal_overdue", "2023-02-01") == 0
    assert number(projecting, "proposal_overdue", "2023-02-01", known_at=before) == 2


def test_near_duplicates_are_in_two_units_without_the_owners_name(projecting: Projecting) -> None:
    name = {
        "org_id": "o-1",
        "name": "Chi bộ tổ dân phố số Một",
        "kind": "chi bộ",
        "unit_id": "bk-1",
    }
    title = "Vận động nhân dân hiến đất làm đường liên thôn"
    projecting.given(
        received("OrganizationDefined", name),
        registered("1", unit_id="bk-1", title=title, owner_org_id="o-1"),
        registered("2", unit_id="bk-1", title=title),  # the same unit
        registered("3", unit_id="bk-2", title="Nuôi heo đất giúp học sinh nghèo vượt khó"),
        registered("4", unit_id="bk-2", title="Vận động nhân dân hiến đất xây nhà văn hóa"),
    )
    assert says(projecting, "near_duplicate", YEAR_END).level == "clear"
    before = head(projecting)
    owned = f"{title} – Chi bộ tổ dân phố số Một"
    projecting.given(registered("5", unit_id="bk-2", title=owned, owner_org_id="o-1"))
    asked = says(projecting, "near_duplicate", YEAR_END, unit_id="bk")
    pairs = [(r["registration_id"], r["other_registration_id"], r["likeness"]) for r in asked.rows]
    assert pairs == [("r-1", "r-5", 1.0), ("r-2", "r-5", 1.0)]
    assert asked.by_unit == {"bk-1": 2, "bk-2": 2}
    assert number(projecting, "near_duplicate", YEAR_END, known_at=before) == 0


def test_a_title_of_more_than_twenty_is_one_row(projecting: Projecting) -> None:
    projecting.given(*many(20, title="Ngày thứ bảy tình nguyện"))
    assert number(projecting, "near_duplicate", YEAR_END) == 0
    projecting.given(*many(1, first=21, title="Ngày thứ bảy tình nguyện", unit_id="bk-2"))
    (row,) = says(projecting, "near_duplicate", YEAR_END).rows
    assert (row["reason"], row["count"]) == ("common_name", 21)


def test_a_published_figure_differs_from_the_log(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"), registered("2", unit_id="bk-2"), figure())
    assert number(projecting, "sum_differs", YEAR_END, unit_id="bk") == 0
    before = head(projecting)
    projecting.given(figure(2, value=3))
    asked = says(projecting, "sum_differs", YEAR_END)
    assert [(r["figure_id"], r["difference"]) for r in asked.rows] == [("f-2", -1)]
    assert asked.by_unit == {"bk": 1}
    assert number(projecting, "sum_differs", YEAR_END, known_at=before) == 0


def test_a_jurisdiction_changes_deadlines_and_criteria(projecting: Projecting) -> None:
    projecting.given(
        registered(
            "1", plan_year=2021, occurred_on="2021-03-01", unit_id="bk-1", owner_org_id="o-1"
        ),
        proposed("1", unit_id="bk-1", occurred_on="2022-03-01"),
    )
    before = head(projecting)
    overdue = {"code": "proposal_overdue", "name": "x", "attributes": {"proposed_days": 10}}
    projecting.given(
        published(
            "deadline", {"code": "plan", "name": "Kế hoạch", "attributes": {"month_day": "02-15"}}
        ),
        published(
            "criteria", {**overdue, "attributes": {**overdue["attributes"], "granted_days": -1}}
        ),
    )
    assert number(projecting, "plan_missing", "2022-02-16") == 1
    assert number(projecting, "proposal_overdue", "2022-03-11") == 1
    assert says(projecting, "plan_missing", "2022-02-16", known_at=before).level == "early"
    assert number(projecting, "proposal_overdue", "2022-03-11", known_at=before) == 0
