"""Streams in memory: bounded, never stale, and decoded only where somebody asked for them."""

from dataclasses import replace

import pytest

from services.registry.decider import RegistryDecider
from services.registry.domain import model_lifecycle
from shared.appending.decider import NotLoaded
from shared.deciders.stream_cache import StreamCache, StreamFold
from shared.errors import BrokenContract
from shared.eventlog.protocol import Reference
from shared.rules import registration
from shared.rules.registration import Registration
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import discontinued, granted, proposed, registered, withdrawn
from tests.support.memory_log import FamilyLog
from tests.support.scenarios import History, given

KINDS = {"registration": StreamFold(registration.evolve, registration.FOLDED)}
COUNTRY = country()


def _log(history: History) -> FamilyLog:
    return history.log.as_family(Family.REGISTRY)


def _cache(history: History, *subjects: str, limit: int = 100) -> StreamCache:
    cache = StreamCache(KINDS, {}, limit=limit)
    cache.load(_log(history), subjects)
    return cache


def test_a_stream_that_is_not_in_memory_is_asked_for() -> None:
    cache = _cache(given(COUNTRY, registered()))
    with pytest.raises(NotLoaded) as missing:
        cache.state("registration/r-1")
    assert missing.value.subjects == ("registration/r-1",)


def test_a_loaded_stream_stands_at_the_head_of_the_log() -> None:
    cache = _cache(given(COUNTRY, registered(), withdrawn()), "registration/r-1")
    state = cache.state("registration/r-1")
    assert isinstance(state, Registration)
    assert (state.registered_at, state.withdrawn_at) == (2, 3)


def test_a_stream_without_events_is_known_to_be_empty() -> None:
    assert _cache(given(COUNTRY), "registration/r-1").state("registration/r-1") is None


def test_what_was_loaded_is_not_folded_again() -> None:
    history = given(COUNTRY, registered(), withdrawn())
    cache = StreamCache({"model": StreamFold(model_lifecycle.evolve, model_lifecycle.FOLDED)}, {})
    cache.load(_log(history), ["model/m-1"])
    cache.fold(_log(history).read(0, 10))
    cache.fold(_log(history).read(1, 10))
    assert [year.registered_at for year in cache.state("model/m-1").years] == [2]


def test_an_event_of_a_stream_that_is_not_in_memory_is_not_decoded() -> None:
    history = given(COUNTRY, registered())
    [*_, event] = _log(history).read(0, 10)
    unreadable = replace(event, body=b"unreadable", position=3)
    _cache(history).fold([unreadable])
    with pytest.raises(BrokenContract):
        _cache(history, "registration/r-1").fold([unreadable])


def test_an_event_that_changes_nothing_for_the_rules_is_not_decoded() -> None:
    history = given(COUNTRY, registered())
    cache = StreamCache(
        {**KINDS, "model": StreamFold(model_lifecycle.evolve, model_lifecycle.FOLDED)}, {}
    )
    cache.load(_log(history), ["registration/r-1", "model/m-1"])
    recorded = history.record(received("ModelEvaluated", {"registration_id": "r-1"}))
    cache.fold([replace(recorded, body=b"unreadable")])
    assert cache.state("registration/r-1").registered_at == 2
    assert [year.registered_at for year in cache.state("model/m-1").years] == [2]


def test_memory_is_bounded_and_the_least_recently_used_goes_first() -> None:
    history = given(COUNTRY, registered("1"), registered("2"), registered("3"))
    subjects = [f"registration/r-{number}" for number in (1, 2, 3)]
    cache = _cache(history, *subjects, limit=2)
    assert len(cache) == 3, "a load never drops what is about to be used"
    cache.state("registration/r-1")
    cache.fold([])
    assert len(cache) == 2
    cache.state("registration/r-1")
    with pytest.raises(NotLoaded):
        cache.state("registration/r-2")


def test_decisions_are_the_same_with_next_to_no_memory() -> None:
    history = History(registry=RegistryDecider(streams_kept=0))
    history.given(COUNTRY, registered(), withdrawn())
    history.given(registered("1", registration_id="r-2"), discontinued())
    assert history.when(withdrawn()).code == "registration_withdrawn"
    assert history.when(discontinued()).code == "model_discontinued"
    again = registered("1", registration_id="r-3")
    assert history.when(again).code == "model_registered_for_year"


def test_what_is_folded_twice_counts_once() -> None:
    history = given(COUNTRY, unit("xa-1"), registered(), discontinued())
    assert history.when(discontinued()).code == "model_discontinued"
    for family, decider in history.deciders.items():
        decider.fold(history.log.as_family(family).read(0, 10))
    assert history.when(discontinued()).code == "model_discontinued"
    assert history.when(registered("2", unit_id="xa-1")).accepted


def test_every_service_sees_what_others_bring_into_being() -> None:
    history = given()
    unit_vn = {Reference("unit", "vn")}
    assert set(map(frozenset, history.provides(COUNTRY).values())) == {frozenset(unit_vn)}
    seen = history.provides(registered())
    assert seen[Family.REGISTRY] == {Reference("registration", "r-1"), Reference("model", "m-1")}
    assert seen[Family.EVALUATION] == {Reference("registration", "r-1")}
    assert seen[Family.REPORTING] == set()
    for event in (proposed("1"), granted("2")):
        award = Reference(*event.subject.split("/"))
        assert history.provides(event)[Family.EVALUATION] == {award}


def test_a_reorganization_brings_the_units_it_opens() -> None:
    history = given(COUNTRY, unit("a"), unit("b"))
    opened = {"unit_id": "c", "name": "C", "level": "province", "parent_id": "vn", "codes": []}
    whole = [{"unit_id": "a", "share": "whole"}, {"unit_id": "b", "share": "whole"}]
    data = {
        "reorganization_id": "s-1",
        "occurred_on": "2022-07-01",
        "sources": ["a", "b"],
        "targets": [{"unit_id": "c", "from": whole}],
        "opens": [opened],
    }
    seen = history.provides(received("UnitsReorganized", data))
    assert set(map(frozenset, seen.values())) == {frozenset({Reference("unit", "c")})}


def test_a_prefetch_brings_all_that_most_decisions_need() -> None:
    """Otherwise each event would read the log by itself."""
    history = given(COUNTRY, registered())
    decider, log = RegistryDecider(), history.log.as_family(Family.REGISTRY)
    decider.start(log)
    for event in (registered("2"), withdrawn(), discontinued()):
        decider.load(log, decider.streams(event))
        decider.decide(event, event.time_us)
