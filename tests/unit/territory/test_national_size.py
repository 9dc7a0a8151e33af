"""A map of the size of the country is folded, decided on and resolved without waiting for it."""

import time
from collections.abc import Callable
from datetime import date

import pytest

from services.registry.domain.units import refusal_of
from shared.events.recorded import RecordedEvent
from shared.territory import Territory
from tests.support.national_map import (
    COMMUNES,
    DISTRICTS,
    LATER_COMMUNES,
    LATER_PROVINCES,
    PROVINCES,
    commune_rows,
    national_events,
)
from tests.support.unit_events import recorded

AFTER = date(2026, 1, 1)
# 11 of the later provinces and 132 of the later communes are the same units as before.
UNITS = 1 + PROVINCES + DISTRICTS + COMMUNES + (LATER_PROVINCES - 11) + (LATER_COMMUNES - 132)


@pytest.fixture(scope="module")
def log() -> list[RecordedEvent]:
    return recorded(national_events())


@pytest.fixture(scope="module")
def territory(log: list[RecordedEvent]) -> Territory:
    territory = Territory()
    for event in log:
        assert refusal_of(event.payload, territory) is None
        territory.fold([event])
    return territory


def _seconds(work: Callable[[], object]) -> float:
    """Return the processor's seconds, the least of three: other work on the machine only adds."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def _units(territory: Territory) -> list[str]:
    days = (date(2025, 6, 30), date(2025, 7, 1))
    return list(dict.fromkeys(unit.unit_id for day in days for unit in territory.units(day)))


def test_the_country_has_its_size(territory: Territory) -> None:
    assert len(_units(territory)) == UNITS
    assert len(list(territory.units(AFTER))) == 1 + LATER_PROVINCES + LATER_COMMUNES


def test_every_unit_ever_known_counts_somewhere_in_the_country(territory: Territory) -> None:
    places = {unit: territory.place(unit, AFTER) for unit in _units(territory)}
    assert all(territory.exists(place.unit_id or "", AFTER) for place in places.values())
    # What the files divide is unallocated: communes, and districts whose communes went apart.
    into: dict[str, set[str]] = {}
    for row in commune_rows():
        for old in filter(None, (row["old_commune_code"], row["old_district_code"])):
            into.setdefault(f"gso-2004-{old}", set()).add(row["new_commune_code"])
    divided = {unit for unit, targets in into.items() if len(targets) > 1}
    assert {unit for unit, place in places.items() if not place.allocated} == divided


def test_what_every_unit_counts_adds_up_to_the_country(territory: Territory) -> None:
    counted: dict[str, int] = {}
    for unit in _units(territory):
        for above in territory.path(territory.place(unit, AFTER).unit_id or "", AFTER):
            counted[above] = counted.get(above, 0) + 1
    assert counted["vn"] == UNITS


def test_the_map_is_folded_and_resolved_fast(
    log: list[RecordedEvent], territory: Territory
) -> None:
    # Seen on one idle core: 0.3 s and 0.07 s. The limits only catch what grows with the map.
    assert _seconds(lambda: Territory().fold(log)) < 2
    units = _units(territory)

    def resolve() -> None:
        own = territory.copy()
        for unit in units:
            own.place(unit, AFTER)

    assert _seconds(resolve) < 0.5


def test_an_event_costs_the_same_however_large_the_map_is(log: list[RecordedEvent]) -> None:
    def fold_last(size: int) -> float:
        last = log[size - 500 : size]
        before = Territory()
        before.fold(log[: size - 500])

        def work() -> None:
            own = before.copy()
            for event in last:
                assert refusal_of(event.payload, own) is None
                own.fold([event])

        return _seconds(work) - _seconds(before.copy)

    # Both are openings of communes; copying the map for each event would make it 8 times as much.
    assert fold_last(9_000) < 3 * fold_last(1_600)
