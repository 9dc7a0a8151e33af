"""Organisations in the independent reading: those defined, and those of a known kind."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from services.reporting.audit.independent_map import Data, MapReading, TaxonomyReading, day_of

UNKNOWN_KIND = "unknown_organization_kind"


class OrganizationReading:
    """The organisations as last defined."""

    def __init__(self, units: MapReading, taxonomies: TaxonomyReading) -> None:
        self._units = units
        self._taxonomies = taxonomies
        self._defined: dict[str, Data] = {}

    def take(self, event: Data) -> None:
        """Fold an event if it defines an organisation; the next definition replaces it."""
        if event["type"] == "dvk.OrganizationDefined.v1":
            self._defined[event["data"]["org_id"]] = event["data"]

    def any_unknown(self, organizations: Iterable[str | None]) -> bool:
        """Say whether any of these is not defined."""
        return any(org and org not in self._defined for org in organizations)

    def of_unknown_kind(
        self, scope: str | None, day: date | None, cell: Mapping[str, str | None] | None = None
    ) -> list[str]:
        """Return the organisations under a scope whose kind their jurisdiction does not know.

        They belong to no year. `day` is that of the map, None for their own; `cell` may select a
        row by unit.
        """
        found = (
            f"organization/{org_id}"
            for org_id, data in self._defined.items()
            if not self._knows(data)
            for row in self._rows(data, scope, day)
            if not cell or cell == {"unit": row}
        )
        return sorted(found)

    def _rows(self, data: Data, scope: str | None, day: date | None) -> Iterator[str | None]:
        """Yield the row of an organisation in a scope's table by unit, if it is under the scope."""
        on = day or day_of(data)
        place, carried = self._units.place(data["unit_id"], on)
        row = None if carried else place
        for unit in [] if place is None else self._units.path(place, on):
            if unit == scope:
                yield row
            row = unit

    def _knows(self, data: Data) -> bool:
        """Check the taxonomy in force for its unit on its day; without one any kind is valid."""
        version = self._taxonomies.in_force("organization_kind", data["unit_id"], day_of(data))
        return version is None or version.knows(data["kind"])
