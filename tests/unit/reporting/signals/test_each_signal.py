"""docs/signals.md: what makes each signal, what just does not, and what it said before."""

from typing import Any

from shared.events.envelope import ReceivedEvent
from tests.support.asked_signals import number, says
from tests.support.cloudevents import received
from tests.support.event_builders import (
    amended,
    published,
    recognized,
    registered,
    retracted,
)
from tests.support.figures_of_events import Projecting

YEAR_END = "2022-12-31"


def head(projecting: Projecting) -> int:
    """Return the last position."""
    return projecting.reads.as_of().position


def plan(org_id: str, year: int = 2022, **data: Any) -> ReceivedEvent:
    """Say that an organisation issues its plan of a year in Bắc Kạn."""
    stated = {
        "org_id": org_id,
        "plan_year": year,
        "unit_id": "bk",
        "document": {"kind": "plan", "number": f"{year}-KH"},
        "occurred_on": f"{year}-02-10",
    }
    return received("PlanIssued", {**stated, **data})


def many(count: int, first: int = 1, **data: Any) -> list[ReceivedEvent]:
    """Say that some registrations are made in Phường Đức Xuân."""
    return [registered(str(n), **{"unit_id": "bk-1", **data}) for n in range(first, first + count)]


def test_a_plan_is_missing_after_its_deadline_of_owners_and_of_the_scope(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered(
            "1", plan_year=2021, occurred_on="2021-03-01", unit_id="bk-1", owner_org_id="o-1"
        ),
        received(
            "OrganizationDefined",
            {"org_id": "o-2", "name": "Chi bộ 2", "kind": "chi bộ", "unit_id": "bk-2"},
        ),
        plan("o-9", scope_org_ids=["o-2"]),
    )
    before = head(projecting)
    asked = says(projecting, "plan_missing", "2022-04-01", unit_id="bk")
    assert (asked.level, asked.number) == ("look", 2)
    assert asked.by_unit == {"bk-1": 1, "bk-2": 1}
    assert [(r["org_id"], r["days_late"]) for r in asked.rows] == [("o-1", 1), ("o-2", 1)]
    assert says(projecting, "plan_missing", "2022-03-31", unit_id="bk").level == "early"
    projecting.given(plan("o-1"), plan("o-2"))
    assert number(projecting, "plan_missing", "2022-04-01", unit_id="bk") == 0
    assert number(projecting, "plan_missing", "2022-04-01", unit_id="bk", known_at=before) == 2


def test_the_plan_of_a_successor_is_enough(projecting: Projecting) -> None:
    projecting.given(
        registered(
            "1", plan_year=2021, occurred_on="2021-03-01", unit_id="bk-1", owner_org_id="o-1"
        ),
        received("OrganizationSucceeded", {"predecessors": ["o-1"], "successor": "o-3"}),
    )
    assert [r["org_id"] for r in says(projecting, "plan_missing", "2022-06-01").rows] == ["o-3"]
    projecting.given(plan("o-3"))
    assert number(projecting, "plan_missing", "2022-06-01") == 0


def test_a_unit_is_silent_without_a_registration_or_without_an_event_for_90_days(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", plan_year=2021, occurred_on="2021-03-01", unit_id="bk-1"),
        registered("2", unit_id="bk-2", occurred_on="2022-03-01"),
    )
    before = head(projecting)
    rows = says(projecting, "unit_silent", "2022-05-01", unit_id="bk").rows
    assert [(r["unit_id"], r["reason"]) for r in rows] == [("bk-1", "no_registration")]
    assert number(projecting, "unit_silent", "2022-03-30", unit_id="bk") == 0  # 88 days of the year
    projecting.given(registered("3", unit_id="bk-1", occurred_on="2022-04-30"))
    assert number(projecting, "unit_silent", "2022-05-29", unit_id="bk") == 0  # 89 days
    rows = says(projecting, "unit_silent", "2022-05-30", unit_id="bk").rows
    assert [(r["unit_id"], r["reason"], r["days_silent"]) for r in rows] == [
        ("bk-2", "no_event", 90)
    ]
    assert number(projecting, "unit_silent", "2022-05-01", unit_id="bk", known_at=before) == 1


def test_tasks_are_unlinked_for_more_than_half_of_ten(projecting: Projecting) -> None:
    projecting.given(*many(5, linked_tasks=["Nghị quyết số 1"]), *many(4, first=6))
    assert says(projecting, "task_unlinked", YEAR_END, unit_id="bk-1").level == "few"
    projecting.given(*many(1, first=10))
    assert number(projecting, "task_unlinked", YEAR_END, unit_id="bk-1") == 0  # 5 of 10: half
    before = head(projecting)
    projecting.given(amended("1", linked_tasks=[]))
    (row,) = says(projecting, "task_unlinked", YEAR_END, unit_id="bk-1").rows
    assert (row["part"], row["whole"], row["share"]) == (6, 10, 0.6)
    assert number(projecting, "task_unlinked", YEAR_END, unit_id="bk-1", known_at=before) == 0


def test_one_field_is_concentrated_from_four_fifths_on(projecting: Projecting) -> None:
    projecting.given(
        published("field", "economy", "culture", "defence"),
        *many(7, field_code="economy"),
        *many(3, first=8, field_code="culture"),
    )
    rows = says(projecting, "field_concentrated", YEAR_END, unit_id="bk-1").rows
    assert [(r["reason"], r["field_code"]) for r in rows] == [("empty_field", "defence")]
    before = head(projecting)
    projecting.given(amended("8", field_code="economy"))
    rows = says(projecting, "field_concentrated", YEAR_END, unit_id="bk").rows
    assert [(r["unit_id"], r["reason"], r["part"]) for r in rows if r["part"]] == [
        ("bk", "one_field", 8),
        ("bk-1", "one_field", 8),
    ]
    at = {"unit_id": "bk-1", "known_at": before}
    assert number(projecting, "field_concentrated", YEAR_END, **at) == 1


def test_a_promise_is_thin_without_objectives_and_later_without_an_outcome(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        registered("2", unit_id="bk-1", criteria="tiêu chí"),
        registered("3", unit_id="bk-2", outputs=[{"metric": "smiles", "target": 3}]),
    )
    before = head(projecting)
    asked = says(projecting, "promise_thin", "2022-11-30", unit_id="bk")
    assert [(r["registration_id"], r["promised"], r["outcome_reported"]) for r in asked.rows] == [
        ("r-1", False, None)
    ]
    reported = {
        "outcome_id": "x-1",
        "registration_id": "r-2",
        "metric": "smiles",
        "value": 1,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-12-31"},
        "occurred_on": "2022-11-01",
    }
    event = received("OutcomeReported", reported)
    projecting.given(event, amended("1", objectives="mục tiêu"))
    asked = says(projecting, "promise_thin", "2022-12-01", unit_id="bk")
    assert [r["registration_id"] for r in asked.rows] == ["r-1", "r-3"]
    assert asked.by_unit == {"bk-1": 1, "bk-2": 1}
    assert number(projecting, "promise_thin", "2022-11-30", unit_id="bk") == 0
    assert number(projecting, "promise_thin", "2022-11-30", unit_id="bk", known_at=before) == 1
    projecting.given(retracted(event))
    assert number(projecting, "promise_thin", "2022-12-01", unit_id="bk") == 3


def test_a_rate_is_unusual_when_all_of_twenty_are_recognized(projecting: Projecting) -> None:
    projecting.given(*many(20), *(recognized(str(n)) for n in range(1, 20)))
    assert number(projecting, "recognized_rate", YEAR_END, unit_id="bk-1") == 0
    before = head(projecting)
    projecting.given(recognized("20"))
    (row,) = says(projecting, "recognized_rate", YEAR_END, unit_id="bk-1").rows
    assert (row["reason"], row["part"], row["whole"]) == ("all_recognized", 20, 20)
    at = {"unit_id": "bk-1", "known_at": before}
    assert number(projecting, "recognized_rate", YEAR_END, **at) == 0
