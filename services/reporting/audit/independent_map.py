"""The independent reading of the map and taxonomies: the places of units, the mapping of codes.

Written from the contract ("Units", "Taxonomies") for `independent_reading`, under the same rule:
it shares no line with the read models and imports only the standard library.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

Data = Mapping[str, Any]
"""The `data` of an event, or a whole event, as decoded from JSON."""

ONE_DAY = timedelta(days=1)


def day_of(data: Data) -> date:
    """Return the day on which an event occurred."""
    return date.fromisoformat(data["occurred_on"])


class MapReading:
    """The history of the map: the place of each unit on a day, by the rules under "Units"."""

    def __init__(self) -> None:
        self.opened: dict[str, date] = {}
        self.ended: dict[str, date] = {}
        self.sources: dict[str, list[str]] = {}
        self.targets: dict[str, list[str]] = {}
        self.days: set[date] = set()
        self._countries: list[str] = []
        self._stated: dict[str, list[tuple[date, str | None]]] = {}
        self._gave_a_part: dict[str, date] = {}
        self._lies: dict[tuple[str, date], frozenset[str]] = {}
        self._parents: dict[tuple[str, date], str | None] = {}
        self._children: dict[date, dict[str | None, list[str]]] = {}

    def take(self, event: Data) -> None:
        """Fold an event if it is one of units; events come in log order."""
        data = event["data"]
        match event["type"]:
            case "dvk.UnitOpened.v1":
                self._open(data, day_of(data), ())
            case "dvk.UnitMoved.v1":
                self._state_parent(data["unit_id"], data["parent_id"], day_of(data))
            case "dvk.UnitClosed.v1":
                self.ended[data["unit_id"]] = day_of(data)
            case "dvk.UnitsReorganized.v1":
                self._reorganize(data, day_of(data))
            case "dvk.UnitRenamed.v1":
                pass
            case _:
                return
        self.days.add(day_of(data))
        for answers in (self._lies, self._parents, self._children):
            answers.clear()

    def _open(self, data: Data, day: date, sources: Iterable[str]) -> None:
        unit = data["unit_id"]
        self.opened[unit] = day
        self.sources[unit] = [source for source in sources if source != unit]
        self._state_parent(unit, data["parent_id"], day)
        if data["level"] == "country":
            self._countries.append(unit)

    def _state_parent(self, unit: str, parent: str | None, day: date) -> None:
        """Store a parent by day, then log order: a stable sort keeps the order of equal days."""
        self._stated.setdefault(unit, []).append((day, parent))
        self._stated[unit].sort(key=lambda stated: stated[0])

    def _reorganize(self, data: Data, day: date) -> None:
        """End a source that is not also a target; one that is continues, perhaps without a part."""
        made_of = {
            target["unit_id"]: [part["unit_id"] for part in target["from"]]
            for target in data["targets"]
        }
        for opened in data.get("opens") or ():
            self._open(opened, day, made_of.get(opened["unit_id"], ()))
        for source in data["sources"]:
            others = [to for to, parts in made_of.items() if source in parts and to != source]
            if source not in made_of:
                self.ended[source] = day
                self.targets[source] = others
            elif others:
                self._gave_a_part[source] = min(day, self._gave_a_part.get(source, day))

    def country(self, day: date | None) -> str | None:
        """Return the country of a day; without a day the first one opened."""
        there = (unit for unit in self._countries if day is None or self.exists(unit, day))
        return next(there, None)

    def exists(self, unit: str, day: date) -> bool:
        """Say whether the day is between its opening and the day before its end."""
        return self._has_opened(unit, day) and not self._has_ended(unit, day)

    def _has_opened(self, unit: str, day: date) -> bool:
        return unit in self.opened and self.opened[unit] <= day

    def _has_ended(self, unit: str, day: date) -> bool:
        return unit in self.ended and self.ended[unit] <= day

    def parent(self, unit: str, day: date) -> str | None:
        """Return the latest parent stated by the day, or the unit that has replaced it by then."""
        if (unit, day) not in self._parents:
            stated = [parent for on, parent in self._stated.get(unit, ()) if on <= day]
            self._parents[unit, day] = self._successor_of(stated[-1], day) if stated else None
        return self._parents[unit, day]

    def _successor_of(self, unit: str | None, day: date) -> str | None:
        """Replace an ended unit by its one successor, else by its own parent, and so on."""
        if unit is None or not self._has_ended(unit, day):
            return unit
        successors = self.targets.get(unit, ())
        if len(successors) == 1:
            return self._successor_of(successors[0], day)
        return self.parent(unit, day)

    def children(self, unit: str, day: date) -> list[str]:
        """Return the children of a unit on a day."""
        if day not in self._children:
            of_the_day: dict[str | None, list[str]] = {}
            for child in self.opened:
                if self.exists(child, day):
                    of_the_day.setdefault(self.parent(child, day), []).append(child)
            self._children[day] = of_the_day
        return self._children[day].get(unit, [])

    def path(self, unit: str, day: date) -> list[str]:
        """Return the unit, its parent, and so on; before its opening the parent it opens with."""
        if self._has_opened(unit, day):
            above = self.parent(unit, day)
        else:
            above = self._stated[unit][0][1] if unit in self.opened else None
        return [unit, *([] if above is None else self.path(above, day))]

    def lies(self, unit: str, day: date) -> frozenset[str]:
        """Return the units of the day that cover a unit; none before there is a country."""
        if (unit, day) not in self._lies:
            self._lies[unit, day] = self._where(unit, day)
        return self._lies[unit, day]

    def _where(self, unit: str, day: date) -> frozenset[str]:
        if self.exists(unit, day):
            return frozenset([unit])
        if unit not in self.opened:
            return frozenset()
        if not self._has_opened(unit, day):
            at_opening = self._stated[unit][0][1]
            return self._all_lie(self.sources[unit] or filter(None, [at_opening]), day)
        if unit in self.targets:
            return self._all_lie(self.targets[unit], day)
        if children := self.children(unit, self.ended[unit] - ONE_DAY):
            return self._all_lie(children, day)
        parent = self.parent(unit, day)
        return frozenset() if parent is None else frozenset([parent])

    def _all_lie(self, units: Iterable[str], day: date) -> frozenset[str]:
        return frozenset().union(*(self.lies(unit, day) for unit in units))

    def place(self, unit: str, day: date) -> tuple[str | None, bool]:
        """Return the unit where it counts, and whether that is the common ancestor of several."""
        lies = sorted(self.lies(unit, day))
        if len(lies) < 2:
            return (lies[0] if lies else None), False
        paths = [self.path(each, day) for each in lies]
        common = (above for above in paths[0] if all(above in path for path in paths))
        return next(common, None), True

    def has_given_a_part(self, unit: str, day: date) -> bool:
        """Say whether the unit had by that day given away a part of itself and continued."""
        return unit in self._gave_a_part and self._gave_a_part[unit] <= day


class Version(NamedTuple):
    """A published version of a taxonomy."""

    jurisdiction: str
    valid_from: date
    valid_to: date | None
    crosswalks: Mapping[str, Mapping[str, str | None]]
    names: frozenset[str]

    def is_valid(self, day: date) -> bool:
        """Say whether the version is valid on a day; its end is exclusive, like that of a unit."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def knows(self, word: str) -> bool:
        """Say whether the word is one of its codes, or one of its names in any case."""
        return word in self.crosswalks or word.casefold() in self.names


class TaxonomyReading:
    """The taxonomies in force, and the mapping of codes between jurisdictions."""

    def __init__(self, units: MapReading) -> None:
        self._units = units
        self._published: dict[tuple[str, str], list[Version]] = {}
        self._cached: dict[tuple[str, str, date], Version | None] = {}

    def take(self, event: Data) -> None:
        """Fold an event if it publishes a taxonomy; events come in log order."""
        if event["type"] != "dvk.TaxonomyPublished.v1":
            return
        data = event["data"]
        version = Version(
            data["jurisdiction_unit_id"],
            date.fromisoformat(data["valid_from"]),
            date.fromisoformat(data["valid_to"]) if data.get("valid_to") else None,
            {entry["code"]: entry.get("crosswalk") or {} for entry in data["entries"]},
            frozenset(entry["name"].casefold() for entry in data["entries"]),
        )
        self._published.setdefault((data["taxonomy"], version.jurisdiction), []).append(version)

    def in_force(self, taxonomy: str, unit: str, day: date) -> Version | None:
        """Return the version of the nearest jurisdiction on the unit's chain, the latest first."""
        key = (taxonomy, unit, day)
        if key not in self._cached:
            self._cached[key] = next(self._valid(taxonomy, unit, day), None)
        return self._cached[key]

    def _valid(self, taxonomy: str, unit: str, day: date) -> Iterator[Version]:
        for jurisdiction in self._units.path(unit, day):
            for version in reversed(self._published.get((taxonomy, jurisdiction), ())):
                if version.is_valid(day):
                    yield version

    def carried(self, code: str | None, own: Version | None, target: Version | None) -> str | None:
        """Return the code mapped to the table's taxonomy, null where there is none."""
        if code is None or target is None:
            return code
        if own is None:
            return code if code in target.crosswalks else None
        if own.jurisdiction == target.jurisdiction:
            return code
        return own.crosswalks.get(code, {}).get(target.jurisdiction)
