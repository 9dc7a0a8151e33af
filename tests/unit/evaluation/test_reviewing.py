"""events.md, Accepting: assessments, evaluations, inspections, sessions, commendations."""

from typing import Any

import pytest

from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import amended, closed, registered, retracted, withdrawn
from tests.support.scenarios import given

COUNTRY = country()
MINUTES = {"kind": "minutes", "number": "01-BB", "signed_on": "2022-03-01"}


def assessed(**data: Any) -> ReceivedEvent:
    """Say that registration r-1 is found eligible."""
    return received("EligibilityAssessed", {"registration_id": "r-1", "eligible": True, **data})


def evaluated(**data: Any) -> ReceivedEvent:
    """Say that registration r-1 is scored."""
    return received("ModelEvaluated", {"registration_id": "r-1", "total": 92.5, **data})


def inspected(**data: Any) -> ReceivedEvent:
    """Say that some registrations are inspected."""
    stated = {"inspection_id": "i-1", "plan_year": 2022, "unit_id": "vn", "scopes": ["DVK"]}
    return received("InspectionConducted", {**stated, **data})


def inspection_planned() -> ReceivedEvent:
    """Say that an inspection is announced."""
    stated = {"inspection_id": "i-1", "plan_year": 2022, "unit_id": "vn", "scopes": ["QCDC"]}
    return received("InspectionPlanned", {**stated, "document": MINUTES, "unit_ids": ["vn"]})


def session_held() -> ReceivedEvent:
    """Say that a committee met."""
    stated = {"session_id": "s-1", "org_id": "o-1", "unit_id": "vn", "plan_year": 2022}
    return received("ReviewSessionHeld", {**stated, "minutes": MINUTES})


def commended() -> ReceivedEvent:
    """Say that somebody is commended."""
    stated = {"commendation_id": "c-1", "unit_id": "vn", "plan_year": 2022, "occasion": "tổng kết"}
    recipient = {"kind": "individual", "person_ref": "p-1"}
    return received("ExemplarCommended", {**stated, "recipient": recipient})


@pytest.mark.parametrize("event", [assessed(), evaluated()], ids=lambda event: event.type)
def test_a_review_waits_for_its_registration(event: ReceivedEvent) -> None:
    assert given(COUNTRY).when(event).waiting_for == {("registration", "r-1")}
    history = given(COUNTRY, registered())
    assert history.when(event).accepted
    assert history.restarted().when(event).accepted


@pytest.mark.parametrize("event", [assessed(), evaluated()], ids=lambda event: event.type)
def test_a_withdrawn_registration_is_not_reviewed(event: ReceivedEvent) -> None:
    verdict = given(COUNTRY, registered(), withdrawn()).when(event)
    assert verdict.code == "registration_withdrawn"
    assert verdict.says == "Registration r-1 was withdrawn at position 3."


def test_a_registration_may_be_assessed_again_and_again() -> None:
    history = given(COUNTRY, registered(), assessed(), assessed(eligible=False))
    assert history.when(assessed()).accepted


@pytest.mark.parametrize(
    "stated",
    [{"plan_year": 2021}, {"unit_id": "xa-1"}, {"programme": "don_vi_dan_van_tot"}],
    ids=str,
)
@pytest.mark.parametrize("of", [assessed, evaluated])
def test_a_review_has_unit_year_and_programme_of_its_registration(
    of: Any, stated: dict[str, object]
) -> None:
    history = given(COUNTRY, unit("xa-1"), registered())
    assert history.when(of(**stated)).code == "derived_field_differs"


def test_what_is_derived_may_be_stated() -> None:
    history = given(COUNTRY, unit("xa-1"), registered(programme="don_vi_dan_van_tot"))
    history.given(amended(unit_id="xa-1"))
    stated = {"unit_id": "xa-1", "plan_year": 2022, "programme": "don_vi_dan_van_tot"}
    assert history.when(assessed(**stated)).accepted


def test_a_stated_unit_must_exist_on_the_day_of_the_review() -> None:
    history = given(COUNTRY, unit("xa-1"), registered(unit_id="xa-1"), closed("xa-1", "2022-07-01"))
    late = {"occurred_on": "2022-08-01"}
    assert history.when(assessed(**late, unit_id="xa-1")).code == "unit_does_not_exist"
    assert history.when(assessed(**late)).accepted


@pytest.mark.parametrize(
    "event", [inspection_planned(), inspected(), session_held(), commended()], ids=lambda e: e.type
)
def test_what_names_a_unit_waits_for_it_is_accepted_and_retracted(event: ReceivedEvent) -> None:
    assert given().when(event).waiting_for == {("unit", "vn")}
    history = given(COUNTRY, event)
    history.given(retracted(event), service=Family.EVALUATION)
    verdict = history.when(retracted(event), service=Family.EVALUATION)
    assert verdict.code == "already_retracted"


def test_an_inspection_waits_for_every_registration_it_names() -> None:
    event = inspected(registration_ids=["r-1", "r-2", "r-1"])
    assert given(COUNTRY, registered()).when(event).waiting_for == {("registration", "r-2")}
    assert given(COUNTRY, registered(), registered("2")).when(event).accepted


def test_a_withdrawn_registration_may_have_been_inspected() -> None:
    history = given(COUNTRY, registered(), withdrawn())
    assert history.when(inspected(registration_ids=["r-1"])).accepted


def test_an_assessment_is_not_retracted() -> None:
    event = assessed()
    history = given(COUNTRY, registered(), event)
    verdict = history.when(retracted(event), service=Family.EVALUATION)
    assert verdict.code == "event_not_retractable"
