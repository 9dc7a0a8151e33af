"""Every ordered pair of provinces, every type of event: a province speaks for itself alone.

On the map of the country, before and after 1 July 2025: 63 provinces then, 34 since.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from shared.appending.decider import Decider, Decision, NotLoaded
from shared.appending.outcomes import Refused
from shared.clock import MICROSECONDS
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import EventKey, ReceivedEvent, Signing
from shared.events.payloads.authority import AUTHORITY_EVENTS
from shared.trust.authority import Authority
from shared.trust.authority_rules import Coverage
from shared.vocabulary import Family
from tests.support.cloudevents import received, recognition, registration
from tests.support.event_builders import DECISION, for_registrations
from tests.support.national_map import LATER_PROVINCES, PROVINCES, national_events
from tests.support.scenarios import History
from tests.support.trusted import authorized, began, key_added, key_of

JUNE_30_US = 1_751_284_800 * MICROSECONDS  # 2025-06-30 19:00 in Viet Nam
JULY_1_US = JUNE_30_US + 12 * 3_600 * MICROSECONDS
ORG = {"kind": "collective", "org_id": "o-1"}


@pytest.fixture(scope="module")
def country() -> History:
    """The map of the country, trust, and a publisher for each province of either day."""
    history = History()
    history.record_all(national_events())
    history.record(began())
    territory = history.deciders[Family.REGISTRY].territory  # type: ignore[attr-defined]
    then, now = (_provinces(territory, day) for day in (date(2025, 6, 30), date(2025, 7, 1)))
    rights = [
        event
        for unit in dict.fromkeys((*then, *now))
        for event in (
            authorized(f"of-{unit}", unit, powers=["publish", "grant"]),
            key_added(f"of-{unit}"),
        )
    ]
    history.record_all(rights)
    for service in (Family.REGISTRY, Family.EVALUATION):
        said = [received(*event) for unit in now for event in _existing(unit)]
        history.record_all([e for e in said if service in CATALOGUE[e.type].families])
    return history


def _provinces(territory: Any, day: date) -> list[str]:
    return [unit.unit_id for unit in territory.units(day) if unit.level == "province"]


def _existing(unit: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a province said before, on which later events depend."""
    day = {"occurred_on": "2025-08-01"}
    yield "ModelRegistered", registration(unit, unit, plan_year=2025, **day)
    yield "AwardProposed", _award(unit) | day
    yield "OrganizationDefined", _organization(unit) | day


def _award(unit: str) -> dict[str, Any]:
    return {
        "award_id": f"a-{unit}",
        "award_form": "giay_khen",
        "recipient": ORG,
        "unit_id": unit,
        "plan_year": 2025,
    }


def _organization(unit: str) -> dict[str, Any]:
    return {"org_id": f"o-{unit}", "name": "Ban", "kind": "ban", "unit_id": unit}


DOCUMENT = {**DECISION, "signed_on": "2025-09-01"}


def _said(unit: str) -> dict[str, dict[str, Any]]:
    """Return one event of each type, written about a province of today."""
    return {**_of_units(unit), **_of_models(unit), **_of_committees(unit)}


def _of_units(unit: str) -> dict[str, dict[str, Any]]:
    new = {"unit_id": f"new-{unit}", "name": "Mới", "level": "commune", "codes": []}
    officer = {"officer_ref": f"o-{'a' * 26}", "role": "reader", "unit_id": unit}
    return {
        "RoleGranted": {**officer, "valid_from": "2025-09-01"},
        "RoleEnded": {**officer, "reason": "hết"},
        "UnitOpened": {**new, "parent_id": unit},
        "UnitRenamed": {"unit_id": unit, "name": "Mới"},
        "UnitMoved": {"unit_id": unit, "parent_id": "vn"},
        "UnitClosed": {"unit_id": unit, "reason": "hết"},
        "UnitsReorganized": {
            "reorganization_id": f"z-{unit}",
            "sources": [unit],
            "targets": [{"unit_id": f"new-{unit}", "from": [{"unit_id": unit, "share": "whole"}]}],
            "opens": [{**new, "level": "province", "parent_id": "vn"}],
        },
        "OrganizationDefined": _organization(unit),
        "OrganizationSucceeded": {"predecessors": [f"o-{unit}"], "successor": "o-x"},
        "TaxonomyPublished": {
            "taxonomy": "field",
            "jurisdiction_unit_id": unit,
            "version": "1",
            "valid_from": "2026-01-01",
            "entries": [{"code": "economy", "name": "Kinh tế"}],
        },
    }


def _of_models(unit: str) -> dict[str, dict[str, Any]]:
    of_registration = {"registration_id": f"r-{unit}"}
    year = {"unit_id": unit, "plan_year": 2025}
    return {
        "PlanIssued": {**year, "org_id": f"o-{unit}", "document": DOCUMENT},
        "ModelRegistered": registration(f"{unit}-2", unit, plan_year=2025),
        "ModelAmended": {**of_registration, "reason": "sửa", "changes": {"title": "Khác"}},
        "RegistrationWithdrawn": {**of_registration, "reason": "rút"},
        "ModelDiscontinued": {"model_id": f"m-{unit}", "plan_year": 2025, "reason": "dừng"},
        "PersonErased": {
            "person_ref": f"p-{'a' * 26}",
            "ground": "request",
            "requested_on": "2025-09-01",
            "unit_id": unit,
        },
        "ModelReplicated": {"source_model_id": f"m-{unit}", "target_unit_id": "vn"},
        "OutcomeReported": {
            **of_registration,
            "outcome_id": f"k-{unit}",
            "metric": "workdays",
            "value": 3,
            "qualifier": "exact",
            "nature": "flow",
            "interval": {"from": "2025-08-01", "to": "2025-08-02"},
        },
    }


def _of_committees(unit: str) -> dict[str, dict[str, Any]]:
    of_registration = {"registration_id": f"r-{unit}"}
    award, of_award = _award(unit), {"award_id": f"a-{unit}"}
    figure = {"metric": "registered", "period": {"kind": "year"}, "value": 3, "qualifier": "exact"}
    year = {"unit_id": unit, "plan_year": 2025}
    return {
        "InspectionPlanned": {
            **year,
            "inspection_id": f"i-{unit}",
            "document": DOCUMENT,
            "scopes": ["DVK"],
        },
        "InspectionConducted": {**year, "inspection_id": f"i-{unit}", "scopes": ["DVK"]},
        "EligibilityAssessed": {**of_registration, "eligible": True},
        "ReviewSessionHeld": {
            **year,
            "session_id": f"s-{unit}",
            "org_id": f"o-{unit}",
            "minutes": DOCUMENT,
        },
        "ModelEvaluated": of_registration,
        "ModelRecognized": {**recognition(unit), "decision": DOCUMENT},
        "RecognitionDeclined": {**of_registration, "reason": "chưa đạt"},
        "RecognitionRevoked": {**of_registration, "reason": "hủy"},
        "AwardProposed": {**award, "award_id": f"a-{unit}-2"},
        "AwardDeclined": {**of_award, "reason": "không"},
        "AwardGranted": {
            **award,
            "award_id": f"a-{unit}-3",
            "grantor_org_id": "o-1",
            "basis": for_registrations(unit),
            "decision": DOCUMENT,
        },
        "AwardAmended": {**of_award, "reason": "sửa", "changes": {"award_name": "Khác"}},
        "AwardPresented": of_award,
        "AwardRevoked": {**of_award, "reason": "hủy"},
        "ExemplarCommended": {
            **year,
            "commendation_id": f"c-{unit}",
            "recipient": ORG,
            "occasion": "Hội nghị",
        },
        "FigureAsserted": {
            **figure,
            "figure_id": f"f-{unit}",
            "unit_id": unit,
            "source": {"kind": "report", "title": "Báo cáo"},
        },
        "PeriodClosed": {
            **year,
            "position": 1,
            "digest": f"sha256:{'0' * 64}",
            "document": DOCUMENT,
        },
        "PeriodReopened": {**year, "reason": "mở"},
    }


def _decided(decider: Decider, log: Any, event: ReceivedEvent, recorded_us: int) -> Decision:
    while True:
        try:
            return decider.decide(event, recorded_us)
        except NotLoaded as missing:
            decider.load(log, missing.subjects)


def _of(publisher: str, event: ReceivedEvent) -> ReceivedEvent:
    """Return the event as one that another publisher signed."""
    key = EventKey(f"/publishers/{publisher}", event.key.id)
    return replace(event, key=key, signing=Signing("s", key_of(publisher).key_id, "s"))


OWN = sorted({event.name for event in CATALOGUE.values()} - {p.NAME for p in AUTHORITY_EVENTS})


def test_the_types_are_those_of_the_contract() -> None:
    # The last two speak of the units of another event, in tests of their own.
    assert {*_said("x"), "EventRetracted", "EventRedacted"} >= set(OWN)


@pytest.mark.parametrize("name", sorted(_said("x")))
def test_no_province_of_today_speaks_for_another(name: str, country: History) -> None:
    territory = country.deciders[Family.REGISTRY].territory  # type: ignore[attr-defined]
    provinces = _provinces(territory, date(2025, 7, 1))
    assert len(provinces) == LATER_PROVINCES
    family = next(f for f in Family if f in CATALOGUE[f"dvk.{name}.v1"].families)
    decider, log = country.deciders[family], country.log.as_family(family)
    events = {
        unit: received(name, {"occurred_on": "2025-09-02", **_said(unit)[name]})
        for unit in provinces
    }
    refused, own = 0, []
    for speaker, unit in product(provinces, provinces):
        decision = _decided(decider, log, _of(f"of-{speaker}", events[unit]), JULY_1_US)
        outside = isinstance(decision, Refused) and decision.problem.rule.code == "outside_grant"
        if speaker == unit:
            own.append(outside)
        else:
            assert outside, (speaker, unit, decision)
            refused += 1
    assert refused == 1_122
    # A province is moved by those above it.
    moved = name in {"UnitMoved", "UnitsReorganized"}
    assert own == [moved] * LATER_PROVINCES


def _outside(country: History, publisher: str, unit: str, recorded_us: int, **data: Any) -> bool:
    """Return whether a publisher is refused for what it registers of a unit."""
    decider = country.deciders[Family.REGISTRY]
    event = received("ModelRegistered", registration("n", unit, **data))
    log = country.log.as_family(Family.REGISTRY)
    decision = _decided(decider, log, _of(f"of-{publisher}", event), recorded_us)
    return isinstance(decision, Refused) and decision.problem.rule.code == "outside_grant"


def test_no_province_of_before_spoke_for_another(country: History) -> None:
    territory = country.deciders[Family.REGISTRY].territory  # type: ignore[attr-defined]
    provinces = _provinces(territory, date(2025, 6, 30))
    assert len(provinces) == PROVINCES
    for speaker, unit in product(provinces, provinces):
        assert _outside(country, speaker, unit, JUNE_30_US) == (speaker != unit), (speaker, unit)


def test_each_unit_of_any_day_is_spoken_for_by_exactly_one_province_of_today(
    country: History,
) -> None:
    territory = country.deciders[Family.REGISTRY].territory  # type: ignore[attr-defined]
    coverage = Coverage(territory, Authority(), Family.REGISTRY)
    today = date(2025, 7, 1)
    now = _provinces(territory, today)
    of_before = [each for each in _provinces(territory, date(2025, 6, 30)) if each not in now]
    for unit in territory.ever():
        heirs = [province for province in now if coverage.covers(province, unit, today)]
        assert len(heirs) == (unit != "vn"), unit
        assert not any(coverage.covers(ended, unit, today) for ended in of_before), unit


def test_the_heir_speaks_for_what_it_took_over_from_the_day_of_the_map_on(
    country: History,
) -> None:
    """Bắc Kạn (06) became part of Thái Nguyên (19); the day of recording decides."""
    before, heir, neighbour = "gso-2004-06", "gso-2025-19", "gso-2004-04"
    district = "gso-2004-058"
    for unit in (before, district):
        assert not _outside(country, before, unit, JUNE_30_US)
        assert _outside(country, before, unit, JULY_1_US)
        assert not _outside(country, heir, unit, JULY_1_US)
        assert _outside(country, neighbour, unit, JULY_1_US)
