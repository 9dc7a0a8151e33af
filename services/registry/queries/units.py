"""The map of a day as a list, searched by level, parent, code, or name (accents optional).

Listings are cached by day and last unit event, so a few of them serve all readers.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple

from services.registry.queries.map_versions import KnownMaps
from shared.territory import Territory
from shared.territory.day_map import UnitState
from shared.vocabulary import AdministrativeLevel
from shared.vocabulary.vietnamese import findable, plain, sort_key

LISTINGS_KEPT = 8
UNIT_COLUMNS = (
    "unit_id",
    "name",
    "level",
    "kind",
    "parent_id",
    "codes",
    "valid_from",
    "valid_to",
)
_LEVELS = tuple(AdministrativeLevel)


class ListedUnit(NamedTuple):
    """A unit on that day, and every name it ever had, normalised for searching."""

    state: UnitState
    searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """Criteria for a list of units; None matches all."""

    level: AdministrativeLevel | None = None
    parent_id: str | None = None
    scheme: str | None = None
    code: str | None = None
    q: str | None = None

    def choose(self, listing: Sequence[ListedUnit], start: int) -> Iterator[tuple[int, UnitState]]:
        """Yield the matching units, each with its index in the whole list, from 1.

        A search text with nothing left after normalising, such as a dash, matches none.
        """
        wanted = None if self.q is None else plain(self.q)
        if wanted == "":
            return
        for place, unit in enumerate(islice(listing, start, None), start + 1):
            if self._chooses(unit.state) and (
                wanted is None or any(wanted in name for name in unit.searched)
            ):
                yield place, unit.state

    def _chooses(self, state: UnitState) -> bool:
        return (
            self.level in (None, state.level)
            and self.parent_id in (None, state.parent_id)
            and self._has_code(state)
        )

    def _has_code(self, state: UnitState) -> bool:
        if self.scheme is None and self.code is None:
            return True
        return any(
            self.scheme in (None, each.scheme) and self.code in (None, each.code)
            for each in state.codes
        )


class UnitListings:
    """Lists of the units of any day, as known at any position."""

    def __init__(self, maps: KnownMaps) -> None:
        self._maps = maps
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[date, int], tuple[ListedUnit, ...]] = OrderedDict()

    def on(self, day: date, position: int) -> tuple[ListedUnit, ...]:
        """Return the units that exist on a day by the events up to a position.

        The country first, then provinces, districts and communes, each in the order of the
        Vietnamese alphabet.
        """
        last = self._maps.last_event(position)
        listing = None if last is None else self._cached(day, last)
        if listing is None:
            with self._maps.at(position) as territory:
                listing = tuple(_sorted(territory, day))
                self._cache(day, territory.last_position, listing)
        return listing

    def _cached(self, day: date, last: int) -> tuple[ListedUnit, ...] | None:
        with self._lock:
            listing = self._kept.get((day, last))
            if listing is not None:
                self._kept.move_to_end((day, last))
            return listing

    def _cache(self, day: date, last: int, listing: tuple[ListedUnit, ...]) -> None:
        with self._lock:
            self._kept[day, last] = listing
            self._kept.move_to_end((day, last))
            if len(self._kept) > LISTINGS_KEPT:
                self._kept.popitem(last=False)


def _sorted(territory: Territory, day: date) -> Iterator[ListedUnit]:
    states = sorted(
        territory.on(day).units(),
        key=lambda unit: (_LEVELS.index(unit.level), sort_key(unit.name), unit.unit_id),
    )
    for state in states:
        names = {each.name for each in territory.names(state.unit_id)} | {state.name}
        yield ListedUnit(state, findable(names))


def unit_as_json(state: UnitState) -> dict[str, object]:
    """Return a unit in the shape of the contract."""
    return {
        "unit_id": state.unit_id,
        "name": state.name,
        "level": state.level,
        "kind": state.kind,
        "parent_id": state.parent_id,
        "codes": [{"scheme": scheme, "code": code} for scheme, code in state.codes],
        "valid_from": state.valid_from.isoformat(),
        "valid_to": state.valid_to.isoformat() if state.valid_to else None,
    }
