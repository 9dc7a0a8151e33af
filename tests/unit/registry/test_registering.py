"""events.md, Accepting: ModelRegistered, ModelAmended, RegistrationWithdrawn."""

from typing import Any

import pytest

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    amended,
    closed,
    published,
    recognized,
    registered,
    revoked,
    withdrawn,
)
from tests.support.scenarios import given

COUNTRY = country()


def test_a_new_registration_is_accepted() -> None:
    assert given(COUNTRY).when(registered()).accepted


def test_a_registration_waits_for_the_one_before_it() -> None:
    event = registered(previous_registration_id="r-0")
    assert given(COUNTRY).when(event).waiting_for == {("registration", "r-0")}


def test_a_registration_id_is_used_once() -> None:
    verdict = given(COUNTRY, registered()).when(registered(model_id="m-2"))
    assert verdict.code == "registration_id_used"
    assert verdict.says == "The registration id r-1 was used at position 2."


def test_the_id_of_a_withdrawn_registration_is_not_used_again() -> None:
    verdict = given(COUNTRY, registered(), withdrawn()).when(registered())
    assert verdict.code == "registration_id_used"


def test_a_model_is_registered_once_a_year() -> None:
    verdict = given(COUNTRY, registered()).when(registered(registration_id="r-2"))
    assert verdict.code == "model_registered_for_year"
    assert "registration r-1" in verdict.says
    assert "position 2" in verdict.says


def test_a_model_is_registered_anew_when_its_registration_was_withdrawn() -> None:
    assert (
        given(COUNTRY, registered(), withdrawn()).when(registered(registration_id="r-2")).accepted
    )


def test_a_model_may_be_registered_for_another_year() -> None:
    event = registered(registration_id="r-2", plan_year=2023)
    assert given(COUNTRY, registered()).when(event).accepted


def test_every_registration_of_a_model_counts_and_not_only_its_latest() -> None:
    history = given(COUNTRY, registered(), registered("1", registration_id="r-2", plan_year=2023))
    again = registered("1", registration_id="r-3", plan_year=2022)
    assert history.when(again).code == "model_registered_for_year"


def test_a_maintained_model_needs_a_registration_of_an_earlier_year() -> None:
    maintained = registered("2", model_id="m-1", registration_kind="maintained", plan_year=2023)
    verdict = given(COUNTRY).when(maintained)
    assert verdict.code == "no_earlier_registration"
    assert given(COUNTRY, registered()).when(maintained).accepted
    assert given(COUNTRY, registered(), withdrawn()).when(maintained).code == verdict.code
    later = registered("1", plan_year=2024)
    assert given(COUNTRY, later).when(maintained).code == verdict.code


def test_another_models_earlier_registration_does_not_help() -> None:
    maintained = registered("2", registration_kind="maintained", plan_year=2023)
    assert given(COUNTRY, registered()).when(maintained).code == "no_earlier_registration"


def test_a_maintained_model_of_legacy_data_needs_no_earlier_registration() -> None:
    event = registered(registration_kind="maintained", origin={"kind": "legacy"})
    assert given(COUNTRY).when(event).accepted
    event = registered(registration_kind="maintained", origin={"kind": "import"})
    assert given(COUNTRY).when(event).code == "no_earlier_registration"


@pytest.mark.parametrize("kind", ["new", "pre_existing"])
def test_other_kinds_need_no_earlier_registration(kind: str) -> None:
    assert given(COUNTRY).when(registered(registration_kind=kind)).accepted


@pytest.mark.parametrize(("taxonomy", "field"), [("field", "field_code"), ("block", "block_code")])
def test_a_code_must_stand_in_the_taxonomy_in_force(taxonomy: str, field: str) -> None:
    history = given(COUNTRY, published(taxonomy, "known"))
    assert history.when(registered(**{field: "known"})).accepted
    verdict = history.when(registered(**{field: "unknown"}))
    assert verdict.code == "code_not_in_force"
    assert verdict.says == (
        f"Code unknown is not in the taxonomy {taxonomy} version 1 of vn, "
        "which is in force for unit vn on 2022-03-01."
    )


def test_any_code_is_accepted_where_no_taxonomy_is_in_force() -> None:
    not_yet = published("field", "known", valid_from="2023-01-01")
    over = published("field", "known", version="0", valid_to="2022-01-01")
    assert given(COUNTRY, not_yet, over).when(registered(field_code="anything")).accepted


def test_the_nearest_jurisdiction_says_which_codes_are_in_force() -> None:
    history = given(COUNTRY, unit("p-1"), published("field", "national"))
    history.given(published("field", "provincial", jurisdiction_unit_id="p-1"))
    assert history.when(registered(unit_id="p-1", field_code="provincial")).accepted
    assert history.when(registered(unit_id="p-1", field_code="national")).code is not None
    assert history.when(registered(unit_id="vn", field_code="national")).accepted


def test_a_correction_waits_for_its_registration() -> None:
    assert given(COUNTRY).when(amended(title="Tên đúng")).waiting_for == {("registration", "r-1")}


def test_a_correction_waits_for_what_its_changes_name() -> None:
    event = amended(unit_id="xa-1", previous_registration_id="r-0")
    assert given(COUNTRY, registered()).when(event).waiting_for == {
        ("unit", "xa-1"),
        ("registration", "r-0"),
    }


def test_a_standing_registration_is_corrected() -> None:
    assert given(COUNTRY, registered()).when(amended(title="Tên đúng")).accepted


def test_a_withdrawn_registration_is_not_corrected() -> None:
    verdict = given(COUNTRY, registered(), withdrawn()).when(amended(title="Tên đúng"))
    assert verdict.code == "registration_withdrawn"
    assert verdict.says == "Registration r-1 was withdrawn at position 3."


def test_the_corrected_registration_keeps_the_rules_of_registration() -> None:
    history = given(COUNTRY, published("field", "economy", "culture"), registered())
    assert history.when(amended(field_code="culture")).accepted
    assert history.when(amended(field_code="unknown")).code == "code_not_in_force"
    maintained = amended(registration_kind="maintained")
    assert history.when(maintained).code == "no_earlier_registration"
    legacy = amended(registration_kind="maintained", origin={"kind": "legacy"})
    assert history.when(legacy).accepted


def test_null_clears_what_a_correction_names() -> None:
    legacy = registered(registration_kind="maintained", origin={"kind": "legacy"})
    history = given(COUNTRY, legacy)
    assert history.when(amended(title="Tên đúng")).accepted
    assert history.when(amended(origin=None)).code == "no_earlier_registration"


def test_a_correction_stands_on_the_corrections_before_it() -> None:
    history = given(COUNTRY, unit("xa-1"), registered(), amended(unit_id="xa-1"))
    history.given(closed("xa-1", "2022-07-01"))
    assert history.when(amended(occurred_on="2022-08-01", title="Tên đúng")).accepted
    verdict = history.when(_dated("2022-08-01"))
    assert verdict.code == "unit_does_not_exist"


def test_the_corrected_day_is_not_in_the_future() -> None:
    history = given(COUNTRY, registered())
    event = _dated("2022-06-16", occurred_on="2022-03-01", time="2022-06-15T12:00:00+07:00")
    assert history.when(event).code == "occurred_in_future"


def test_null_makes_the_day_exact_again() -> None:
    by_year = registered(unit_id="xa-1", occurred_on="2022-12-01", occurred_precision="year")
    history = given(COUNTRY, unit("xa-1"), closed("xa-1", "2022-07-01"), by_year)
    assert history.when(amended(title="Tên đúng")).accepted
    assert history.when(amended(occurred_precision=None)).code == "unit_does_not_exist"


@pytest.mark.parametrize(
    ("field", "stated", "derived"),
    [("plan_year", 2023, 2022), ("programme", "don_vi_dan_van_tot", "dan_van_kheo")],
)
def test_a_stated_value_is_that_of_the_registration(field: str, stated: Any, derived: Any) -> None:
    history = given(COUNTRY, unit("xa-1"), registered())
    assert history.when(withdrawn(**{field: derived})).accepted
    verdict = history.when(withdrawn(**{field: stated}))
    assert verdict.code == "derived_field_differs"
    assert verdict.says == (
        f"{field} is stated as {stated}, but by registration/r-1 it is {derived}."
    )


def test_a_stated_unit_is_that_of_the_registration_as_amended() -> None:
    history = given(COUNTRY, unit("xa-1"), registered())
    assert history.when(withdrawn(unit_id="xa-1")).code == "derived_field_differs"
    history.given(amended(unit_id="xa-1"))
    assert history.when(withdrawn(unit_id="xa-1")).accepted
    assert history.when(withdrawn(unit_id="vn")).code == "derived_field_differs"


def test_a_correction_states_what_is_so() -> None:
    data = {"registration_id": "r-1", "reason": "sửa", "changes": {"title": "Tên đúng"}}
    history = given(COUNTRY, registered())
    assert history.when(received("ModelAmended", {**data, "plan_year": 2022})).accepted
    verdict = history.when(received("ModelAmended", {**data, "plan_year": 2023}))
    assert verdict.code == "derived_field_differs"


def test_a_withdrawal_waits_for_its_registration() -> None:
    assert given(COUNTRY).when(withdrawn()).waiting_for == {("registration", "r-1")}


def test_a_registration_is_withdrawn_once() -> None:
    history = given(COUNTRY, registered())
    assert history.when(withdrawn()).accepted
    assert history.given(withdrawn()).when(withdrawn()).code == "registration_withdrawn"


def test_a_recognized_registration_is_not_withdrawn_before_that_is_revoked() -> None:
    history = given(COUNTRY, registered(), recognized())
    verdict = history.when(withdrawn())
    assert verdict.code == "recognized_registration"
    assert "tier recognized (position 3)" in verdict.says
    assert history.given(revoked()).when(withdrawn()).accepted


def _dated(day: str, occurred_on: str = "2022-08-02", **attributes: Any) -> ReceivedEvent:
    """Say that registration r-1 is corrected: it was made on another day."""
    data = {"registration_id": "r-1", "reason": "sửa ngày", "changes": {"occurred_on": day}}
    return received("ModelAmended", {**data, "occurred_on": occurred_on}, **attributes)
