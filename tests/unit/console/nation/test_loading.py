"""The map of the country passes every rule, loads once, and is found by code, name and day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import orjson
import pytest

from services.console.datasets.sample import sample_events
from services.registry.decider import RegistryDecider
from services.registry.queries.map_versions import MAPS_KEPT, KnownMaps
from services.registry.queries.units import UnitFilter, UnitListings
from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted, Duplicate, Outcome
from shared.clock import system_clock
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.territory import Territory
from shared.vocabulary import AdministrativeLevel, Family
from tests.support.memory_log import MemoryEventLog
from tests.support.national_map import PROVINCES, national_events

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def send(to: Appender, events: Sequence[ReceivedEvent]) -> list[Outcome]:
    future = to.submit(events)
    while not future.done():
        to.step()
    return future.result()


@pytest.fixture(scope="module")
def events() -> list[ReceivedEvent]:
    return national_events()


@pytest.fixture(scope="module")
def registry(events: list[ReceivedEvent]) -> Appender:
    """Return a registry that was sent the map, in batches, and took all of it at once."""
    registry = Appender(MemoryEventLog().as_family(Family.REGISTRY), RegistryDecider())
    for first in range(0, len(events), 500):
        outcomes = send(registry, events[first : first + 500])
        assert Counter(map(type, outcomes)) == {Accepted: len(outcomes)}
    return registry


@pytest.fixture(scope="module")
def maps(registry: Appender) -> KnownMaps:
    @contextmanager
    def current() -> Iterator[Territory]:
        with registry.reading() as decider:
            assert isinstance(decider, RegistryDecider)
            yield decider.territory

    return KnownMaps(registry.log, current)


@pytest.fixture(scope="module")
def listings(maps: KnownMaps) -> UnitListings:
    return UnitListings(maps)


def test_loading_again_only_repeats(registry: Appender, events: list[ReceivedEvent]) -> None:
    head = registry.log.head()
    outcomes = send(registry, events)
    assert [outcome.position for outcome in outcomes if isinstance(outcome, Duplicate)] == list(
        range(1, len(events) + 1)
    )
    assert registry.log.head() == head


def test_the_sample_stands_on_the_map(events: list[ReceivedEvent]) -> None:
    registry = Appender(MemoryEventLog().as_family(Family.REGISTRY), RegistryDecider())
    send(registry, events)
    now_us = system_clock()
    sample = [
        receive(orjson.dumps(event), now_us=now_us, family=Family.REGISTRY)
        for event in sample_events()
        if Family.REGISTRY in CATALOGUE[event["type"]].families
    ]
    outcomes = [type(outcome) for outcome in send(registry, sample)]
    units = sum(event.subject.startswith("unit/") for event in sample)
    assert outcomes == [Duplicate] * units + [Accepted] * (len(sample) - units)


def test_the_map_stands_on_the_sample(events: list[ReceivedEvent]) -> None:
    registry = Appender(MemoryEventLog().as_family(Family.REGISTRY), RegistryDecider())
    now_us = system_clock()
    units = [
        receive(orjson.dumps(event), now_us=now_us, family=Family.REGISTRY)
        for event in sample_events()
        if event["subject"].startswith("unit/")
    ]
    send(registry, units)
    outcomes = Counter(map(type, send(registry, events)))
    assert outcomes == {Duplicate: len(units), Accepted: len(events) - len(units)}


def found(listings: UnitListings, day: date, position: int = 20_000, **asked: str) -> list[str]:
    """Return the ids of the units that a listing chooses."""
    level = AdministrativeLevel(asked.pop("level")) if "level" in asked else None
    chosen = UnitFilter(level=level, **asked).choose(listings.on(day, position), 0)
    return [unit.unit_id for _, unit in chosen]


def test_a_code_is_found_by_its_day(listings: UnitListings) -> None:
    assert found(listings, BEFORE, scheme="gso", code="24") == ["gso-2004-24"]
    assert found(listings, AFTER, scheme="gso", code="24") == ["gso-2025-24"]
    assert found(listings, AFTER, scheme="other", code="24") == []
    assert found(listings, BEFORE, scheme="gso", code="058") == ["gso-2004-058"]
    assert found(listings, AFTER, scheme="gso", code="058") == []


def test_a_name_is_found_with_and_without_accents(listings: UnitListings) -> None:
    for written in ("bac kan", "Bắc Kạn", "BẮC  KẠN"):
        assert found(listings, BEFORE, q=written, level="province") == ["gso-2004-06"]
        assert found(listings, BEFORE, q=written) == ["gso-2004-06", "gso-2004-058"]
    for written in ("Bà Rịa - Vũng Tàu", "ba ria–vung tau", "Bà Rịa Vũng Tàu"):
        assert found(listings, BEFORE, q=written) == ["gso-2004-77"]
    assert found(listings, AFTER, q="dong thap", level="province") == ["gso-2025-82"]


def test_who_goes_on_is_found_by_a_former_name_too(listings: UnitListings) -> None:
    assert found(listings, AFTER, q="thừa thiên huế") == ["gso-2004-46"]
    assert found(listings, AFTER, q="thi tran muong lat") == ["gso-2004-14845"]
    assert found(listings, BEFORE, q="xã buôn đôn") == ["gso-2004-24235"]


def test_what_stands_below_a_unit_is_that_of_the_day(listings: UnitListings) -> None:
    assert len(found(listings, BEFORE, parent_id="vn")) == PROVINCES
    assert len(found(listings, AFTER, parent_id="vn")) == 34
    city = found(listings, BEFORE, parent_id="gso-2004-058")
    assert len(city) == 8
    assert found(listings, AFTER, parent_id="gso-2004-06") == []


def test_the_map_is_listed_as_it_was_known_at_any_position(
    listings: UnitListings, maps: KnownMaps
) -> None:
    # The log opens the country, 63 provinces, 696 districts and the communes, one a position.
    for position in (1, 64, 700, 760, 10_000, 9_999, 761, 2, 64):
        assert len(found(listings, BEFORE, position)) == position
        assert len(maps._kept) <= MAPS_KEPT
    # Provinces merge by the next 34 events, and not before they are known.
    assert len(found(listings, AFTER, 10_795, level="province")) == PROVINCES
    assert len(found(listings, AFTER, 10_795 + 34, level="province")) == 34
    assert len(found(listings, AFTER)) == 1 + 34 + 3_321
