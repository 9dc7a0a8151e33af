"""The scope of a read: the nation, or an administrative unit that exists on the map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from shared.errors import NotFound, Problem, declare

if TYPE_CHECKING:
    from services.reporting.map_snapshots import MapSnapshot
    from shared.web.answers.as_of_parameters import MapChoice

UNKNOWN_UNIT = declare(
    "unknown_scope",
    404,
    vi="Sổ cái chưa biết đơn vị hành chính {unit_id}.",
    en="The ledger knows no administrative unit {unit_id}.",
)
UNIT_NOT_ON_MAP = declare(
    "unit_not_on_map",
    404,
    vi="Đơn vị {unit_id} không có trên bản đồ ngày {day}.",
    en="Unit {unit_id} does not exist on the map of {day}.",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """A unit and its name; both None before there is a country."""

    unit_id: str | None
    name: str | None

    def as_json(self) -> dict[str, object] | None:
        """Return the contract's `scope`."""
        return None if self.unit_id is None else {"unit_id": self.unit_id, "name": self.name}


def naming_day(map_: MapChoice, plan_year: int | None) -> date:
    """Return the day that decides the names shown: the map's, else the last of the year."""
    return map_.day or date(plan_year or 9999, 12, 31)


def national(map_: MapChoice, snapshot: MapSnapshot, named_on: date) -> Scope:
    """Return the country on the map, or an empty scope."""
    with snapshot.lock:
        country = snapshot.territory.country(map_.day) if map_.day else snapshot.national()
        return Scope(country, snapshot.name(country, named_on) if country else None)


def scope_of(unit_id: str, map_: MapChoice, snapshot: MapSnapshot, named_on: date) -> Scope:
    """Return a unit as a scope; one that does not exist on the map is 404.

    On the map `recorded` any unit ever opened is one.
    """
    with snapshot.lock:
        territory = snapshot.territory
        if not territory.known(unit_id):
            no_units: list[str] = []
            params = {"unit_id": unit_id, "preceded_by": no_units, "followed_by": no_units}
            raise NotFound(Problem(UNKNOWN_UNIT, params))
        if map_.day is not None and not territory.exists(unit_id, map_.day):
            params = {
                "unit_id": unit_id,
                "day": map_.day.isoformat(),
                "preceded_by": list(territory.preceded_by(unit_id)),
                "followed_by": list(territory.followed_by(unit_id)),
            }
            raise NotFound(Problem(UNIT_NOT_ON_MAP, params))
        return Scope(unit_id, snapshot.name(unit_id, named_on))
