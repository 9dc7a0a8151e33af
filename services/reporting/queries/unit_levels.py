"""The levels of units on the map as known at a position, and the unit that each is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from services.reporting.map_snapshots import MapSnapshots
    from services.reporting.queries.as_of import AsOf
    from shared.vocabulary import AdministrativeLevel


class UnitLevels:
    """Answers questions about levels from the snapshots of the map."""

    def __init__(self, maps: MapSnapshots) -> None:
        self._maps = maps

    def of(
        self, units: Iterable[str], as_of: AsOf, day: date
    ) -> dict[str, AdministrativeLevel | None]:
        """Return the level of each unit on a day, None for an unknown one."""
        snapshot = self._maps.at(as_of.position)
        with snapshot.lock:
            return {each: snapshot.level(each, day) for each in units}

    def below(self, unit_id: str | None, as_of: AsOf, day: date) -> list[str]:
        """Return the levels that units below a unit (None: the nation) have on a day, in order."""
        snapshot = self._maps.at(as_of.position)
        with snapshot.lock:
            return snapshot.levels_below(unit_id or snapshot.national(), day)

    def parents(
        self, units: Iterable[str], as_of: AsOf, day: date
    ) -> dict[str, dict[str, Any] | None]:
        """Return the unit that each of these is directly in on a day: `{"unit_id", "name"}`."""
        snapshot = self._maps.at(as_of.position)
        with snapshot.lock:
            above = {each: snapshot.territory.parent(each, day) for each in units}
            return {
                each: {"unit_id": parent, "name": snapshot.titled(parent, day)} if parent else None
                for each, parent in above.items()
            }
