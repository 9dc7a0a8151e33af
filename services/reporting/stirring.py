"""Which units of a figure an event of the map can have moved: the others lie where they lay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.territory.resting import COUNTRY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from shared.territory import Territory


class Stirring:
    """Knows on what the places of some units rest, and on what that of the scope."""

    def __init__(
        self,
        territory: Territory,
        units: Mapping[str, Collection[date]],
        scope: tuple[str | None, Collection[date]],
    ) -> None:
        """Take a map, the units of a figure and its scope with the days on which they are asked.

        The scope None is the nation.
        """
        self._units = units
        self._scope = scope
        self._rest: dict[str, frozenset[str]] = {}
        self._on: dict[str, set[str]] = {}
        self._scope_rests_on = frozenset[str]()
        self.learn(territory, units)

    def moved(self, stirred: frozenset[str] | None) -> set[str]:
        """Return the units that may lie elsewhere behind a change; all if the scope may.

        What is stirred is None where taxonomies changed: then anything may be told otherwise.
        """
        if stirred is None or stirred & self._scope_rests_on:
            return set(self._rest)
        return set[str]().union(*(self._on[each] for each in stirred & self._on.keys()))

    def learn(self, territory: Territory, unit_ids: Iterable[str]) -> None:
        """Learn anew on what units rest, where the map has changed."""
        for unit_id in unit_ids:
            for each in self._rest.get(unit_id, ()):
                self._on[each].discard(unit_id)
            rest = self._rest[unit_id] = territory.rests_on(unit_id, self._units[unit_id])
            for each in rest:
                self._on.setdefault(each, set()).add(unit_id)
        stated, days = self._scope
        scope = territory.country_id() if stated is None else stated
        on = territory.rests_on(scope, days) if scope is not None else frozenset[str]()
        self._scope_rests_on = on | {COUNTRY}
