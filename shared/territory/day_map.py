"""The map of one day: the units that exist, their hierarchy, and successors of the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.territory.unit_history import UnitCodeOf, UnitHistory
from shared.territory.unit_index import Chronicle
from shared.vocabulary import AdministrativeLevel


@dataclass(frozen=True, slots=True)
class UnitState:
    """The state of a unit on a day; `valid_to` is exclusive, None while no end is known."""

    unit_id: str
    name: str
    level: AdministrativeLevel
    kind: str | None
    parent_id: str | None
    codes: tuple[UnitCodeOf, ...]
    valid_from: date
    valid_to: date | None


MAPS_KEPT = 16
"""Cache limit: a map with every unit resolved takes some 3 MB."""


class Place(NamedTuple):
    """The unit at which another counts on a map; `unit_id` is None only before a country exists.

    `allocated` is False if that is a common ancestor, so that it is unallocated below it;
    `approximate` is True if by that day the unit had given a part away and continued.
    """

    unit_id: str | None
    allocated: bool
    approximate: bool


_NOWHERE = Place(None, allocated=False, approximate=False)


class DayMap:
    """The map of one day, by the rules of events.md, What is counted, Units.

    It is valid until the chronicle changes; the code that changes it drops the map.
    """

    def __init__(self, chronicle: Chronicle, day: date, map_of: Callable[[date], "DayMap"]) -> None:
        self.day = day
        self._units = chronicle.units
        self._ever_below = chronicle.ever_below
        self._map_of = map_of
        self._paths: dict[str, tuple[str, ...]] = {}
        self._lies: dict[str, tuple[str, ...]] = {}
        self._places: dict[str, Place] = {}

    def exists(self, unit_id: str) -> bool:
        """Return whether the unit exists on that day."""
        history = self._units.get(unit_id)
        return history is not None and history.exists(self.day)

    def units(self) -> Iterator[UnitState]:
        """Yield the units that exist on that day, in the order of their opening in the log."""
        return (self._state(each) for each in self._units.values() if each.exists(self.day))

    def unit(self, unit_id: str) -> UnitState | None:
        """Return the state of the unit on that day, None if it does not exist then."""
        history = self._units.get(unit_id)
        return self._state(history) if history and history.exists(self.day) else None

    def parent(self, unit_id: str) -> str | None:
        """Return the parent; None for the country, and for a unit not yet opened.

        This is the latest stated parent; if that has ended, its only successor, else its own
        parent, and so on.
        """
        history = self._units.get(unit_id)
        return self._standing(history.stated_parent(self.day)) if history else None

    def led_to(self, unit_id: str) -> str | None:
        """Return the next step towards a parent: the only successor, else the stated parent."""
        history = self._units.get(unit_id)
        return self._led_to(history) if history else None

    def path(self, unit_id: str) -> tuple[str, ...]:
        """Return the unit and its ancestors, the country first; empty for an unknown unit.

        A unit not yet opened is placed under its parent at opening.
        """
        known = self._paths.get(unit_id)
        if known is None:
            known = self._paths[unit_id] = self._walked(unit_id)
        return known

    def _walked(self, unit_id: str) -> tuple[str, ...]:
        upwards: dict[str, None] = {}
        current: str | None = unit_id if unit_id in self._units else None
        while current is not None and current not in upwards:
            upwards[current] = None
            history = self._units[current]
            opened = history.opened <= self.day
            current = self.parent(current) if opened else history.parent_at_opening
        return tuple(reversed(upwards))

    def children(self, unit_id: str) -> tuple[str, ...]:
        """Return the children of the unit on that day, in the order of their ids."""
        if not self.exists(unit_id):
            return ()
        found: list[str] = []
        through = [unit_id]
        for upper in through:
            for lower in self._ever_below(upper):
                if self.led_to(lower) == upper:
                    # An ended unit passes its remaining children on.
                    (found if self.exists(lower) else through).append(lower)
        return tuple(sorted(found))

    def lies(self, unit_id: str) -> tuple[str, ...]:
        """Return the units of that day that the unit resolves to, in the order of their ids."""
        known = self._lies.get(unit_id)
        if known is not None:
            return known
        history = self._units.get(unit_id)
        if history is None:
            return ()
        if history.exists(self.day):
            return (unit_id,)
        onward = self.passes_to(history)
        if len(onward) != 1 or not self.exists(onward[0]):
            onward = tuple(sorted(self._follow(unit_id, onward)))
        self._lies[unit_id] = onward
        return onward

    def place(self, unit_id: str) -> Place:
        """Return where the unit counts: at the unit it resolves to, or at a common ancestor."""
        place = self._places.get(unit_id)
        if place is None:
            place = self._places[unit_id] = self._find_place(unit_id)
        return place

    def passes_to(self, history: UnitHistory) -> tuple[str, ...]:
        """Return the next units to resolve to for a unit that does not exist on that day."""
        ending = history.ending
        if ending is None or ending.day > self.day:
            return history.sources or _one(history.parent_at_opening)
        if ending.targets:
            return ending.targets
        last_map = self._map_of(history.last_day or date.min)
        return last_map.children(history.unit_id) or _one(self.parent(history.unit_id))

    def _state(self, history: UnitHistory) -> UnitState:
        naming = history.naming(self.day)
        return UnitState(
            unit_id=history.unit_id,
            name=naming.name,
            level=history.level,
            kind=naming.kind,
            parent_id=self.parent(history.unit_id),
            codes=naming.codes or (),
            valid_from=history.opened,
            valid_to=history.ending.day if history.ending else None,
        )

    def _standing(self, unit_id: str | None) -> str | None:
        """Return the unit if it has not ended, else the unit that replaces it as a parent."""
        visited: set[str] = set()
        while unit_id is not None and unit_id not in visited:
            history = self._units.get(unit_id)
            if history is None or not history.has_ended(self.day):
                return unit_id
            visited.add(unit_id)
            unit_id = self._led_to(history)
        return None

    def _led_to(self, history: UnitHistory) -> str | None:
        if history.successor is not None and history.has_ended(self.day):
            return history.successor
        return history.stated_parent(self.day)

    def _follow(self, unit_id: str, onward: Iterable[str]) -> set[str]:
        """Walk from a unit that does not exist to those that do, without recursion."""
        found: set[str] = set()
        visited = {unit_id, *onward}
        to_visit = list(onward)
        for current in to_visit:
            history = self._units.get(current)
            if history is None:
                continue
            if history.exists(self.day):
                found.add(current)
            elif current in self._lies:
                found.update(self._lies[current])
            else:
                unseen = [each for each in self.passes_to(history) if each not in visited]
                visited.update(unseen)
                to_visit += unseen
        return found

    def _find_place(self, unit_id: str) -> Place:
        history = self._units.get(unit_id)
        if history is None:
            return _NOWHERE
        approximate = history.had_given_a_part(self.day)
        if history.exists(self.day):
            return Place(unit_id, allocated=True, approximate=approximate)
        successors = self.lies(unit_id)
        if len(successors) == 1:
            return Place(successors[0], allocated=True, approximate=approximate)
        if not successors:
            return _NOWHERE
        common = self._nearest_common_ancestor(successors)
        return Place(common, allocated=False, approximate=approximate)

    def _nearest_common_ancestor(self, unit_ids: Iterable[str]) -> str | None:
        parents = {self.parent(unit_id) for unit_id in unit_ids}
        if len(parents) == 1:
            # The usual case: communes of one province.
            return parents.pop()
        common: str | None = None
        for steps in zip(*(self.path(unit_id) for unit_id in unit_ids), strict=False):
            if len(set(steps)) > 1:
                break
            common = steps[0]
        return common


class DayMaps:
    """A bounded cache of the maps of a chronicle, by day."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._maps: dict[date, DayMap] = {}

    def on(self, day: date) -> DayMap:
        """Return the map of a day; days between two changes share one map."""
        first = self._chronicle.first_day_like(day)
        day_map = self._maps.get(first)
        if day_map is None:
            if len(self._maps) >= MAPS_KEPT:
                self.forget()
            day_map = self._maps[first] = DayMap(self._chronicle, first, self.on)
        return day_map

    def forget(self) -> None:
        """Drop every map: the chronicle has changed."""
        self._maps = {}


def _one(unit_id: str | None) -> tuple[str, ...]:
    return () if unit_id is None else (unit_id,)
