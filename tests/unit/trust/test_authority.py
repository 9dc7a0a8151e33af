"""Who may speak for what, decided at the head of the log: units, services, days and ids."""

import json
from dataclasses import replace
from typing import Any

import pytest

from shared.clock import MICROSECONDS
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.asserted_figures import figure, outcome
from tests.support.cloudevents import country, received, recognition, registration
from tests.support.event_builders import (
    DECISION,
    commended,
    for_registrations,
    granted,
    proposed,
    session_held,
)
from tests.support.scenarios import given
from tests.support.trusted import (
    ROOTS,
    authorized,
    began,
    key_added,
    key_of,
    spoken,
)
from tests.support.two_provinces import (
    DAY_US,
    PROVINCES,
    ledger,
    registers,
    retracts,
)


def test_a_province_speaks_for_itself_and_all_below_it_and_for_no_other() -> None:
    history = ledger()
    assert history.when(registers("p-a", "1", "a")).accepted
    assert history.when(registers("p-a", "1", "a1")).accepted
    assert history.when(registers("p-a", "1", "b")).code == "outside_grant"
    assert history.when(registers("p-a", "1", "b1")).code == "outside_grant"
    assert history.when(registers("p-a", "1", "vn")).code == "outside_grant"


def test_an_unsigned_event_is_refused_by_the_rules_too() -> None:
    assert ledger().when(replace(registers("p-a", "1", "a"), signing=None)).code == "unsigned"


def test_a_key_of_another_publisher_is_refused_by_the_rules_too() -> None:
    stolen = registers("p-b", "1", "b", key=key_of("p-a"))
    assert ledger().when(stolen).code == "foreign_key"


def test_before_trust_began_anyone_may_publish() -> None:
    unsigned = replace(registers("p-a", "1", "b"), signing=None)
    assert given(country(), *PROVINCES).when(unsigned).accepted


def test_the_right_is_for_the_services_that_it_names() -> None:
    history = given(country(), *PROVINCES, began())
    history.given(authorized("p-a", "a", families=["registry"]), key_added("p-a"))
    history.given(registers("p-a", "1", "a"))
    recognized = spoken("ModelRecognized", recognition("1"), "p-a")
    assert history.when(recognized).code == "outside_grant"


def test_an_unknown_unit_parks_only_for_a_key_and_a_service_that_are_right() -> None:
    history = ledger()
    later = registers("p-a", "1", "later")
    assert history.when(later).waiting_for == {("unit", "later")}
    stranger = registers("p-c", "1", "later")
    assert history.when(stranger).code == "unknown_key"


@pytest.mark.parametrize("target", ["b", "a1"])
def test_a_registration_is_not_moved_into_or_out_of_another_province(target: str) -> None:
    history = ledger(registers("p-a", "1", "a"), registers("p-b", "2", "b"))
    for number, publisher in (("1", "p-a"), ("2", "p-a"), ("2", "p-b")):
        changes = {"unit_id": target}
        data = {"registration_id": f"r-{number}", "reason": "sửa", "changes": changes}
        verdict = history.when(spoken("ModelAmended", data, publisher))
        right = (number, publisher, target) in {("1", "p-a", "a1"), ("2", "p-b", "b")}
        assert verdict.accepted if right else verdict.code == "outside_grant"


def test_what_has_another_provinces_id_is_not_redefined() -> None:
    stated = {"org_id": "o-b", "name": "Ban", "kind": "ban", "unit_id": "b"}
    figure: dict[str, Any] = {
        "figure_id": "f-1",
        "metric": "registered",
        "unit_id": "b",
        "period": {"kind": "year", "from": "2022-01-01", "to": "2022-12-31"},
        "value": 3,
        "qualifier": "exact",
        "source": {"kind": "report", "title": "Báo cáo"},
    }
    plan = {"org_id": "o-b", "plan_year": 2022, "unit_id": "b", "document": DECISION}
    day = {"occurred_on": "2022-12-02"}
    history = ledger(
        spoken("OrganizationDefined", stated, "p-b"),
        spoken("FigureAsserted", {**figure, **day}, "p-b"),
        spoken("PlanIssued", {**plan, **day}, "p-b"),
    )
    for name, data in (
        ("OrganizationDefined", stated),
        ("FigureAsserted", {**figure, **day}),
        ("PlanIssued", {**plan, **day}),
    ):
        taken_over = spoken(name, {**data, "unit_id": "a"}, "p-a")
        assert history.when(taken_over).code == "outside_grant", name
        assert history.when(spoken(name, data, "p-b")).accepted, name
    new = {**plan, **day, "plan_year": 2023, "unit_id": "a"}
    assert history.when(spoken("PlanIssued", new, "p-a")).code == "outside_grant"


def test_decisions_on_another_provinces_registration_are_refused() -> None:
    history = ledger(registers("p-b", "2", "b"))
    award = {
        "award_id": "a-1",
        "award_form": "giay_khen",
        "grantor_org_id": "o-1",
        "unit_id": "a",
        "plan_year": 2022,
        "recipient": {"kind": "collective", "org_id": "o-1"},
        "basis": for_registrations("2"),
        "decision": DECISION,
        "occurred_on": "2022-12-01",
    }
    for name, data in (("ModelRecognized", recognition("2")), ("AwardGranted", award)):
        assert history.when(spoken(name, data, "p-a")).code == "outside_grant", name
    again = {**registration("3", "a"), "model_id": "m-2"}
    assert history.when(spoken("ModelRegistered", again, "p-a")).code == "outside_grant"


def test_another_publishers_event_is_retracted_only_with_the_power_to_correct() -> None:
    stated = {"org_id": "o-a", "name": "Ban", "kind": "ban", "unit_id": "a"}
    defined = spoken("OrganizationDefined", stated, "p-a")
    history = ledger(defined, authorized("p-vn", "vn"), key_added("p-vn"))
    assert history.when(retracts("p-a", defined)).accepted
    assert history.when(retracts("p-b", defined)).code == "outside_grant"
    assert history.when(retracts("p-vn", defined)).code == "outside_grant"
    corrects = authorized("p-vn", "vn", grant_id="g-correct", powers=["correct"])
    assert history.given(corrects).when(retracts("p-vn", defined)).accepted


def test_a_province_does_not_change_the_map() -> None:
    history = ledger()
    moved = {"unit_id": "b1", "parent_id": "a", "occurred_on": "2026-01-01"}
    renamed = {"unit_id": "a1", "name": "Mới", "occurred_on": "2026-01-01"}
    assert history.when(spoken("UnitMoved", moved, "p-a")).code == "outside_grant"
    assert history.when(spoken("UnitRenamed", renamed, "p-a")).code == "outside_grant"
    maps = authorized("p-a", "a", grant_id="g-map", powers=["grant"], families=["registry"])
    history.given(maps)
    assert history.when(spoken("UnitRenamed", renamed, "p-a")).accepted
    assert history.when(spoken("UnitMoved", moved, "p-a")).code == "outside_grant"
    assert history.when(spoken("UnitMoved", moved, ROOTS[0])).accepted


def test_a_unit_divided_over_two_provinces_is_spoken_of_by_the_centre_alone() -> None:
    divided = {
        "reorganization_id": "z",
        "sources": ["b1"],
        "targets": [
            {"unit_id": "a1", "from": [{"unit_id": "b1", "share": "part"}]},
            {"unit_id": "b2", "from": [{"unit_id": "b1", "share": "part"}]},
        ],
        "occurred_on": "2020-01-01",
    }
    history = ledger(
        spoken("UnitOpened", _opening("b2", "b"), ROOTS[0]),
        spoken("UnitsReorganized", divided, ROOTS[0]),
        authorized("p-vn", "vn"),
        key_added("p-vn"),
    )
    late = {**registration("1", "b1"), "occurred_on": "2019-05-01", "plan_year": 2019}
    codes = [history.when(spoken("ModelRegistered", late, p)).code for p in ("p-a", "p-b", "p-vn")]
    assert codes == ["outside_grant", "outside_grant", None]


def _opening(unit_id: str, parent_id: str) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "name": unit_id,
        "level": "commune",
        "parent_id": parent_id,
        "codes": [],
        "occurred_on": "2004-01-01",
    }


def test_first_and_last_days_of_a_right_are_exact_to_the_microsecond() -> None:
    history = given(country(), *PROVINCES, began())
    days = {"speaks_from": "2026-03-01", "speaks_to": "2026-04-01"}
    history.given(authorized("p-a", "a", **days), key_added("p-a"))
    decider, event = history.deciders[Family.REGISTRY], registers("p-a", "1", "a")
    decider.load(history.log.as_family(Family.REGISTRY), decider.streams(event))
    midnight_us = 1_772_298_000 * MICROSECONDS  # 2026-03-01 00:00 in Viet Nam
    end_us = midnight_us + 31 * DAY_US
    for recorded_us, right in (
        (midnight_us - 1, False),
        (midnight_us, True),
        (end_us - 1, True),
        (end_us, False),
    ):
        verdict = decider.decide(event, recorded_us)
        assert (type(verdict).__name__ == "Accept") is right, recorded_us


def test_facts_outside_the_days_of_a_right_are_refused() -> None:
    history = given(country(), *PROVINCES, began())
    history.given(authorized("p-a", "a", facts_from="2022-03-02"), key_added("p-a"))
    on = registration("1", "a", occurred_on="2022-03-02")
    before = registration("1", "a", occurred_on="2022-03-01")
    assert history.when(spoken("ModelRegistered", on, "p-a")).accepted
    assert history.when(spoken("ModelRegistered", before, "p-a")).code == "outside_grant"


def test_new_ids_begin_with_a_prefix_of_the_right() -> None:
    history = given(country(), *PROVINCES, began())
    history.given(authorized("p-a", "a", id_prefixes=["a.", "m-"]), key_added("p-a"))
    assert history.when(registers("p-a", "1", "a")).code == "foreign_prefix"
    own = {**registration("1", "a"), "registration_id": "a.1"}
    assert history.when(spoken("ModelRegistered", own, "p-a")).accepted


def data_of(event: ReceivedEvent) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(event.body)["data"]
    return data


OFFICE = {"org_id": "o-1", "name": "Đảng ủy", "kind": "đảng ủy", "unit_id": "a"}
THINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "OrganizationDefined": ("org_id", {"name": "Chi bộ", "kind": "chi bộ"}),
    "ModelRegistered": ("registration_id", {**registration("1"), "model_id": "a.m"}),
    "OutcomeReported": ("outcome_id", data_of(outcome(1, 5))),
    "InspectionPlanned": (
        "inspection_id",
        {"plan_year": 2022, "scopes": ["DVK"], "document": {"kind": "kế hoạch"}},
    ),
    "InspectionConducted": ("inspection_id", {"plan_year": 2022, "scopes": ["DVK"]}),
    "ReviewSessionHeld": ("session_id", data_of(session_held())),
    "AwardProposed": ("award_id", data_of(proposed())),
    "AwardGranted": ("award_id", data_of(granted())),
    "ExemplarCommended": ("commendation_id", data_of(commended())),
    "FigureAsserted": ("figure_id", data_of(figure())),
}


@pytest.mark.parametrize("name", THINGS)
def test_nothing_takes_the_id_of_another_in_advance(name: str) -> None:
    field, data = THINGS[name]
    history = given(country(), *PROVINCES, received("OrganizationDefined", OFFICE), began())
    history.given(authorized("p-a", "a", id_prefixes=["a."]), key_added("p-a"))
    for new_id, verdict in (("b.1", "foreign_prefix"), ("A.1", "foreign_prefix"), ("a.1", None)):
        found = history.when(spoken(name, {**data, "unit_id": "a", field: new_id}, "p-a"))
        assert (found.code, found.accepted) == (verdict, verdict is None), (new_id, found.says)


def test_a_model_of_another_is_not_begun_in_advance() -> None:
    history = given(country(), *PROVINCES, began())
    history.given(authorized("p-a", "a", id_prefixes=["a."]), key_added("p-a"))
    taken = {**registration("1", "a"), "registration_id": "a.1", "model_id": "b.m"}
    assert history.when(spoken("ModelRegistered", taken, "p-a")).code == "foreign_prefix"


def test_every_thing_with_an_id_of_its_own_is_held_to_the_prefixes() -> None:
    """Of the other kinds of stream none begins by a province: they name what is there, or the map."""
    others = {"", "unit", "reorganization", "taxonomy", "plan", "period", "model", "person"}
    others |= {"officer", "publisher", "trust"}
    kinds = {of.name: of.payload.STREAM.partition("/")[0] for of in CATALOGUE.values()}
    assert set(kinds.values()) - others == {kinds[name] for name in THINGS} - others
