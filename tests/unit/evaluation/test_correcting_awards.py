"""A correction of an award is judged by what it changes, and decisions outlive the unit."""

from typing import Any

import pytest

from shared.events.envelope import ReceivedEvent
from shared.events.payloads.awards import AwardChanges
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    DECISION,
    closed,
    for_registrations,
    granted,
    of_award,
    recognized,
    registered,
)
from tests.support.scenarios import History, given
from tests.support.unit_events import merged

SEPTEMBER = "2025-09-01"
JULY = {"unit_id": "xa-1", "plan_year": 2025, "occurred_on": "2025-07-10"}
GRANT = {**JULY, "recipient": {"kind": "collective", "unit_id": "xa-2"}}


def ended_since(**data: Any) -> History:
    """Two communes are merged from 1 July on; that is published after an award of 10 July."""
    return given(
        country(),
        unit("xa-1"),
        unit("xa-2"),
        registered(**JULY),
        granted(basis=for_registrations("1"), **{**GRANT, **data}),
        merged("2025-07-01", ["xa-1", "xa-2"], into="xa-3"),
    )


def amended(**changes: Any) -> ReceivedEvent:
    return of_award("AwardAmended", reason="sửa", changes=changes, occurred_on=SEPTEMBER)


LEFT_ALONE: dict[str, Any] = {
    "programme": "dan_van_kheo",
    "legal_basis": [{"kind": "kế hoạch", "signed_on": "2025-01-15"}],
    "origin": {"kind": "import"},
    "note": "đã đối chiếu",
    "award_form": "bang_khen",
    "award_name": "Bằng khen",
    "grantor_org_id": "o-2",
    "grantor_role": "chủ tịch",
    "decision": {**DECISION, "number": "02-QĐ/TU"},
    "money_vnd": 500_000,
    "basis": {"kind": "career"},
}
CHOSEN = {"occurred_on", "occurred_precision", "unit_id", "plan_year", "recipient"}


@pytest.mark.parametrize("field", LEFT_ALONE)
def test_an_award_is_corrected_after_its_units_have_ended(field: str) -> None:
    assert ended_since().when(amended(**{field: LEFT_ALONE[field]})).accepted


def test_no_field_of_an_award_is_forgotten_here() -> None:
    assert set(LEFT_ALONE) | CHOSEN == set(AwardChanges.model_fields)


def to(unit_id: str | None, kind: str = "collective") -> dict[str, Any]:
    return {"kind": kind, "unit_id": unit_id}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit_id": "xa-1"}, None),
        ({"recipient": to("xa-2", "household")}, None),
        ({"recipient": to(None)}, None),
        ({"unit_id": "xa-1", "recipient": to("xa-2"), "occurred_on": "2025-07-10"}, None),
        ({"unit_id": "xa-3"}, None),
        ({"recipient": to("xa-3")}, None),
        ({"unit_id": "xa-3", "occurred_on": "2025-07-10"}, None),
        ({"occurred_on": "2025-06-30"}, None),
        ({"occurred_precision": "year"}, None),
        ({"unit_id": "xa-2"}, "unit_does_not_exist"),
        ({"recipient": to("xa-1")}, "unit_does_not_exist"),
        ({"recipient": to("xa-1"), "unit_id": "xa-3"}, "unit_does_not_exist"),
        ({"occurred_on": "2025-07-11"}, "unit_does_not_exist"),
        ({"occurred_on": "2025-07-11", "unit_id": "xa-3"}, "unit_does_not_exist"),
        ({"occurred_on": "2025-06-30", "unit_id": "xa-3"}, "unit_does_not_exist"),
        ({"occurred_precision": "month"}, "unit_does_not_exist"),
        ({"occurred_on": "2999-01-01"}, "occurred_in_future"),
        ({"plan_year": 2025}, None),
        ({"plan_year": 2024}, "derived_field_differs"),
        ({"programme": "don_vi_dan_van_tot"}, "derived_field_differs"),
        ({"plan_year": 2024, "basis": {"kind": "career"}}, None),
    ],
)
def test_units_and_years_are_judged_if_they_change(
    changes: dict[str, Any], code: str | None
) -> None:
    assert ended_since().when(amended(**changes)).code == code


def test_a_year_is_another_day_where_only_the_period_is_known() -> None:
    history = given(country(), unit("xa-1"))
    history.given(granted(unit_id="xa-1", plan_year=2022, occurred_precision="period"))
    history.given(closed("xa-1", "2010-01-01"))
    assert history.when(amended(award_name="Bằng khen")).accepted
    assert history.when(amended(plan_year=2021)).code == "unit_does_not_exist"


def test_a_correction_may_repeat_the_unit_of_its_award_and_no_other_that_has_ended() -> None:
    stated = {"reason": "sửa", "changes": {"award_name": "Bằng khen"}, "occurred_on": SEPTEMBER}
    history = ended_since()
    assert history.when(of_award("AwardAmended", **stated, unit_id="xa-1")).accepted
    verdict = history.when(of_award("AwardAmended", **stated, unit_id="xa-2"))
    assert verdict.code == "unit_does_not_exist"


@pytest.mark.parametrize(
    "event",
    [
        of_award("AwardPresented", occurred_on=SEPTEMBER),
        of_award("AwardRevoked", reason="hủy", occurred_on=SEPTEMBER),
        recognized(occurred_on=SEPTEMBER, decision={"kind": "decision"}),
        *(
            received(name, {"registration_id": "r-1", "occurred_on": SEPTEMBER, **data})
            for name, data in (
                ("EligibilityAssessed", {"eligible": True}),
                ("ModelEvaluated", {"total": 90}),
                ("RecognitionDeclined", {"reason": "chưa đạt"}),
            )
        ),
    ],
    ids=lambda event: event.type,
)
def test_what_follows_need_not_find_the_unit_that_it_does_not_name(event: ReceivedEvent) -> None:
    assert ended_since().when(event).accepted


def test_a_recognition_is_revoked_after_the_unit_has_ended() -> None:
    history = ended_since().given(recognized(occurred_on=SEPTEMBER, decision={"kind": "decision"}))
    data = {"registration_id": "r-1", "reason": "hủy", "occurred_on": SEPTEMBER}
    assert history.when(received("RecognitionRevoked", data)).accepted


def test_a_retraction_may_repeat_a_unit_that_has_ended_since() -> None:
    stated = {"inspection_id": "i-1", "plan_year": 2025, "scopes": ["DVK"], "unit_id": "xa-1"}
    inspected = received("InspectionConducted", {**stated, "occurred_on": "2025-06-01"})
    history = given(country(), unit("xa-1"), inspected, closed("xa-1", "2025-07-01"))
    data = {"retracts": inspected.key._asdict(), "reason": "nhầm", "occurred_on": SEPTEMBER}
    retraction = received("EventRetracted", {**data, "unit_id": "xa-1"}, subject=inspected.subject)
    assert history.when(retraction, service=Family.EVALUATION).accepted


def test_a_claim_is_taken_back_after_its_unit_has_ended() -> None:
    asserted = received(
        "FigureAsserted",
        {
            "figure_id": "f-1",
            "metric": "registered",
            "unit_id": "xa-1",
            "period": {"kind": "unstated"},
            "value": 5,
            "qualifier": "exact",
            "source": {"kind": "báo", "title": "Bài viết"},
            "occurred_on": "2025-06-01",
        },
    )
    history = given(country(), unit("xa-1"), asserted, closed("xa-1", "2025-07-01"))
    data = {"retracts": asserted.key._asdict(), "reason": "nhầm", "occurred_on": SEPTEMBER}
    retraction = received("EventRetracted", {**data, "unit_id": "xa-1"}, subject=asserted.subject)
    assert history.when(retraction, service=Family.REPORTING).accepted
