"""Random histories: what the deciders remember, forget and load never changes what they say."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from shared.appending.decider import Accept
from shared.appending.outcomes import Parked
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, recognition, registration, unit
from tests.support.event_builders import DECISION
from tests.support.naive_rules import ACCEPTED, PARKED, REFUSED, RETRACTABLE, NaiveRules
from tests.support.scenarios import History

Happening = tuple[str, dict[str, Any]]

NUMBERS = st.sampled_from("112")
YEARS = st.sampled_from([2021, 2022, 2023])
PROGRAMMES = st.sampled_from(["dan_van_kheo", "don_vi_dan_van_tot"])
ORIGINS = st.sampled_from([{"kind": "legacy"}, {"kind": "entry"}, None])
KINDS = st.sampled_from(["new", "maintained", "pre_existing"])
UNITS = st.sampled_from(["vn", "xa-9"])
DAYS = st.sampled_from(["2022-03-01", "2022-12-01"])
"""Before and after xa-9 is closed."""
FIELDS = st.sampled_from(["economy", "culture"])
RECIPIENTS = st.fixed_dictionaries({"kind": st.just("collective")}, optional={"unit_id": UNITS})
TIERS = st.sampled_from(["recognized", "exemplary", "gold"])
BASES = st.sets(NUMBERS, max_size=2).map(
    lambda numbers: {"kind": "model", "registration_ids": [f"r-{n}" for n in sorted(numbers)]}
)


@st.composite
def stated(draw: st.DrawFn) -> dict[str, Any]:
    """Give what an event may state although it is derived; mostly nothing."""
    fields = {"plan_year": YEARS, "programme": PROGRAMMES, "unit_id": UNITS}
    names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=1))
    return {name: draw(fields[name]) for name in names}


@st.composite
def happenings(draw: st.DrawFn, names: Sequence[str]) -> Happening:
    """Give one event that may or may not be possible."""
    number, name = draw(NUMBERS), draw(st.sampled_from(names))
    return name, MAKERS[name](draw, number)


@st.composite
def histories(draw: st.DrawFn, names: Sequence[str]) -> list[Happening]:
    """Give a history that begins with what most events wait for."""
    first = [("ModelRegistered", _registered(draw, number)) for number in "12"]
    award = draw(st.sampled_from([("AwardProposed", _award), ("AwardGranted", _granted)]))
    first += [(award[0], award[1](draw, number)) for number in "12"]
    return first + draw(st.lists(happenings(names), min_size=20, max_size=40))


def _registered(draw: st.DrawFn, number: str) -> dict[str, Any]:
    data = registration(number, plan_year=draw(YEARS), model_id=f"m-{draw(NUMBERS)}")
    data |= {"registration_kind": draw(KINDS), "origin": draw(ORIGINS)}
    data |= {"unit_id": draw(UNITS), "field_code": draw(FIELDS)}
    if draw(st.booleans()):
        data["programme"] = draw(PROGRAMMES)
    return data


def _amended(draw: st.DrawFn, number: str) -> dict[str, Any]:
    choices = {
        "registration_kind": KINDS,
        "origin": ORIGINS,
        "title": st.just("Tên đúng"),
        "unit_id": st.sampled_from(["vn", "vn", "xa-9", "xa-9", "xa-1"]),
        "occurred_on": DAYS,
        "field_code": FIELDS,
        "previous_registration_id": NUMBERS.map(lambda n: f"r-{n}"),
    }
    names = draw(st.sets(st.sampled_from(sorted(choices)), min_size=1, max_size=2))
    changes = {name: draw(choices[name]) for name in sorted(names)}
    return {"registration_id": f"r-{number}", "reason": "sửa", "changes": changes, **draw(stated())}


def _of_registration(**data: Any) -> Any:
    def make(draw: st.DrawFn, number: str) -> dict[str, Any]:
        return {"registration_id": f"r-{number}", **data, **draw(stated())}

    return make


def _recognized(draw: st.DrawFn, number: str) -> dict[str, Any]:
    return {**recognition(number, draw(TIERS)), **draw(stated())}


def _award(draw: st.DrawFn, number: str) -> dict[str, Any]:
    data = {
        "award_id": f"a-{number}",
        "award_form": "giay_khen",
        "recipient": draw(RECIPIENTS),
        "unit_id": draw(UNITS),
        "plan_year": draw(YEARS),
        "basis": draw(BASES),
    }
    return {**data, **({"programme": draw(PROGRAMMES)} if draw(st.booleans()) else {})}


def _granted(draw: st.DrawFn, number: str) -> dict[str, Any]:
    return {**_award(draw, number), "grantor_org_id": "o-1", "decision": DECISION}


def _of_award(**data: Any) -> Any:
    def make(draw: st.DrawFn, number: str) -> dict[str, Any]:
        return {"award_id": f"a-{number}", **data, **draw(stated())}

    return make


def _award_amended(draw: st.DrawFn, number: str) -> dict[str, Any]:
    choices: dict[str, Any] = {
        "plan_year": YEARS,
        "programme": st.one_of(st.none(), PROGRAMMES),
        "basis": BASES,
        "unit_id": UNITS,
        "recipient": RECIPIENTS,
        "occurred_on": DAYS,
        "award_name": st.just("Bằng khen"),
    }
    names = draw(st.sets(st.sampled_from(sorted(choices)), min_size=1, max_size=3))
    changes = {name: draw(choices[name]) for name in sorted(names)}
    return {"award_id": f"a-{number}", "reason": "sửa", "changes": changes, **draw(stated())}


def _closed(draw: st.DrawFn, number: str) -> dict[str, Any]:
    """End the unit for days that are long over: whatever was recorded there stands."""
    return {"unit_id": "xa-9", "reason": "sáp nhập", "occurred_on": "2022-07-01"}


def _taxonomy(draw: st.DrawFn, number: str) -> dict[str, Any]:
    codes = draw(st.lists(FIELDS, min_size=1, max_size=2, unique=True))
    entries = [{"code": code, "name": code} for code in codes]
    stated = {"taxonomy": "field", "jurisdiction_unit_id": "vn", "version": "1"}
    return {**stated, "valid_from": "2022-01-01", "entries": entries}


def _retraction(draw: st.DrawFn, number: str) -> dict[str, Any]:
    """Give a retraction of some earlier event, which is chosen when the history is played."""
    return {"back": draw(st.integers(1, 3)), "reason": "nhầm"}


MAKERS: dict[str, Any] = {
    "ModelRegistered": _registered,
    "ModelAmended": _amended,
    "RegistrationWithdrawn": _of_registration(reason="rút"),
    "EligibilityAssessed": _of_registration(eligible=True),
    "ModelRecognized": _recognized,
    "RecognitionDeclined": _of_registration(reason="chưa đạt"),
    "RecognitionRevoked": _of_registration(reason="hủy"),
    "ModelDiscontinued": lambda _, n: {"model_id": f"m-{n}", "plan_year": 2022, "reason": "dừng"},
    "ModelReplicated": lambda _, n: {"source_model_id": f"m-{n}", "target_unit_id": "vn"},
    "EventRetracted": _retraction,
    "UnitClosed": _closed,
    "TaxonomyPublished": _taxonomy,
    "AwardProposed": _award,
    "AwardDeclined": _of_award(reason="không"),
    "AwardGranted": _granted,
    "AwardAmended": _award_amended,
    "AwardPresented": _of_award(),
    "AwardRevoked": _of_award(reason="hủy"),
}


CORRECTIONS = ("ModelAmended", "AwardAmended", "ModelAmended", "AwardAmended")
LATE = ("UnitClosed", "TaxonomyPublished", "EventRetracted", "RegistrationWithdrawn")
FORGETTING = st.sampled_from([0, 1, 3, 1_000])
RESTARTS = st.sets(st.integers(0, 40), max_size=2)


def test_every_naive_rule_has_a_maker() -> None:
    rules = {name.removeprefix("_") for name in vars(NaiveRules)}
    events = {name for name in rules if name[:1].isupper()}
    assert "ModelRegistered" in events
    assert events - set(MAKERS) == set(), "add a maker to MAKERS"


@settings(max_examples=30, deadline=None)
@given(histories(sorted(MAKERS)), FORGETTING, RESTARTS)
def test_deciders_say_what_reading_the_whole_log_says(
    happened: list[Happening], streams_kept: int, restarts: set[int]
) -> None:
    _agree(happened, streams_kept, restarts)


@settings(max_examples=24, deadline=None)
@given(histories((*CORRECTIONS, *LATE)), FORGETTING, RESTARTS)
def test_corrections_are_judged_by_what_they_change_whatever_was_recorded_since(
    happened: list[Happening], streams_kept: int, restarts: set[int]
) -> None:
    _agree(happened, streams_kept, restarts)


@pytest.mark.thorough
@settings(max_examples=120, deadline=None)
@given(histories(sorted(MAKERS)), FORGETTING, RESTARTS)
def test_deciders_say_so_of_many_more_histories(
    happened: list[Happening], streams_kept: int, restarts: set[int]
) -> None:
    _agree(happened, streams_kept, restarts)


@pytest.mark.thorough
@settings(max_examples=120, deadline=None)
@given(histories((*CORRECTIONS, *LATE)), FORGETTING, RESTARTS)
def test_corrections_are_judged_so_in_many_more_histories(
    happened: list[Happening], streams_kept: int, restarts: set[int]
) -> None:
    _agree(happened, streams_kept, restarts)


def _agree(happened: list[Happening], streams_kept: int, restarts: set[int]) -> None:
    history = History(
        registry=RegistryDecider(streams_kept=streams_kept),
        evaluation=EvaluationDecider(streams_kept=streams_kept),
    ).given(country(), unit("xa-9"))
    naive = NaiveRules()
    for step, (name, data) in enumerate(happened):
        if step in restarts:
            history = history.restarted()
        event = _event(name, data, naive)
        expected = naive.decide(name, json.loads(event.body)["data"])
        decision = history.when(event, service=_service(name)).decision
        said = {Accept: ACCEPTED, Parked: PARKED}.get(type(decision), REFUSED)
        assert said == expected, (step, name, data, decision)
        if said == ACCEPTED:
            history.record(event, service=_service(name))
            naive.accept(name, json.loads(event.body)["data"], event.key.id)


def _event(name: str, data: dict[str, Any], naive: NaiveRules) -> Any:
    dated = {"occurred_on": "2022-12-01", **data}
    if name != "EventRetracted":
        return received(name, dated)
    back = dated.pop("back")
    nobody: dict[str, Any] = {"key": "nobody", "data": {}}
    # Mostly something that may be retracted, now and then whatever came last.
    ends = [each for each in naive.log if each["name"] in RETRACTABLE] if back < 3 else naive.log
    taken = ends[-back] if back <= len(ends) else nobody
    dated["retracts"] = {"source": "/publishers/test", "id": taken["key"]}
    model = taken["data"].get("model_id") or taken["data"].get("source_model_id")
    others = {"UnitClosed": "unit/xa-9", "TaxonomyPublished": "taxonomy/vn.field"}
    return received(name, dated, subject=others.get(taken.get("name", ""), f"model/{model}"))


def _service(name: str) -> Family | None:
    return Family.REGISTRY if name == "EventRetracted" else None
