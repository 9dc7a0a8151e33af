"""Reads of the map and the taxonomies, as known at a position: places, lives and names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from shared.vocabulary import Dimension, TaxonomyKind
from shared.vocabulary.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.reporting.map_snapshots import Life, MapSnapshots
    from services.reporting.queries.as_of import AsOf

_NAMED_BY = {
    Dimension.FIELD: TaxonomyKind.FIELD,
    Dimension.BLOCK: TaxonomyKind.BLOCK,
    Dimension.TIER: TaxonomyKind.TIER,
    Dimension.AWARD_FORM: TaxonomyKind.AWARD_FORM,
}


class MapReads:
    """The units of a map and the names of codes."""

    def __init__(self, maps: MapSnapshots) -> None:
        self.maps = maps

    def unit_path(self, unit_id: str, as_of: AsOf, day: date) -> list[dict[str, Any]]:
        """Return the units from the country down to a unit: `{"unit_id", "name"}`, with kinds."""
        snapshot = self.maps.at(as_of.position)
        with snapshot.lock:
            path = snapshot.locate(unit_id, day).path
            return [{"unit_id": each, "name": snapshot.titled(each, day)} for each in path]

    def children(self, unit_id: str, as_of: AsOf, day: date) -> list[dict[str, Any]]:
        """Return the children of a unit on a day, in the order of a table by unit."""
        snapshot = self.maps.at(as_of.position)
        with snapshot.lock:
            return [
                {"unit_id": each, "name": snapshot.titled(each, day)}
                for each in sorted(
                    snapshot.territory.children(unit_id, day),
                    key=lambda each: (sort_key(snapshot.name(each, day) or ""), each),
                )
            ]

    def life(self, unit_id: str, as_of: AsOf, day: date) -> Life | None:
        """Return the life of a unit, with its place on a day; None for an unknown one."""
        snapshot = self.maps.at(as_of.position)
        with snapshot.lock:
            return snapshot.life(unit_id, day)

    def country(self, as_of: AsOf) -> str | None:
        """Return the country, which is opened only once."""
        snapshot = self.maps.at(as_of.position)
        with snapshot.lock:
            return snapshot.national()

    def called(
        self, units: Iterable[tuple[str, date]], as_of: AsOf
    ) -> dict[tuple[str, date], str | None]:
        """Return the names of units on a day (or their nearest day), with their kinds."""
        snapshot = self.maps.at(as_of.position)
        with snapshot.lock:
            return {(unit_id, day): snapshot.titled(unit_id, day) for unit_id, day in units}

    def names(
        self, dimension: Dimension, unit_id: str | None, plan_year: int, as_of: AsOf
    ) -> dict[str, str]:
        """Return the names of a dimension's codes in the taxonomy of a scope's tables."""
        kind = _NAMED_BY.get(dimension)
        snapshot = self.maps.at(as_of.position)
        with snapshot.lock:
            scope = unit_id or snapshot.national()
            if kind is None or scope is None:
                return {}
            day = date(plan_year, 12, 31)
            taxonomy = snapshot.taxonomies.in_force(kind, scope, day, snapshot.territory)
            # Tables without a taxonomy in force, and asserted figures, may have codes of other
            # taxonomies: their names come from any version that lists them.
            known = [v for v in snapshot.taxonomies.versions() if v.kind is kind]
            versions = [*known, *([taxonomy] if taxonomy else [])]
            return {code: entry.name for v in versions for code, entry in v.entries.items()}
