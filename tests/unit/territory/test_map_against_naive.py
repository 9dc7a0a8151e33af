"""The map of any history answers as a naive reading of the contract does, for every unit and day."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.territory import Territory
from tests.support.naive_territory import ONE_DAY, NaiveMap
from tests.support.random_maps import (
    DAYS,
    FIRST_DAY,
    Attempt,
    Intent,
    build,
    intents,
    recorded_until,
)

MIDDLE_DAY, LAST_DAY = FIRST_DAY + (DAYS // 2) * ONE_DAY, FIRST_DAY + DAYS * ONE_DAY


def _agrees(territory: Territory, naive: NaiveMap) -> None:
    units = naive.known_units()
    for day in naive.interesting_days():
        assert territory.country(day) == naive.country(day)
        existing = {unit.unit_id: unit for unit in territory.units(day)}
        assert set(existing) == {unit for unit in units if naive.exists(unit, day)}
        for unit in units:
            where = f"{unit} on {day}"
            assert territory.exists(unit, day) == naive.exists(unit, day), where
            assert territory.parent(unit, day) == naive.parent(unit, day), where
            assert territory.path(unit, day) == naive.path(unit, day), where
            assert set(territory.lies(unit, day)) == naive.lies(unit, day), where
            assert tuple(territory.place(unit, day)) == naive.place(unit, day), where
            if unit in existing:
                assert set(territory.children(unit, day)) == naive.children(unit, day), where
                assert existing[unit].name == naive.name(unit, day), where
                assert existing[unit].parent_id == naive.parent(unit, day), where
            assert territory.unit(unit, day) == existing.get(unit), where


def _folded_one_by_one(attempt: Attempt, count: int) -> Territory:
    territory = Territory()
    events, _ = recorded_until(attempt, count)
    units = {unit for event in events for unit in event.payload.unit_ids()}
    for event in events:
        territory.fold([event])
        # A question between two events must leave nothing behind that is no longer true.
        for unit in units:
            for day in (FIRST_DAY, MIDDLE_DAY, LAST_DAY):
                territory.place(unit, day)
    return territory


@settings(max_examples=80, deadline=None)
@given(tried=intents, data=st.data())
def test_any_history_is_read_as_the_contract_says(
    tried: Sequence[Intent], data: st.DataObject
) -> None:
    _read_alike(tried, data)


@pytest.mark.thorough
@settings(max_examples=500, deadline=None)
@given(tried=intents, data=st.data())
def test_any_of_hundreds_of_histories_is_read_as_the_contract_says(
    tried: Sequence[Intent], data: st.DataObject
) -> None:
    _read_alike(tried, data)


def _read_alike(tried: Sequence[Intent], data: st.DataObject) -> None:
    attempt = build(tried)
    count = data.draw(st.integers(1, len(attempt.events)), label="events known")
    events, standing = recorded_until(attempt, count)
    territory = Territory()
    territory.fold(events)
    _agrees(territory, NaiveMap(standing))
    _agrees(_folded_one_by_one(attempt, count), NaiveMap(standing))
