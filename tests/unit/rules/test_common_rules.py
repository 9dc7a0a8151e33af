"""events.md, Accepting, the row "any": units exist, and nothing lies in the future."""

import json
from typing import Any

import pytest

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    DECISION,
    amended,
    closed,
    granted,
    published,
    recognized,
    registered,
    retracted,
    withdrawn,
)
from tests.support.scenarios import given

SENT = "2022-06-15T12:00:00+07:00"


def test_an_event_waits_for_every_unit_that_nobody_has_opened() -> None:
    waiting = given(country()).when(registered(unit_id="bac-kan")).waiting_for
    assert waiting == {("unit", "bac-kan")}
    recipient = {"kind": "household", "unit_id": "thon-1"}
    waiting = given().when(granted(unit_id="bac-kan", recipient=recipient)).waiting_for
    assert waiting == {("unit", "bac-kan"), ("unit", "thon-1")}


def test_an_event_waits_for_unit_and_registration_at_once() -> None:
    event = registered(unit_id="bac-kan", previous_registration_id="r-0")
    assert given(country()).when(event).waiting_for == {
        ("unit", "bac-kan"),
        ("registration", "r-0"),
    }


def test_parking_comes_before_the_rules() -> None:
    late = registered(unit_id="bac-kan", occurred_on="2022-06-16")
    verdict = given(country()).when(received("ModelRegistered", _data(late), time=SENT))
    assert verdict.waiting_for == {("unit", "bac-kan")}


def test_a_unit_must_exist_on_the_day() -> None:
    history = given(country(), unit("xa-1"), closed("xa-1", "2022-02-01"))
    assert history.when(registered(unit_id="xa-1", occurred_on="2022-01-31")).accepted
    verdict = history.when(registered(unit_id="xa-1", occurred_on="2022-02-01"))
    assert verdict.code == "unit_does_not_exist"
    assert verdict.says == (
        "Unit xa-1 does not exist on 2022-02-01: it existed from 2004-01-01 to 2022-01-31."
    )
    verdict = history.when(registered(unit_id="xa-1", occurred_on="2003-12-31"))
    assert verdict.code == "unit_does_not_exist"


@pytest.mark.parametrize(
    ("precision", "occurred_on", "code"),
    [
        ("day", "2022-02-20", "unit_does_not_exist"),
        ("month", "2022-02-20", None),
        ("month", "2022-03-20", "unit_does_not_exist"),
        ("year", "2022-12-31", None),
        ("year", "2023-01-01", "unit_does_not_exist"),
        ("period", "2023-01-01", None),
        ("period", "2024-01-01", None),
    ],
)
def test_with_lesser_precision_it_exists_on_some_day(
    precision: str, occurred_on: str, code: str | None
) -> None:
    history = given(country(), unit("xa-1"), closed("xa-1", "2022-02-10"))
    event = registered(unit_id="xa-1", occurred_on=occurred_on, occurred_precision=precision)
    assert history.when(event).code == code


def test_a_period_without_a_plan_year_is_the_year_it_names() -> None:
    history = given(country(), unit("xa-1"), closed("xa-1", "2022-02-10"))
    for day, accepted in (("2022-12-01", True), ("2023-12-01", False)):
        data = {"org_id": "o-1", "name": "Đảng ủy", "kind": "committee", "unit_id": "xa-1"}
        dated = {**data, "occurred_on": day, "occurred_precision": "period"}
        assert history.when(received("OrganizationDefined", dated)).accepted is accepted


def test_a_period_also_covers_the_derived_plan_year() -> None:
    history = given(country(), unit("xa-1"), registered(unit_id="xa-1", occurred_on="2021-12-01"))
    history.given(closed("xa-1", "2022-02-10"))
    recognition = {"unit_id": "xa-1", "occurred_on": "2023-02-01"}
    assert history.when(recognized(**recognition)).code == "unit_does_not_exist"
    assert history.when(recognized(**recognition, occurred_precision="year")).code is not None
    assert history.when(recognized(**recognition, occurred_precision="period")).accepted


def test_whatever_names_a_registration_derives_its_plan_year() -> None:
    history = given(country(), unit("xa-1"), registered(unit_id="xa-1"))
    history.given(closed("xa-1", "2022-07-01"))
    later = {"unit_id": "xa-1", "occurred_on": "2023-02-01", "occurred_precision": "period"}
    outcome = {
        "outcome_id": "x-1",
        "registration_id": "r-1",
        "metric": "workdays",
        "value": 5,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-06-30"},
    }
    assert history.when(received("OutcomeReported", {**outcome, **later})).accepted
    assert history.when(withdrawn(**later)).accepted


def test_an_event_that_states_no_unit_may_come_after_the_unit_has_ended() -> None:
    history = given(country(), unit("xa-1"), registered(unit_id="xa-1"))
    history.given(closed("xa-1", "2022-07-01"))
    assert history.when(recognized(occurred_on="2022-12-01")).accepted


def test_occurred_on_is_not_after_the_day_it_was_sent_in_vietnam() -> None:
    history = given(country())
    data = _data(registered(occurred_on="2022-06-15"))
    # 23:30 UTC on the 14th is 06:30 on the 15th in Vietnam.
    early = received("ModelRegistered", data, time="2022-06-14T23:30:00Z")
    assert history.when(early).accepted
    too_early = received("ModelRegistered", data, time="2022-06-14T16:59:59Z")
    verdict = history.when(too_early)
    assert verdict.code == "occurred_in_future"
    assert "2022-06-15" in verdict.says
    assert "2022-06-14" in verdict.says


def test_units_and_taxonomies_are_known_ahead() -> None:
    history = given(country())
    opened = received("UnitOpened", _data(unit("xa-1", occurred_on="2030-07-01")), time=SENT)
    assert history.when(opened).accepted
    event = published("field", "economy", occurred_on="2022-12-31", valid_from="2023-01-01")
    assert history.when(received("TaxonomyPublished", _data(event), time=SENT)).accepted


def test_a_unit_event_may_come_on_the_first_day_without_the_unit() -> None:
    """The rows of units say themselves on which day the units must exist."""
    history = given(country(), unit("xa-1"), closed("xa-1", "2022-07-01"))
    renamed = {"unit_id": "xa-1", "name": "Xã Một", "occurred_on": "2022-07-01"}
    assert history.when(received("UnitRenamed", renamed)).accepted


def test_a_retraction_is_not_made_in_the_future() -> None:
    opened = unit("xa-1")
    data = {**_data(retracted(opened)), "occurred_on": "2022-06-16"}
    event = received("EventRetracted", data, subject=opened.subject, time=SENT)
    assert given(country(), opened).when(event).code == "occurred_in_future"


@pytest.mark.parametrize(
    "event",
    [
        registered(legal_basis=[{"kind": "plan", "signed_on": "2022-06-16"}]),
        amended(legal_basis=[{"kind": "plan", "signed_on": "2022-06-16"}]),
        recognized(decision={**DECISION, "signed_on": "2022-06-16"}, occurred_on="2022-06-01"),
        unit("xa-1", legal_basis=[{"kind": "law", "signed_on": "2022-06-16"}]),
    ],
)
def test_no_document_is_signed_after_the_day_it_was_sent(event: ReceivedEvent) -> None:
    name, data = _named(event)
    history = given(country())
    if name != "ModelRegistered":
        history.given(registered())
    verdict = history.when(received(name, data, time=SENT))
    assert verdict.code == "signed_in_future"
    assert "2022-06-16" in verdict.says


def test_a_document_may_be_signed_on_the_day_it_was_sent() -> None:
    event = registered(legal_basis=[{"kind": "plan", "signed_on": "2022-06-15"}])
    assert given(country()).when(received("ModelRegistered", _data(event), time=SENT)).accepted


def test_the_day_of_a_correction_is_not_the_day_of_what_it_corrects() -> None:
    """The unit of a registration of 2022 may be corrected when that unit is no more."""
    history = given(country(), unit("xa-1"), registered(), closed("xa-1", "2022-07-01"))
    assert history.when(amended(occurred_on="2023-05-01", unit_id="xa-1")).accepted


def _named(event: ReceivedEvent) -> tuple[str, dict[str, Any]]:
    return event.type.split(".")[1], _data(event)


def _data(event: ReceivedEvent) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.body)["data"]
    return data
