"""Which units of a figure an event of the map can have moved: the others lie where they lay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.territory.dependencies import COUNTRY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from shared.territory import Territory


class AffectedUnits:
    """Knows on what the places of some units depend, and on what that of the scope does."""

    def __init__(
        self,
        territory: Territory,
        units: Mapping[str, Collection[date]],
        scope: tuple[str | None, Collection[date]],
    ) -> None:
        """Take a map, the units of a figure and its scope, each with the days of interest.

        The scope None is the nation.
        """
        self._units = units
        self._scope = scope
        self._dependencies: dict[str, frozenset[str]] = {}
        self._dependents: dict[str, set[str]] = {}
        self._scope_dependencies = frozenset[str]()
        self.refresh(territory, units)

    def by(self, touched: frozenset[str] | None) -> set[str]:
        """Return the units that may lie elsewhere after an event; all of them if the scope may.

        `touched` is None where taxonomies changed: then anything may be classified otherwise.
        """
        if touched is None or touched & self._scope_dependencies:
            return set(self._dependencies)
        return set[str]().union(
            *(self._dependents[each] for each in touched & self._dependents.keys())
        )

    def refresh(self, territory: Territory, unit_ids: Iterable[str]) -> None:
        """Find the dependencies of some units and of the scope anew, after the map changed."""
        for unit_id in unit_ids:
            for each in self._dependencies.get(unit_id, ()):
                self._dependents[each].discard(unit_id)
            found = self._dependencies[unit_id] = territory.dependencies_of(
                unit_id, self._units[unit_id]
            )
            for each in found:
                self._dependents.setdefault(each, set()).add(unit_id)
        stated, days = self._scope
        scope = territory.country_id() if stated is None else stated
        found = territory.dependencies_of(scope, days) if scope is not None else frozenset[str]()
        self._scope_dependencies = found | {COUNTRY}
