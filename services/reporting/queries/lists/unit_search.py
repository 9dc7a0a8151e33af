"""Search of units by present or former name, accents optional."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.vocabulary import AdministrativeLevel
from shared.vocabulary.vietnamese import findable, plain, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.reporting.map_snapshots import MapSnapshot, MapSnapshots
    from services.reporting.queries.as_of import AsOf

SHOWN = 50
"""The number of units to list; of the rest only the number is shown."""
INDEXES_KEPT = 2

_LEVELS = tuple(AdministrativeLevel)


class _NamedUnit(NamedTuple):
    """A unit and its names: as stated, and normalised for searching, with and without kinds.

    `order` is its place among units whose names have the same words.
    """

    unit_id: str
    level: int
    searched: tuple[str, ...]
    bare: tuple[str, ...]
    names: tuple[str, ...]
    order: str


class FoundUnit(NamedTuple):
    """A found unit: its title on the map, its ancestors, and the former name that matched."""

    unit_id: str
    title: str
    level: str
    inside: tuple[str, ...]
    formerly: str | None
    on_map: bool
    valid_from: date
    valid_to: date | None


class FoundUnits(NamedTuple):
    """The first units that were found, and the number of all."""

    units: Sequence[FoundUnit]
    number: int


class UnitSearch:
    """Searches the names of every unit that was ever opened, as known at a position."""

    def __init__(self, maps: MapSnapshots) -> None:
        self._maps = maps
        self._lock = threading.Lock()
        self._indexes: OrderedDict[int, tuple[_NamedUnit, ...]] = OrderedDict()

    def find(
        self,
        q: str,
        as_of: AsOf,
        day: date | None,
        named_on: date,
        most: int | None = SHOWN,
        *,
        within: frozenset[str] | None = None,
    ) -> FoundUnits:
        """Return up to `most` units with a name that contains `q`, those on the map first.

        `day` None is the map `recorded`, on which every unit ever opened is a scope. Units with
        exactly this name precede those with it in a longer one, upper levels precede lower.
        Titles are those on `named_on`, or on the nearest day on which a unit exists. `within` are
        the units to search, None: all.
        """
        wanted = plain(q)
        if not wanted:
            return FoundUnits((), 0)
        snapshot = self._maps.at(as_of.position)
        index = self._index(snapshot)
        with snapshot.lock:
            hits = [
                each
                for each in index
                if any(wanted in name for name in each.searched)
                and (within is None or each.unit_id in within)
            ]
            elsewhere = {
                each.unit_id
                for each in hits
                if day is not None and not snapshot.territory.exists(each.unit_id, day)
            }
            hits.sort(key=lambda each: (each.unit_id in elsewhere, *_rank(each, wanted)))
            return FoundUnits(
                [_found(each, wanted, snapshot, (day, named_on)) for each in hits[:most]],
                len(hits),
            )

    def names(self, snapshot: MapSnapshot) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield every unit ever opened with its names in the form in which they are searched."""
        return ((each.unit_id, each.searched) for each in self._index(snapshot))

    def _index(self, snapshot: MapSnapshot) -> tuple[_NamedUnit, ...]:
        at = snapshot.key[0]
        with self._lock:
            if at in self._indexes:
                self._indexes.move_to_end(at)
                return self._indexes[at]
        with snapshot.lock:
            index = tuple(_named(unit_id, snapshot) for unit_id in snapshot.territory.ever())
        with self._lock:
            self._indexes[at] = index
            while len(self._indexes) > INDEXES_KEPT:
                self._indexes.popitem(last=False)
        return index


def _named(unit_id: str, snapshot: MapSnapshot) -> _NamedUnit:
    # A unit that ended on the day of its opening had its name on no day.
    names = tuple(each.name for each in snapshot.territory.names(unit_id)) or (unit_id,)
    titles = {*names, snapshot.titled(unit_id, date.max) or ""}
    first = snapshot.territory.first_day(unit_id) or date.min
    last = snapshot.territory.last_day(unit_id)
    unit = snapshot.territory.unit(unit_id, last or first)
    level = _LEVELS.index(unit.level) if unit else len(_LEVELS)
    order = sort_key(names[-1])
    return _NamedUnit(unit_id, level, findable(titles), findable(names), names, order)


def _holds(name: str, wanted: str) -> bool:
    return any(wanted in each for each in findable([name]))


def _rank(unit: _NamedUnit, wanted: str) -> tuple[bool, int, str, str]:
    bare = wanted in unit.searched or wanted in unit.bare
    return not bare, unit.level, unit.order, unit.unit_id


def _found(
    unit: _NamedUnit, wanted: str, snapshot: MapSnapshot, days: tuple[date | None, date]
) -> FoundUnit:
    day, named_on = days
    territory = snapshot.territory
    first, last = territory.first_day(unit.unit_id) or date.min, territory.last_day(unit.unit_id)
    shown = max(first, min(named_on, last or date.max))
    above = territory.path(unit.unit_id, shown)[1:-1]
    title = snapshot.titled(unit.unit_id, shown) or unit.unit_id
    meant = next((name for name in unit.names if _holds(name, wanted)), None)
    return FoundUnit(
        unit_id=unit.unit_id,
        title=title,
        level=str(_LEVELS[unit.level]) if unit.level < len(_LEVELS) else "",
        inside=tuple(snapshot.titled(each, shown) or each for each in reversed(above)),
        formerly=meant if meant and not _holds(title, wanted) else None,
        on_map=day is None or territory.exists(unit.unit_id, day),
        valid_from=first,
        valid_to=None if last is None else last + timedelta(days=1),
    )
