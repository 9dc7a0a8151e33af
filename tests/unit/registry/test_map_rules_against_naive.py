"""The rules of the map let pass exactly what a naive reading of the contract lets pass."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from services.registry.domain.units import breaks_map, breaks_map_without
from shared.errors import Problem
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.retraction import EventRetracted
from shared.territory import Territory
from tests.support.random_maps import Intent, build, intents
from tests.support.unit_events import recorded


def verdict(history: Sequence[ReceivedEvent], event: ReceivedEvent) -> Problem | None:
    """Return what the rules say of an event that comes after a history."""
    log = recorded(history)
    territory = Territory()
    territory.fold(log)
    payload = event.payload
    if not isinstance(payload, EventRetracted):
        return breaks_map(event, territory)
    retracts = (payload.retracts.source, payload.retracts.id)
    taken = next(each for each in log if each.key == retracts)
    return breaks_map_without(taken, territory)


@settings(max_examples=80, deadline=None)
@given(tried=intents)
def test_what_may_happen_to_the_map_and_what_may_be_taken_back(tried: Sequence[Intent]) -> None:
    _agree(tried)


@pytest.mark.thorough
@settings(max_examples=500, deadline=None)
@given(tried=intents)
def test_what_may_happen_to_hundreds_of_maps_and_what_may_be_taken_back(
    tried: Sequence[Intent],
) -> None:
    _agree(tried)


def _agree(tried: Sequence[Intent]) -> None:
    def judge(history: list[ReceivedEvent], event: ReceivedEvent, passes: bool) -> None:
        assert (verdict(history, event) is None) == passes

    build(tried, judge)
