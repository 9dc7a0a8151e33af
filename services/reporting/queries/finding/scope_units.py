"""The units whose facts count in a scope: those below it on the map, and what became of these."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from services.reporting.queries.filters import ListQuery

_KEPT = 32


class ScopeUnits:
    """A cache of the units of scopes, by the map as known at a position."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._units: OrderedDict[tuple[int, str, date | None], frozenset[str]] = OrderedDict()

    def of(self, list_query: ListQuery) -> frozenset[str] | None:
        """Return the units of a scope, None if it is not limited to a unit.

        On the map of a day a unit ever opened belongs to the scope in which its figures are on that
        day. On the map `recorded` it belongs to every unit that it was ever below.
        """
        scope, day = list_query.filters.unit_id, list_query.filters.map.day
        snapshot = list_query.snapshot
        if scope is None:
            return None
        key = (snapshot.key[0], scope, day)
        with self._lock:
            if key in self._units:
                self._units.move_to_end(key)
                return self._units[key]
        with snapshot.lock:
            territory = snapshot.territory
            if scope == snapshot.national():
                return None
            if day is None:
                units = territory.ever_within(scope)
            else:
                units = frozenset(
                    each for each in territory.ever() if scope in snapshot.locate(each, day).path
                )
        with self._lock:
            self._units[key] = units
            while len(self._units) > _KEPT:
                self._units.popitem(last=False)
        return units
