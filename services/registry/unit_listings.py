"""The map of a day as a list: found by level, parent, code, or name with or without accents.

A listing holds for a day and the last unit event known, so a few of them serve every reader.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.eventlog.protocol import Reader
from shared.territory import Territory
from shared.territory.day_map import UnitState
from shared.vocabulary import AdministrativeLevel
from shared.vocabulary.vietnamese import plain, sort_key

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
_UNIT_STREAMS = ("unit/", "reorganization/")
_LEVELS = tuple(AdministrativeLevel)

CurrentTerritory = Callable[[], AbstractContextManager[Territory]]
"""Lends the territory at the head of the log; it must not be kept."""


class ListedUnit(NamedTuple):
    """A unit as it is on the day, and every name it ever bore, plain, as a search compares them."""

    state: UnitState
    searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """Which units are asked for; what is None does not matter."""

    level: AdministrativeLevel | None = None
    parent_id: str | None = None
    scheme: str | None = None
    code: str | None = None
    q: str | None = None

    def chooses(self, unit: ListedUnit) -> bool:
        """Say whether a unit is asked for."""
        state = unit.state
        return (
            self.level in (None, state.level)
            and self.parent_id in (None, state.parent_id)
            and self._bears_code(state)
            and self._bears_name(unit)
        )

    def _bears_code(self, state: UnitState) -> bool:
        if self.scheme is None and self.code is None:
            return True
        return any(
            self.scheme in (None, borne.scheme) and self.code in (None, borne.code)
            for borne in state.codes
        )

    def _bears_name(self, unit: ListedUnit) -> bool:
        if self.q is None:
            return True
        wanted = _spaced(self.q)
        return any(wanted in name for name in unit.searched)


class UnitListings:
    """Lists the units of any day, as known at any position."""

    def __init__(self, log: Reader, current: CurrentTerritory) -> None:
        self._log = log
        self._current = current
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[date, int], tuple[ListedUnit, ...]] = OrderedDict()
        self._last_known: dict[int, int] = {}

    def on(self, day: date, position: int) -> tuple[ListedUnit, ...]:
        """Return the units that exist on a day by the events up to a position.

        The country first, then provinces, districts and communes, each in the order of the
        Vietnamese alphabet.
        """
        with self._lock:
            remembered = self._remembered(day, position)
            return self._listed(day, position) if remembered is None else remembered

    def _remembered(self, day: date, position: int) -> tuple[ListedUnit, ...] | None:
        last = self._last_known.get(position)
        return None if last is None else self._kept.get((day, last))

    def _listed(self, day: date, position: int) -> tuple[ListedUnit, ...]:
        territory = self._territory(position)
        if len(self._last_known) > 1_000:
            self._last_known.clear()
        self._last_known[position] = territory.last_position
        key = (day, territory.last_position)
        listing = self._kept.get(key)
        if listing is None:
            listing = self._kept[key] = tuple(_sorted(territory, day))
            if len(self._kept) > LISTINGS_KEPT:
                self._kept.popitem(last=False)
        return listing

    def _territory(self, position: int) -> Territory:
        """Return the map's history as known at a position, of our own."""
        with self._current() as current:
            if current.last_position <= position:
                return current.copy()
        past = Territory()
        events = self._log.under(*_UNIT_STREAMS)
        past.fold(event for event in events if event.position <= position)
        return past


def _sorted(territory: Territory, day: date) -> Iterator[ListedUnit]:
    states = sorted(
        territory.on(day).units(),
        key=lambda unit: (_LEVELS.index(unit.level), sort_key(unit.name), unit.unit_id),
    )
    for state in states:
        names = {borne.name for borne in territory.names(state.unit_id)} | {state.name}
        yield ListedUnit(state, tuple(sorted(_spaced(name) for name in names)))


def _spaced(name: str) -> str:
    return " ".join(plain(name).split())


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
