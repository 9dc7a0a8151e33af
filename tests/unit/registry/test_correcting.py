"""A correction is judged by what it changes: what came since takes nothing from the rest."""

from typing import Any

import pytest

from shared.events.envelope import ReceivedEvent
from shared.events.payloads.registrations import RegistrationChanges
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    amended,
    closed,
    published,
    registered,
    retracted,
    withdrawn,
)
from tests.support.scenarios import History, given
from tests.support.unit_events import merged, opened

JULY = {"unit_id": "xa-1", "plan_year": 2025, "occurred_on": "2025-07-10"}


def ended_since() -> History:
    """Two communes are merged from 1 July on; that is published after a registration of 10 July."""
    return given(
        country(),
        unit("xa-1"),
        unit("xa-2"),
        registered(**JULY),
        merged("2025-07-01", ["xa-1", "xa-2"], into="xa-3"),
    )


def corrected(occurred_on: str = "2025-09-01", /, **changes: Any) -> ReceivedEvent:
    return amended(occurred_on=occurred_on, **changes)


LEFT_ALONE: dict[str, Any] = {
    "legal_basis": [{"kind": "kế hoạch", "signed_on": "2025-01-15"}],
    "origin": {"kind": "import"},
    "note": "đã đối chiếu",
    "registration_kind": "pre_existing",
    "owner_kind": "household",
    "owner_org_id": "o-1",
    "owner_person_ref": "p-1",
    "subject_form": "exemplar",
    "level": "district",
    "field_code": "culture",
    "block_code": "army",
    "title": "Tên đúng",
    "situation": "Đường hỏng",
    "objectives": ["một"],
    "criteria": "hai",
    "activities": "ba",
    "area": 12,
    "beneficiaries": 40,
    "forces": [{"org_id": "o-1"}],
    "resources": "quỹ",
    "starts_on": "2025-02-01",
    "evaluates_on": "2025-11-01",
    "outputs": [{"metric": "workdays", "target": 5}],
    "sustainability": "bốn",
    "linked_tasks": ["năm"],
}
CHOSEN = {"unit_id", "occurred_on", "occurred_precision", "previous_registration_id"}


@pytest.mark.parametrize("field", LEFT_ALONE)
def test_a_registration_is_corrected_after_its_unit_has_ended(field: str) -> None:
    assert ended_since().when(corrected(**{field: LEFT_ALONE[field]})).accepted


def test_no_field_of_a_registration_is_forgotten_here() -> None:
    assert set(LEFT_ALONE) | CHOSEN == set(RegistrationChanges.model_fields)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unit_id": "xa-1"}, None),
        ({"occurred_on": "2025-07-10"}, None),
        ({"occurred_precision": "day"}, None),
        ({"occurred_precision": None}, None),
        ({**JULY, "title": "Tên đúng"}, None),
        ({"unit_id": "xa-3"}, None),
        ({"unit_id": "vn"}, None),
        ({"occurred_on": "2025-06-30"}, None),
        ({"unit_id": "xa-2", "occurred_on": "2025-06-30"}, None),
        ({"occurred_precision": "year"}, None),
        ({"unit_id": "xa-2"}, "unit_does_not_exist"),
        ({"occurred_on": "2025-07-09"}, "unit_does_not_exist"),
        ({"occurred_on": "2025-07-09", "unit_id": "xa-1"}, "unit_does_not_exist"),
        ({"unit_id": "xa-3", "occurred_on": "2025-06-30"}, "unit_does_not_exist"),
        ({"occurred_precision": "month"}, "unit_does_not_exist"),
        ({"occurred_on": "2999-01-01"}, "occurred_in_future"),
    ],
)
def test_the_unit_is_judged_with_its_day_if_either_is_another(
    changes: dict[str, Any], code: str | None
) -> None:
    changes = {name: value for name, value in changes.items() if name != "plan_year"}
    data = {"registration_id": "r-1", "reason": "sửa", "changes": changes}
    assert (
        ended_since().when(received("ModelAmended", data, subject="registration/r-1")).code == code
    )


def test_a_day_within_the_same_month_is_no_other_if_only_the_month_is_known() -> None:
    by_month = registered(**{**JULY, "occurred_precision": "month"})
    history = given(country(), unit("xa-1"), by_month, closed("xa-1", "2025-07-01"))
    data = {"registration_id": "r-1", "reason": "sửa", "changes": {"occurred_on": "2025-07-20"}}
    assert history.when(received("ModelAmended", data)).accepted
    data["changes"] = {"occurred_on": "2025-08-20"}
    assert history.when(received("ModelAmended", data)).code == "unit_does_not_exist"


def test_a_correction_may_repeat_the_unit_of_its_registration() -> None:
    data = {"registration_id": "r-1", "reason": "sửa", "changes": {"title": "Tên đúng"}}
    event = received("ModelAmended", {**data, "unit_id": "xa-1", "occurred_on": "2025-09-01"})
    assert ended_since().when(event).accepted


@pytest.mark.parametrize(
    "event",
    [
        withdrawn(occurred_on="2025-09-01"),
        received(
            "OutcomeReported",
            {
                "outcome_id": "out-1",
                "registration_id": "r-1",
                "metric": "workdays",
                "value": 5,
                "qualifier": "exact",
                "nature": "flow",
                "interval": {"from": "2025-07-10", "to": "2025-08-10"},
                "occurred_on": "2025-09-01",
            },
        ),
    ],
    ids=lambda event: event.type,
)
def test_what_follows_a_registration_need_not_find_its_unit(event: ReceivedEvent) -> None:
    assert ended_since().when(event).accepted


def recoded(**data: Any) -> History:
    """Taxonomies are published late that do not know the codes of a registration."""
    return given(
        country(),
        unit("p-1"),
        registered(**data),
        published("field", "culture"),
        published("block", "army"),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "Tên đúng"}, None),
        ({"field_code": "economy"}, None),
        ({"field_code": "economy", "block_code": "commune"}, None),
        ({"field_code": "culture"}, None),
        ({"block_code": "army"}, None),
        ({"unit_id": "p-1", "field_code": "culture", "block_code": "army"}, None),
        ({"field_code": "unknown"}, "field"),
        ({"block_code": "unknown"}, "block"),
        ({"field_code": "culture", "block_code": "unknown"}, "block"),
        ({"unit_id": "p-1"}, "field"),
        ({"unit_id": "p-1", "field_code": "culture"}, "block"),
        ({"occurred_on": "2022-02-01"}, "field"),
        ({"occurred_precision": "year"}, None),
    ],
)
def test_codes_are_judged_if_they_or_what_chooses_their_taxonomy_change(
    changes: dict[str, Any], code: str | None
) -> None:
    data = {"registration_id": "r-1", "reason": "sửa", "changes": changes}
    verdict = recoded().when(received("ModelAmended", data))
    if code is None:
        assert verdict.accepted, verdict.says
    else:
        assert verdict.code == "code_not_in_force"
        assert f"taxonomy {code} " in verdict.says


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"title": "Tên đúng"}, True),
        ({"registration_kind": "maintained"}, True),
        ({"registration_kind": "new"}, True),
        ({"origin": {"kind": "legacy"}}, True),
        ({"origin": {"kind": "entry"}}, False),
    ],
)
def test_whether_it_is_maintained_is_judged_only_if_that_changes(
    changes: dict[str, Any], fits: bool
) -> None:
    earlier = registered("0", model_id="m-1", plan_year=2021)
    later = registered(registration_kind="maintained")
    history = given(country(), earlier, later, withdrawn("0"))
    assert history.when(amended(**changes)).accepted is fits


def test_a_kind_that_is_corrected_to_maintained_is_judged() -> None:
    history = given(country(), registered())
    verdict = history.when(amended(registration_kind="maintained"))
    assert verdict.code == "no_earlier_registration"


def outcome(**data: Any) -> ReceivedEvent:
    stated = {
        "outcome_id": "out-1",
        "unit_id": "xa-1",
        "plan_year": 2025,
        "metric": "workdays",
        "value": 5,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2025-01-01", "to": "2025-06-01"},
        "occurred_on": "2025-06-02",
    }
    return received("OutcomeReported", {**stated, **data})


def taken_back(event: ReceivedEvent, **data: Any) -> ReceivedEvent:
    stated = {"retracts": event.key._asdict(), "reason": "nhập nhầm", "occurred_on": "2025-09-01"}
    return received("EventRetracted", {**stated, **data}, subject=event.subject)


def test_a_retraction_may_repeat_a_unit_that_has_ended_since() -> None:
    reported = outcome()
    history = given(country(), unit("xa-1"), unit("xa-2"), reported)
    history.given(closed("xa-1", "2025-07-01"), closed("xa-2", "2025-07-01"))
    assert history.when(taken_back(reported), service=Family.REGISTRY).accepted
    repeated = taken_back(reported, unit_id="xa-1")
    assert history.when(repeated, service=Family.REGISTRY).accepted
    other = taken_back(reported, unit_id="xa-2")
    assert history.when(other, service=Family.REGISTRY).code == "unit_does_not_exist"


def test_a_retraction_may_name_the_units_that_it_takes_back() -> None:
    ahead = opened("xa-9", "2035-01-01")
    merger = merged("2035-01-01", ["xa-1", "xa-2"], into="xa-3")
    history = given(country(), unit("xa-1"), unit("xa-2"), ahead, merger)
    for event, unit_id in ((ahead, "xa-9"), (merger, "xa-3"), (merger, "xa-1")):
        retraction = taken_back(event, unit_id=unit_id)
        assert history.when(retraction, service=Family.REGISTRY).accepted
    other = taken_back(merger, unit_id="xa-9")
    assert history.when(other, service=Family.REGISTRY).code == "unit_does_not_exist"


def test_nothing_is_retracted_by_a_wrong_name() -> None:
    unknown = retracted(outcome())
    assert given(country()).when(unknown, service=Family.REGISTRY).code == "retracted_event_unknown"
