"""events.md, Accepting: models over the years, outcomes, plans, organisations, taxonomies."""

import pytest

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    amended,
    discontinued,
    published,
    registered,
    retracted,
    withdrawn,
)
from tests.support.scenarios import given

COUNTRY = country()


def outcome(**data: object) -> ReceivedEvent:
    """Say that some land was donated."""
    stated = {
        "outcome_id": "x-1",
        "metric": "land_donated_m2",
        "value": 12.5,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-02-28"},
        **data,
    }
    return received("OutcomeReported", stated)


def replicated(**data: object) -> ReceivedEvent:
    """Say that model m-1 is taken up elsewhere."""
    return received("ModelReplicated", {"source_model_id": "m-1", **data})


PLAN = {"kind": "plan", "number": "85-KH/TU", "signed_on": "2022-02-01"}


def test_a_discontinuation_waits_for_its_model() -> None:
    assert given(COUNTRY).when(discontinued()).waiting_for == {("model", "m-1")}


def test_a_model_is_discontinued_once_after_each_registration() -> None:
    history = given(COUNTRY, registered(), discontinued())
    verdict = history.when(discontinued())
    assert verdict.code == "model_discontinued"
    assert "position 3" in verdict.says
    assert "position 2" in verdict.says
    history.given(registered("1", registration_id="r-2", plan_year=2023))
    assert history.when(discontinued(plan_year=2023)).accepted


def test_a_retracted_discontinuation_does_not_count() -> None:
    mistake = discontinued()
    history = given(COUNTRY, registered(), mistake, retracted(mistake))
    assert history.when(discontinued()).accepted
    assert history.restarted().when(discontinued()).accepted


def test_a_withdrawn_model_may_be_discontinued() -> None:
    assert given(COUNTRY, registered(), withdrawn()).when(discontinued()).accepted


def test_a_replication_waits_for_its_source_and_its_target_unit() -> None:
    event = replicated(target_unit_id="xa-1")
    assert given(COUNTRY).when(event).waiting_for == {("model", "m-1"), ("unit", "xa-1")}
    assert given(COUNTRY, registered(), unit("xa-1")).when(event).accepted


def test_the_target_model_of_a_replication_is_a_label() -> None:
    assert given(COUNTRY, registered()).when(replicated(target_model_id="m-99")).accepted


def test_an_outcome_waits_for_its_registration() -> None:
    event = outcome(registration_id="r-1")
    assert given(COUNTRY).when(event).waiting_for == {("registration", "r-1")}
    assert given(COUNTRY, registered()).when(event).accepted


def test_a_withdrawn_registration_has_no_outcomes() -> None:
    history = given(COUNTRY, registered(), withdrawn())
    assert history.when(outcome(registration_id="r-1")).code == "registration_withdrawn"


@pytest.mark.parametrize(
    "stated", [{"plan_year": 2023}, {"unit_id": "xa-1"}, {"programme": "don_vi_dan_van_tot"}]
)
def test_an_outcome_has_unit_year_and_programme_of_its_registration(
    stated: dict[str, object],
) -> None:
    history = given(COUNTRY, unit("xa-1"), registered())
    verdict = history.when(outcome(registration_id="r-1", **stated))
    assert verdict.code == "derived_field_differs"


def test_an_outcome_of_a_unit_needs_no_registration() -> None:
    assert given(COUNTRY).when(outcome(unit_id="vn", plan_year=2022)).accepted


def test_an_outcome_replaces_an_earlier_one() -> None:
    event = outcome(unit_id="vn", plan_year=2022)
    assert given(COUNTRY, event).when(outcome(unit_id="vn", plan_year=2022, value=13)).accepted


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("OrganizationDefined", {"org_id": "o-1", "name": "Đảng ủy", "kind": "party_committee"}),
        ("OrganizationSucceeded", {"predecessors": ["o-1"], "successor": "o-2"}),
        ("PlanIssued", {"org_id": "o-1", "plan_year": 2022, "document": PLAN}),
        (
            "TaxonomyPublished",
            {
                "taxonomy": "field",
                "jurisdiction_unit_id": "vn",
                "version": 1,
                "valid_from": "2022-01-01",
                "entries": [],
            },
        ),
    ],
)
def test_what_only_names_a_unit_waits_for_it_and_is_accepted(
    name: str, data: dict[str, object]
) -> None:
    event = received(name, {**data, "unit_id": "vn"})
    assert given().when(event).waiting_for == {("unit", "vn")}
    history = given(COUNTRY, event)
    again = received(name, {**data, "unit_id": "vn"})
    assert history.when(again).accepted, "a later one replaces it"


def test_a_taxonomy_waits_for_the_units_of_its_crosswalk() -> None:
    entry = {"code": "a", "name": "A", "crosswalk": {"p-1": None}}
    assert given(COUNTRY).when(published("field", entry)).waiting_for == {("unit", "p-1")}


def test_a_later_taxonomy_does_not_invalidate_what_stands() -> None:
    """A registration stands; only what is decided anew meets the taxonomy."""
    history = given(COUNTRY, registered(field_code="old"), published("field", "new"))
    assert history.when(withdrawn()).accepted
    assert history.when(outcome(registration_id="r-1")).accepted
    assert history.when(amended(field_code="new")).accepted
