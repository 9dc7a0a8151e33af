"""The histories of all units, updated event by event in time proportional to the units named."""

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import TypeVar

from shared.events.payloads.payload import Payload
from shared.events.payloads.units import (
    OpenedUnit,
    UnitClosed,
    UnitCode,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
    UnitsReorganized,
)
from shared.territory.effects import ended_by, shares_of
from shared.territory.unit_history import (
    Ending,
    NameChange,
    ParentStated,
    PartGiven,
    UnitCodeOf,
    UnitHistory,
)

Statement = TypeVar("Statement", NameChange, ParentStated, PartGiven)
_NOTHING: frozenset[str] = frozenset()


class Chronicle:
    """The statements of all unit events, for queries of any day.

    Events about units that were never opened change nothing: the rules refuse them.
    """

    def __init__(self) -> None:
        self.units: dict[str, UnitHistory] = {}
        self.countries: set[str] = set()
        self._days: list[date] = []
        self._events_on: dict[date, int] = {}
        self._below: dict[str, set[str]] = {}

    def copy(self) -> "Chronicle":
        """Return an independent copy; histories are immutable and therefore shared."""
        other = Chronicle()
        other.units = dict(self.units)
        other.countries = set(self.countries)
        other._days = list(self._days)
        other._events_on = dict(self._events_on)
        other._below = {upper: set(lower) for upper, lower in self._below.items()}
        return other

    @property
    def days(self) -> tuple[date, ...]:
        """Return the days on which the map changes, in order."""
        return tuple(self._days)

    def first_day_like(self, day: date) -> date:
        """Return the first day with the same map as that day."""
        before = bisect_right(self._days, day)
        return self._days[before - 1] if before else date.min

    def ever_below(self, unit_id: str) -> Iterable[str]:
        """Return the units that were ever stated to be under it or to be merged into it."""
        return self._below.get(unit_id, _NOTHING)

    def take(self, position: int, payload: Payload) -> None:
        """Add a unit event."""
        day = payload.occurred_on
        match payload:
            case UnitOpened():
                self._open(day, position, payload, sources=())
            case UnitRenamed():
                codes = None if payload.codes is None else _codes(payload.codes)
                naming = NameChange(day, position, payload.name, payload.kind, codes)
                self._rename(payload.unit_id, naming)
            case UnitMoved():
                self._move(payload.unit_id, ParentStated(day, position, payload.parent_id))
            case UnitClosed():
                self._end(payload.unit_id, Ending(day, position, ()))
            case UnitsReorganized():
                self._reorganize(day, position, payload)
            case _:
                return
        self._events_on[day] = self._events_on.get(day, 0) + 1
        if self._events_on[day] == 1:
            insort(self._days, day)

    def drop(self, position: int, day: date, unit_ids: Iterable[str]) -> None:
        """Remove an event; `unit_ids` are all units that it named."""
        for unit_id in unit_ids:
            history = self.units.get(unit_id)
            if history is None:
                continue
            rest = history.without(position)
            if rest is not None:
                self.units[unit_id] = rest
            else:
                del self.units[unit_id]
                self.countries.discard(unit_id)
        self._events_on[day] -= 1
        if not self._events_on[day]:
            del self._events_on[day]
            self._days.remove(day)

    def _open(
        self, day: date, position: int, unit: UnitOpened | OpenedUnit, sources: tuple[str, ...]
    ) -> None:
        if unit.unit_id in self.units:
            return
        self.units[unit.unit_id] = UnitHistory(
            unit_id=unit.unit_id,
            level=unit.level,
            opened=day,
            opened_at=position,
            sources=sources,
            namings=(NameChange(day, position, unit.name, unit.kind, _codes(unit.codes)),),
            parents=(ParentStated(day, position, unit.parent_id),),
        )
        if unit.parent_id is None:
            self.countries.add(unit.unit_id)
        else:
            self._note_below(unit.parent_id, unit.unit_id)

    def _rename(self, unit_id: str, naming: NameChange) -> None:
        history = self.units.get(unit_id)
        if history is not None:
            namings = _in_order(history.namings, naming)
            self.units[unit_id] = replace(history, namings=namings)

    def _move(self, unit_id: str, stated: ParentStated) -> None:
        history = self.units.get(unit_id)
        if history is not None and stated.parent_id is not None:
            self.units[unit_id] = replace(history, parents=_in_order(history.parents, stated))
            self._note_below(stated.parent_id, unit_id)

    def _end(self, unit_id: str, ending: Ending) -> None:
        history = self.units.get(unit_id)
        if history is not None and history.ending is None:
            self.units[unit_id] = replace(history, ending=ending)
            for target in ending.targets:
                self._note_below(target, unit_id)

    def _reorganize(self, day: date, position: int, payload: UnitsReorganized) -> None:
        sources, targets = shares_of(payload)
        for unit in payload.opens or ():
            self._open(day, position, unit, sources.get(unit.unit_id, ()))
        ending = ended_by(payload)
        for source in payload.sources:
            led_to = targets.get(source, ())
            if source in ending:
                self._end(source, Ending(day, position, led_to))
            elif set(led_to) - {source}:
                self._give_part(source, PartGiven(day, position))

    def _give_part(self, unit_id: str, given: PartGiven) -> None:
        history = self.units.get(unit_id)
        if history is not None:
            parts_given = _in_order(history.parts_given, given)
            self.units[unit_id] = replace(history, parts_given=parts_given)

    def _note_below(self, upper: str, lower: str) -> None:
        lowers = self._below.get(upper)
        if lowers is None:
            lowers = self._below[upper] = set()
        lowers.add(lower)


def _in_order(stated: tuple[Statement, ...], new: Statement) -> tuple[Statement, ...]:
    # A statement of an earlier day may arrive late, so the list is sorted again.
    return tuple(sorted(chain(stated, (new,)), key=lambda each: (each.day, each.position)))


def _codes(codes: Iterable[UnitCode]) -> tuple[UnitCodeOf, ...]:
    return tuple(UnitCodeOf(each.scheme, each.code) for each in codes)
