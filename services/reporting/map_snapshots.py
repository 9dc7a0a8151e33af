"""The map and the taxonomies as known at a position of the log, folded on demand.

A snapshot is immutable; a few are cached, as most positions of a year know the same unit events.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies
from shared.vocabulary import AdministrativeLevel
from shared.vocabulary.vietnamese import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.reporting.readmodels.parts.event_copies import EventCopies
    from shared.readmodel.store import Store
    from shared.territory import UnitState

SNAPSHOTS_KEPT = 4
PLACES_KEPT = 500_000
UNITS_KEPT = 50_000
_BRANCHES = 3


class UnitPlacement(NamedTuple):
    """The place of a unit on a map: the path from the country to it, and its quality."""

    path: tuple[str, ...]
    allocated: bool
    approximate: bool


class Life(NamedTuple):
    """The first and last day of a unit, its predecessors, and the units that cover it later."""

    first: date
    last: date | None
    preceded_by: tuple[str, ...]
    lies_in: tuple[str, ...]

    def exists(self, day: date) -> bool:
        """Say whether the unit exists on a day."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def ended(self) -> date | None:
        """Return the first day without it, None if it has not ended."""
        return None if self.last is None else self.last + timedelta(days=1)


@dataclass
class MapSnapshot:
    """The map and the taxonomies after certain events, which `key` identifies.

    A territory is used by one thread at a time: the caller holds `lock`.
    """

    key: tuple[int, int]
    territory: Territory
    taxonomies: Taxonomies
    taxonomy_days: tuple[date, ...]
    lock: threading.RLock = field(default_factory=threading.RLock)
    _places: dict[tuple[str, date], UnitPlacement] = field(default_factory=dict)
    _units: dict[tuple[str, date], UnitState | None] = field(default_factory=dict)

    def locate(self, unit_id: str, day: date) -> UnitPlacement:
        """Return the place of a unit on the map of a day."""
        day_map = self.territory.on(day)
        key = (unit_id, day_map.day)
        found = self._places.get(key)
        if found is None:
            if len(self._places) >= PLACES_KEPT:
                self._places.clear()
            place = day_map.place(unit_id)
            path = day_map.path(place.unit_id) if place.unit_id is not None else ()
            found = self._places[key] = UnitPlacement(path, place.allocated, place.approximate)
        return found

    def life(self, unit_id: str, day: date) -> Life | None:
        """Return the life of a unit, and its place on a day; None for an unknown unit."""
        territory = self.territory
        first = territory.first_day(unit_id)
        if first is None:
            return None
        lies_in = () if territory.exists(unit_id, day) else territory.lies(unit_id, day)
        before = territory.preceded_by(unit_id)
        return Life(first, territory.last_day(unit_id), before, lies_in)

    def epoch(self, day: date) -> tuple[date, int]:
        """Return a key shared by all days on which neither map nor taxonomies differ."""
        return self.territory.on(day).day, bisect_right(self.taxonomy_days, day)

    def name(self, unit_id: str, day: date) -> str | None:
        """Return the name of a unit on a day, or on the nearest day on which it exists."""
        unit = self._nearest(unit_id, day)
        return unit.name if unit else None

    def titled(self, unit_id: str, day: date) -> str | None:
        """Return the name in common use: with its kind where the name itself lacks it.

        Provinces have bare names ("Bắc Kạn", kind "tỉnh"): the result is "Tỉnh Bắc Kạn". A
        country has no kind in front.
        """
        unit = self._nearest(unit_id, day)
        if unit is None:
            return None
        kind = unit.kind
        named = kind is None or plain(unit.name).startswith(f"{plain(kind)} ")
        if kind is None or named or unit.level is AdministrativeLevel.COUNTRY:
            return unit.name
        return f"{kind[:1].upper()}{kind[1:]} {unit.name}"

    def level(self, unit_id: str, day: date) -> AdministrativeLevel | None:
        """Return the level of a unit, None for an unknown one."""
        unit = self._nearest(unit_id, day)
        return unit.level if unit else None

    def levels_below(self, unit_id: str | None, day: date) -> list[str]:
        """Return the levels of a unit's descendants on a day, seen along its first branches."""
        found: set[str] = set()
        above = [] if unit_id is None else [unit_id]
        while above:
            below = [c for each in above[:_BRANCHES] for c in self.territory.children(each, day)]
            found.update(level for each in below if (level := self.level(each, day)))
            above = below
        return [each for each in AdministrativeLevel if each in found]

    def _nearest(self, unit_id: str, day: date) -> UnitState | None:
        """Return a unit on a day, or on the nearest day on which it exists."""
        territory = self.territory
        key = (unit_id, territory.on(day).day)
        if key in self._units:
            return self._units[key]
        first, last = territory.first_day(unit_id), territory.last_day(unit_id)
        found = None
        if first is not None:
            found = territory.unit(unit_id, max(first, day if last is None else min(day, last)))
        if len(self._units) >= UNITS_KEPT:
            self._units.clear()
        self._units[key] = found
        return found

    def national(self) -> str | None:
        """Return the country, which is opened only once."""
        return self.territory.country(date.max)


class MapChange(NamedTuple):
    """A change of the map, the dependencies it touched (None: any), and the map after it."""

    position: int
    touched: frozenset[str] | None
    snapshot: MapSnapshot


class MapSnapshots:
    """A cache of snapshots of the map and of the taxonomies."""

    def __init__(self, store: Store, units: EventCopies, taxonomies: EventCopies) -> None:
        self._store = store
        self._units = _CachedTable(units)
        self._taxonomies = _CachedTable(taxonomies)
        self._lock = threading.RLock()
        self._snapshots: OrderedDict[tuple[int, int], MapSnapshot] = OrderedDict()

    def at(self, position: int) -> MapSnapshot:
        """Return the snapshot as known at a position that the read models have reached."""
        with self._lock:
            for kept in (self._units, self._taxonomies):
                if position > kept.reached and not kept.take_recent(position):
                    with self._store.reading() as connection:
                        kept.follow(connection, position)
            key = (self._units.last(position), self._taxonomies.last(position))
            snapshot = self._snapshots.get(key)
            if snapshot is None:
                snapshot = self._snapshots[key] = self._fold(key)
                while len(self._snapshots) > SNAPSHOTS_KEPT:
                    self._snapshots.popitem(last=False)
            self._snapshots.move_to_end(key)
            return snapshot

    def changes(self, after: int, until: int, *, taxonomies: bool) -> list[int]:
        """Return the positions after one and up to another at which the map changes.

        With `taxonomies` also their changes. Both positions must have been reached.
        """
        self.at(until)
        with self._lock:
            kept = (self._units, self._taxonomies) if taxonomies else (self._units,)
            return sorted({each for some in kept for each in some.between(after, until)})

    def walk(self, after: int, until: int, *, taxonomies: bool) -> Iterator[MapChange]:
        """Yield the snapshot after each change of the map, each folded from the one before.

        With `taxonomies` also after each of their changes. A snapshot holds until the next.
        """
        begun = self.at(after)
        with self._lock, self._store.reading() as connection:
            events = self._units.model.between(connection, after, until)
            if taxonomies:
                events += self._taxonomies.model.between(connection, after, until)
        with begun.lock:
            territory, versions, days = (
                begun.territory.copy(),
                begun.taxonomies,
                begun.taxonomy_days,
            )
        for event in sorted(events, key=attrgetter("position")):
            touched: frozenset[str] | None = territory.touched_by(event)
            territory.fold((event,))
            if event.subject.startswith("taxonomy/"):
                touched, versions = None, versions.copy()
                versions.fold((event,))
                days = _days(versions)
            key = (territory.last_position, versions.last_position)
            yield MapChange(event.position, touched, MapSnapshot(key, territory, versions, days))

    def _fold(self, key: tuple[int, int]) -> MapSnapshot:
        """Fold the events, starting from the nearest earlier snapshot."""
        units_at, taxonomies_at = key
        earlier = max((k for k in self._snapshots if k[0] <= units_at), default=None)
        territory, after = Territory(), 0
        if earlier is not None:
            nearest = self._snapshots[earlier]
            with nearest.lock:
                territory, after = nearest.territory.copy(), earlier[0]
        taxonomies = Taxonomies()
        with self._store.reading() as connection:
            territory.fold(self._units.model.between(connection, after, units_at))
            taxonomies.fold(self._taxonomies.model.between(connection, 0, taxonomies_at))
        return MapSnapshot(key, territory, taxonomies, _days(taxonomies))


class _CachedTable:
    """The cached positions of the event copies of one read model."""

    def __init__(self, model: EventCopies) -> None:
        self.model = model
        self.reached = 0
        self._positions: list[int] = []

    def take_recent(self, reached: int) -> bool:
        """Add the events up to a position from the fold's memory; False if they are gone there."""
        events = self.model.recent.between(self.reached, reached)
        if events is None:
            return False
        self._positions.extend(event.position for event in events)
        self.reached = reached
        return True

    def follow(self, connection: object, reached: int) -> None:
        """Add the events up to a position from the table."""
        table = self.model.table.c
        query = (
            select(table.position)
            .where(table.position > self.reached, table.position <= reached)
            .order_by(table.position)
        )
        self._positions.extend(connection.scalars(query))  # type: ignore[attr-defined]
        self.reached = reached

    def between(self, after: int, until: int) -> list[int]:
        """Return the positions of the event copies after one position and up to another."""
        first, last = bisect_right(self._positions, after), bisect_right(self._positions, until)
        return self._positions[first:last]

    def last(self, position: int) -> int:
        """Return the position of the last event copy up to a position, 0 for none."""
        before = bisect_right(self._positions, position)
        return self._positions[before - 1] if before else 0


def _days(taxonomies: Taxonomies) -> tuple[date, ...]:
    """Return the days on which another version may come into force."""
    days = {version.valid_from for version in taxonomies.versions()}
    days |= {version.valid_to for version in taxonomies.versions() if version.valid_to}
    return tuple(sorted(days))
