"""events.md, EventRetracted: a mistake of the registry is taken back, once, if nothing rests on it."""

import pytest

from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    amended,
    discontinued,
    granted,
    of_award,
    published,
    registered,
    retracted,
    withdrawn,
)
from tests.support.scenarios import given

COUNTRY = country()
XA = unit("xa-1")
PLAN = {"kind": "plan", "number": "85-KH/TU", "signed_on": "2022-02-01"}


def _plan() -> ReceivedEvent:
    return received(
        "PlanIssued", {"org_id": "o-1", "plan_year": 2022, "unit_id": "xa-1", "document": PLAN}
    )


def _organization(unit_id: str = "xa-1") -> ReceivedEvent:
    data = {"org_id": "o-1", "name": "Đảng ủy", "kind": "party_committee", "unit_id": unit_id}
    return received("OrganizationDefined", data)


def _outcome() -> ReceivedEvent:
    stated = {
        "outcome_id": "x-1",
        "metric": "workdays",
        "value": 1,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-02-28"},
        "unit_id": "xa-1",
        "plan_year": 2022,
    }
    return received("OutcomeReported", stated)


def _inspection() -> ReceivedEvent:
    data = {"inspection_id": "i-1", "plan_year": 2022, "unit_id": "xa-1", "scopes": ["DVK"]}
    return received("InspectionConducted", data)


def _session() -> ReceivedEvent:
    data = {"session_id": "s-1", "org_id": "o-1", "unit_id": "xa-1", "plan_year": 2022}
    return received("ReviewSessionHeld", {**data, "minutes": {"kind": "minutes"}})


def _commendation() -> ReceivedEvent:
    recipient = {"kind": "individual", "person_ref": "p-1"}
    data = {"commendation_id": "c-1", "recipient": recipient, "unit_id": "xa-1"}
    return received("ExemplarCommended", {**data, "plan_year": 2022, "occasion": "sơ kết"})


def _figure() -> ReceivedEvent:
    data = {
        "figure_id": "f-1",
        "metric": "registered",
        "unit_id": "xa-1",
        "period": {"kind": "unstated"},
        "value": 5,
        "qualifier": "exact",
        "source": {"kind": "press", "title": "Báo"},
    }
    return received("FigureAsserted", data)


def _replication() -> ReceivedEvent:
    return received("ModelReplicated", {"source_model_id": "m-1", "target_unit_id": "xa-1"})


@pytest.mark.parametrize(
    "event",
    [_organization(), _plan(), _outcome(), published("field", "economy")],
    ids=lambda event: event.type,
)
def test_what_may_be_retracted_is_retracted_once(event: ReceivedEvent) -> None:
    history = given(COUNTRY, XA, event)
    assert history.when(retracted(event)).accepted
    verdict = history.given(retracted(event)).when(retracted(event))
    assert verdict.code == "already_retracted"
    assert "position 3" in verdict.says
    assert "position 4" in verdict.says


def test_what_nobody_recorded_cannot_be_retracted() -> None:
    verdict = given(COUNTRY).when(retracted(_plan()))
    assert verdict.code == "retracted_event_unknown"


@pytest.mark.parametrize("event", [registered(), amended(title="Tên"), withdrawn()])
def test_registrations_are_corrected_and_withdrawn_but_not_retracted(event: ReceivedEvent) -> None:
    history = given(COUNTRY)
    if event.type != "dvk.ModelRegistered.v1":
        history.given(registered())
    verdict = history.given(event).when(retracted(event))
    assert verdict.code == "event_not_retractable"


def test_a_retraction_is_not_retracted() -> None:
    plan = _plan()
    retraction = retracted(plan)
    history = given(COUNTRY, XA, plan, retraction)
    assert history.when(retracted(retraction)).code == "event_not_retractable"


def test_a_service_retracts_only_what_it_accepted() -> None:
    inspection = _inspection()
    history = given(COUNTRY, XA, inspection)
    verdict = history.when(retracted(inspection))
    assert verdict.code == "retracted_event_of_another_service"
    assert history.when(retracted(inspection), service=Family.EVALUATION).accepted


def test_the_subject_of_a_retraction_is_that_of_the_event() -> None:
    plan = _plan()
    verdict = given(COUNTRY, XA, plan).when(retracted(plan, subject="plan/o-2.2022"))
    assert verdict.code == "retraction_of_another_subject"
    assert "plan/o-1.2022" in verdict.says


def test_a_unit_that_nothing_names_is_un_opened_and_may_be_opened_again() -> None:
    history = given(COUNTRY, XA)
    history.given(retracted(XA))
    assert history.when(registered(unit_id="xa-1")).waiting_for == {("unit", "xa-1")}
    assert history.when(unit("xa-1")).accepted


@pytest.mark.parametrize(
    "naming",
    [
        registered(unit_id="xa-1"),
        granted(unit_id="xa-1"),
        granted(recipient={"kind": "household", "unit_id": "xa-1"}),
        _plan(),
        _organization(),
        _outcome(),
        _inspection(),
        _session(),
        _commendation(),
        _figure(),
        published("field", "economy", jurisdiction_unit_id="xa-1"),
        published("field", {"code": "a", "name": "A", "crosswalk": {"xa-1": "b"}}),
    ],
    ids=lambda event: event.type,
)
def test_a_unit_that_is_still_named_is_not_un_opened(naming: ReceivedEvent) -> None:
    history = given(COUNTRY, XA, naming)
    verdict = history.when(retracted(XA))
    assert verdict.code == "unit_still_named"
    assert f"named by {naming.subject} (position 3)" in verdict.says


@pytest.mark.parametrize(
    ("naming", "service"),
    [
        (_plan(), Family.REGISTRY),
        (_organization(), Family.REGISTRY),
        (_outcome(), Family.REGISTRY),
        (_inspection(), Family.EVALUATION),
        (_session(), Family.EVALUATION),
        (_commendation(), Family.EVALUATION),
        (_figure(), Family.REPORTING),
    ],
    ids=lambda value: getattr(value, "type", str(value)),
)
def test_a_retracted_event_no_longer_names_a_unit(naming: ReceivedEvent, service: Family) -> None:
    history = given(COUNTRY, XA, naming).given(retracted(naming), service=service)
    assert history.when(retracted(XA)).accepted


def test_a_replication_names_its_target_unit() -> None:
    replication = _replication()
    history = given(COUNTRY, XA, registered(), replication)
    assert history.when(retracted(XA)).code == "unit_still_named"
    assert history.given(retracted(replication)).when(retracted(XA)).accepted


def test_a_withdrawn_registration_still_names_its_unit() -> None:
    history = given(COUNTRY, XA, registered(unit_id="xa-1"), withdrawn())
    assert history.when(retracted(XA)).code == "unit_still_named"


def test_a_registration_names_the_unit_it_was_amended_to() -> None:
    history = given(COUNTRY, XA, registered(unit_id="xa-1"), amended(unit_id="vn"))
    assert history.when(retracted(XA)).accepted
    assert history.given(amended(unit_id="xa-1")).when(retracted(XA)).code == "unit_still_named"


def test_an_award_names_the_unit_it_was_amended_to() -> None:
    history = given(COUNTRY, XA, granted(unit_id="xa-1"))
    correction = of_award("AwardAmended", reason="sửa", changes={"unit_id": "vn"})
    assert history.given(correction).when(retracted(XA)).accepted
    recipient = {"kind": "household", "unit_id": "xa-1"}
    correction = of_award("AwardAmended", reason="sửa", changes={"recipient": recipient})
    assert history.given(correction).when(retracted(XA)).code == "unit_still_named"


def test_an_id_that_is_no_unit_does_not_name_the_unit() -> None:
    """The identifier xa-1 is an organisation's here."""
    data = {"org_id": "xa-1", "name": "Đảng ủy", "kind": "party_committee", "unit_id": "vn"}
    history = given(COUNTRY, XA, received("OrganizationDefined", data))
    assert history.when(retracted(XA)).accepted


def test_a_unit_that_is_a_parent_is_not_un_opened() -> None:
    history = given(COUNTRY, XA, unit("thon-1", parent_id="xa-1", level="commune"))
    assert history.when(retracted(XA)).code is not None


def test_a_discontinuation_is_taken_back() -> None:
    mistake = discontinued()
    history = given(COUNTRY, registered(), mistake)
    assert history.when(retracted(mistake)).accepted


def test_a_taxonomy_of_fields_is_taken_back_whatever_uses_it() -> None:
    fields = published("field", "economy")
    assert given(COUNTRY, fields, registered()).when(retracted(fields)).accepted


def test_a_new_name_is_taken_back_while_the_unit_is_named() -> None:
    renamed = received("UnitRenamed", {"unit_id": "xa-1", "name": "Xã Một"})
    history = given(COUNTRY, XA, renamed, registered(unit_id="xa-1"))
    assert history.when(retracted(renamed)).accepted


def test_units_opened_by_a_reorganization_must_not_be_named_any_more() -> None:
    reorganized = received(
        "UnitsReorganized",
        {
            "reorganization_id": "s-1",
            "occurred_on": "2022-07-01",
            "sources": ["xa-1"],
            "targets": [{"unit_id": "xa-2", "from": [{"unit_id": "xa-1", "share": "whole"}]}],
            "opens": [
                {
                    "unit_id": "xa-2",
                    "name": "Xã 2",
                    "level": "province",
                    "parent_id": "vn",
                    "codes": [],
                }
            ],
        },
    )
    in_july = registered(unit_id="xa-2", occurred_on="2022-07-01")
    history = given(COUNTRY, XA, reorganized)
    assert history.when(retracted(reorganized)).accepted
    verdict = history.given(in_july).when(retracted(reorganized))
    assert verdict.code == "unit_still_named"
    assert "registration/r-1" in verdict.says
