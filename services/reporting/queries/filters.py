"""The common part of all lists: filters, a cursor, and one page as known at a position."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from services.reporting.figures.grouping_by_map import Breakdown, row_of
from services.reporting.queries.scope import naming_day, national, scope_of
from shared.errors import LedgerError, Problem
from shared.web.answers.as_of_parameters import MapChoice
from shared.web.answers.pagination import INVALID_CURSOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.map_snapshots import MapSnapshot, MapSnapshots
    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.scope import Scope
    from shared.web.answers.pagination import Page

Item = dict[str, Any]
UNIT = "unit"


@dataclass(frozen=True)
class Filters:
    """The filters of a list; a dimension with the value None selects rows without one."""

    unit_id: str | None
    plan_year: int | None
    programme: str | None
    map: MapChoice
    dimensions: Mapping[str, str | bool | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ListQuery:
    """The query of one list: its filters on the map as known at a position."""

    filters: Filters
    as_of: AsOf
    page: Page
    snapshot: MapSnapshot
    scope: Scope

    @classmethod
    def of(cls, filters: Filters, as_of: AsOf, page: Page, maps: MapSnapshots) -> ListQuery:
        """Resolve the scope; one that is not on the map is 404."""
        return cls.on(filters, as_of, page, maps.at(as_of.position))

    @classmethod
    def on(cls, filters: Filters, as_of: AsOf, page: Page, snapshot: MapSnapshot) -> ListQuery:
        """Resolve the scope on the map of a snapshot."""
        named_on = naming_day(filters.map, filters.plan_year)
        if filters.unit_id is None:
            scope = national(filters.map, snapshot, named_on)
        else:
            scope = scope_of(filters.unit_id, filters.map, snapshot, named_on)
        return cls(filters, as_of, page, snapshot, scope)

    @property
    def position(self) -> int:
        """Return the position of the list."""
        return self.as_of.position

    def view(self, plan_year: int) -> Breakdown:
        """Return the breakdown of a year that matches the filters."""
        return Breakdown(
            snapshot=self.snapshot,
            day=self.filters.map.day,
            scope=self.scope.unit_id,
            programme=self.filters.programme,
            plan_year=plan_year,
            by=tuple(sorted(self.filters.dimensions)),
        )

    def accepts(self, label: tuple[Any, ...]) -> bool:
        """Say whether a group of that breakdown passes the filters."""
        wanted = self.filters.dimensions
        return label == tuple(wanted[each] for each in sorted(wanted))

    def is_inside(self, unit_id: str, own_day: str) -> bool:
        """Say whether an entity recorded at a unit on a day is in the scope (and the row)."""
        if self.scope.unit_id is None:
            return False
        with self.snapshot.lock:
            day = self.filters.map.day or date.fromisoformat(own_day)
            located = self.snapshot.locate(unit_id, day)
        if self.scope.unit_id not in located.path:
            return False
        if UNIT not in self.filters.dimensions:
            return True
        row = row_of(located.path, self.scope.unit_id, allocated=located.allocated)
        return row == self.filters.dimensions[UNIT]

    def unit_name(self, unit_id: str, own_day: str) -> str | None:
        """Return the name of a unit on the day of an entity recorded there."""
        with self.snapshot.lock:
            return self.snapshot.name(unit_id, date.fromisoformat(own_day))

    def place(self, **members: object) -> dict[str, object]:
        """Return the content of a cursor, which pins the position and the day of the map."""
        day = self.filters.map.day
        return {"at": self.position, "day": day.isoformat() if day else "", **members}


def pinned(chosen: MapChoice, page: Page) -> MapChoice:
    """Return the map that a cursor was issued for: the current day may have changed since."""
    day = page.after("day", "")
    if not day:
        return chosen
    try:
        return MapChoice(chosen.stated, date.fromisoformat(day))
    except ValueError:
        raise LedgerError(Problem(INVALID_CURSOR)) from None
