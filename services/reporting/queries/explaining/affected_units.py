"""The units of a figure that an event of the map can have moved; all others keep their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from shared.territory import Territory


class AffectedUnits:
    """Tracks the dependencies of the places of some units.

    A scope needs none of its own: the units in it depend on it as on every unit above.
    """

    def __init__(
        self,
        territory: Territory,
        units: Mapping[str, Collection[date]],
    ) -> None:
        """Use a map, and the units of a figure with the days of interest of each."""
        self._units = units
        self._dependencies: dict[str, frozenset[str]] = {}
        self._dependents: dict[str, set[str]] = {}
        self.refresh(territory, units)

    def by(self, touched: frozenset[str] | None) -> set[str]:
        """Return the units whose place may change with an event.

        `touched` is None where taxonomies changed: then any code may be classified differently.
        """
        if touched is None:
            return set(self._dependencies)
        return set[str]().union(
            *(self._dependents[each] for each in touched & self._dependents.keys())
        )

    def refresh(self, territory: Territory, unit_ids: Iterable[str]) -> None:
        """Recompute the dependencies of some units, after the map changed."""
        for unit_id in unit_ids:
            for each in self._dependencies.get(unit_id, ()):
                self._dependents[each].discard(unit_id)
            found = self._dependencies[unit_id] = territory.dependencies_of(
                unit_id, self._units[unit_id]
            )
            for each in found:
                self._dependents.setdefault(each, set()).add(unit_id)
