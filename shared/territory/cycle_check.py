"""The check that a unit event makes no cycle: a unit that is its own ancestor or successor.

Almost no event can, so a cheap check of the edges it changes comes first; only if that finds a
possible cycle is the event tried on a copy of the chronicle.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from shared.events.payloads.payload import Payload
from shared.events.payloads.units import UnitClosed, UnitMoved, UnitsReorganized
from shared.territory.day_map import DayMaps
from shared.territory.effects import ended_by, opened_by, shares_of
from shared.territory.unit_history import ONE_DAY, UnitHistory
from shared.territory.unit_index import Chronicle

AFTER_ALL = 2**62
"""A position after every event of the log."""


class _Change(NamedTuple):
    """The edges to parents, and from ended units to their successors, that an event would change.

    `moved` units get a new parent edge, `heads` are its old and new ends; `ending` units end and
    are followed by `successors`; `carries` is True if ended units may resolve elsewhere.
    """

    day: date
    moved: frozenset[str]
    heads: frozenset[str]
    ending: frozenset[str]
    successors: frozenset[str]
    carries: bool


def makes_circle(payload: Payload, chronicle: Chronicle, maps: DayMaps) -> bool:
    """Return whether the event, appended to the log, would make a cycle on any day."""
    change = _change(payload, chronicle, maps)
    if change is None:
        return False
    above = _ever_above(change.heads, chronicle)
    closed_later = _closed_after(change.day, above, chronicle) if change.carries else frozenset()
    if not (
        above & change.moved
        or closed_later
        or _ever_reached(change.successors, chronicle, maps) & change.ending
    ):
        return False
    return _is_circle_if_tried(payload, change, closed_later, chronicle)


def could_be_circle_without(payload: Payload, chronicle: Chronicle) -> bool:
    """Return whether, without an event, a later one might make a cycle; may be True needlessly.

    Units that it moved would keep their earlier parents; units that it ended would still exist,
    and so resolve to themselves.
    """
    match payload:
        case UnitMoved():
            heads = _stated_parents([payload.unit_id], chronicle)
            above = _ever_above(heads - {payload.parent_id}, chronicle)
            has_ended = _has_ended(payload.unit_id, chronicle)
            closed_later = has_ended and _closed_after(payload.occurred_on, above, chronicle)
            return payload.unit_id in above or bool(closed_later)
        case UnitsReorganized():
            ending = ended_by(payload)
            return bool(ending & _ever_above(_stated_parents(ending, chronicle), chronicle))
        case _:
            return False


def _change(payload: Payload, chronicle: Chronicle, maps: DayMaps) -> _Change | None:
    match payload:
        case UnitMoved():
            return _Change(
                day=payload.occurred_on,
                moved=frozenset({payload.unit_id}),
                heads=frozenset({payload.parent_id}),
                ending=frozenset(),
                successors=frozenset(),
                carries=_has_ended(payload.unit_id, chronicle),
            )
        case UnitClosed():
            last_map = maps.on(payload.occurred_on - ONE_DAY)
            return _Change(
                day=payload.occurred_on,
                moved=frozenset(),
                heads=_stated_parents([payload.unit_id], chronicle),
                ending=frozenset({payload.unit_id}),
                successors=frozenset(last_map.children(payload.unit_id)),
                carries=True,
            )
        case UnitsReorganized():
            return _reorganization(payload, chronicle)
        case _:
            return None


def _reorganization(payload: UnitsReorganized, chronicle: Chronicle) -> _Change:
    opened, ending = opened_by(payload), ended_by(payload)
    _, targets = shares_of(payload)
    led_to = {target for source in ending for target in targets.get(source, ())}
    parents = {unit.parent_id for unit in payload.opens or () if unit.parent_id is not None}
    return _Change(
        day=payload.occurred_on,
        moved=ending | opened,
        heads=_stated_parents(ending, chronicle) | parents | (led_to - opened),
        ending=ending,
        successors=frozenset(led_to),
        carries=True,
    )


def _has_ended(unit_id: str, chronicle: Chronicle) -> bool:
    history = chronicle.units.get(unit_id)
    return history is not None and history.ending is not None


def _stated_parents(unit_ids: Iterable[str], chronicle: Chronicle) -> frozenset[str]:
    histories = (chronicle.units.get(unit_id) for unit_id in unit_ids)
    return frozenset(
        stated.parent_id
        for history in histories
        if history is not None
        for stated in history.parents
        if stated.parent_id is not None
    )


def _ever_above(unit_ids: Iterable[str], chronicle: Chronicle) -> frozenset[str]:
    """Return these units and their ancestors of any day: a superset of those of each day."""

    def above(history: UnitHistory) -> Iterator[str]:
        yield from (each.parent_id for each in history.parents if each.parent_id is not None)
        yield from history.ending.targets if history.ending else ()

    return _all_reachable(unit_ids, chronicle, above)


def _closed_after(day: date, unit_ids: Iterable[str], chronicle: Chronicle) -> frozenset[str]:
    """Return the units that were closed later: their successors may change."""
    histories = (chronicle.units.get(unit_id) for unit_id in unit_ids)
    return frozenset(
        history.unit_id
        for history in histories
        if history is not None and history.was_closed_after(day)
    )


def _ever_reached(unit_ids: Iterable[str], chronicle: Chronicle, maps: DayMaps) -> frozenset[str]:
    """Return these units and all their successors once every known event has taken effect."""

    def passed_to(history: UnitHistory) -> Iterable[str]:
        return maps.on(date.max).passes_to(history) if history.ending is not None else ()

    return _all_reachable(unit_ids, chronicle, passed_to)


def _all_reachable(
    unit_ids: Iterable[str], chronicle: Chronicle, edges: Callable[[UnitHistory], Iterable[str]]
) -> frozenset[str]:
    """Return units and all that can be reached from them by these edges."""
    visited: set[str] = set()
    to_visit = list(unit_ids)
    while to_visit:
        unit_id = to_visit.pop()
        if unit_id not in visited:
            visited.add(unit_id)
            history = chronicle.units.get(unit_id)
            to_visit += edges(history) if history is not None else ()
    return frozenset(visited)


def _is_circle_if_tried(
    payload: Payload, change: _Change, closed_later: frozenset[str], chronicle: Chronicle
) -> bool:
    tried = chronicle.copy()
    tried.take(AFTER_ALL, payload)
    maps = DayMaps(tried)
    days = [change.day, *(day for day in tried.days if day > change.day)]
    if any(_climbs_in_a_circle(change.moved, day, maps) for day in days):
        return True
    # Every new edge starts at one of these, so a cycle leads back to one of them.
    return any(
        unit_id in _ever_reached(maps.on(date.max).passes_to(tried.units[unit_id]), tried, maps)
        for unit_id in change.ending | closed_later
    )


def _climbs_in_a_circle(unit_ids: Iterable[str], day: date, maps: DayMaps) -> bool:
    day_map = maps.on(day)
    safe: set[str] = set()
    for unit_id in unit_ids:
        visited: set[str] = set()
        current: str | None = unit_id
        while current is not None and current not in safe:
            if current in visited:
                return True
            visited.add(current)
            current = day_map.led_to(current)
        safe |= visited
    return False
