"""The map of a synthetic history: invented, or read from a file of unit events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256

import orjson

from services.console.datasets.nation import country_event
from services.console.datasets.nation.lineage import COUNTRY
from services.console.datasets.synthetic.event_writer import EventWriter, dumped
from shared.events.acceptance.encodings import IS_OTHER, other_encoding, without_mark
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import NO_CHAIN, EventKey
from shared.events.recorded import RecordedEvent
from shared.territory.day_map import DayMap, UnitState
from shared.territory.territory import Territory
from shared.vocabulary import AdministrativeLevel

_PROVINCES, _COMMUNES = 6, 20


@dataclass(frozen=True)
class SyntheticTerritory:
    """The places of units on any day; `lines` are the unit events, as they will be published."""

    lines: tuple[bytes, ...]
    country: str
    territory: Territory
    _homes: dict[tuple[str, int], str] = field(default_factory=dict)
    _places: dict[tuple[date, date], list[UnitState]] = field(default_factory=dict)

    @cached_property
    def _lowest(self) -> AdministrativeLevel:
        opened = (orjson.loads(line)["data"] for line in self.lines)
        levels = {
            unit["level"]
            for data in opened
            for unit in (data, *data.get("opens", ()))
            if "level" in unit
        }
        return [level for level in AdministrativeLevel if level in levels][-1]

    def on(self, day: date) -> DayMap:
        """Return the map of a day."""
        return self.territory.on(day)

    def places(self, first: date, last: date) -> list[UnitState]:
        """Return the units of the lowest level that exist from one day to another."""
        known = self._places.get((first, last))
        if known is None:
            until = self.on(last)
            known = self._places[first, last] = [
                unit
                for unit in self.on(first).units()
                if unit.level is self._lowest and until.exists(unit.unit_id)
            ]
        return known

    def provinces(self, day: date) -> list[UnitState]:
        """Return the provinces of a day."""
        return [u for u in self.on(day).units() if u.level is AdministrativeLevel.PROVINCE]

    def province_of(self, unit_id: str, day: date) -> str:
        """Return the province above a unit on a day, the country where there is none."""
        day_map = self.on(day)
        path = day_map.path(day_map.place(unit_id).unit_id or self.country)
        return path[1] if len(path) > 1 else path[0]

    def home(self, unit_id: str, first: date, last: date) -> str:
        """Return the unit in which a model continues whose unit may have ended since."""
        key = (unit_id, first.year)
        if key not in self._homes:
            until = self.on(last)
            candidates = (unit for unit in self.on(first).lies(unit_id) if until.exists(unit))
            self._homes[key] = next(candidates, self.country)
        return self._homes[key]


def invented_territory(writer: EventWriter) -> SyntheticTerritory:
    """Return a small country of invented provinces and communes.

    The country itself is the one that the sample opens, by the same event.
    """
    lines = [dumped(country_event())]
    for province in range(1, _PROVINCES + 1):
        upper = f"syn-{province:02d}"
        lines.append(_opened(writer, upper, f"Tỉnh tổng hợp {province:02d}", "province", COUNTRY))
        for commune in range(1, _COMMUNES + 1):
            name = f"Xã tổng hợp {province:02d}.{commune:02d}"
            lines.append(_opened(writer, f"{upper}-{commune:03d}", name, "commune", upper))
    return _folded(lines)


def read_territory(lines: Iterable[bytes]) -> SyntheticTerritory:
    """Return the map in a file of unit events; any other line is an error."""
    read = list(lines)
    if read and (name := other_encoding(read[0])) is not None:
        raise ValueError(f"line 1 of the map {IS_OTHER.format(name=name)}")
    stripped = (without_mark(line).strip() for line in read)
    return _folded([line for line in stripped if line])


def _opened(writer: EventWriter, unit_id: str, name: str, level: str, parent_id: str) -> bytes:
    return writer.event(
        "UnitOpened",
        f"unit-{unit_id}",
        f"unit/{unit_id}",
        "2004-01-01",
        {
            "occurred_on": "2004-01-01",
            "unit_id": unit_id,
            "name": name,
            "level": level,
            "parent_id": parent_id,
            "codes": [],
            "kind": "tỉnh" if level == "province" else "xã",
        },
    )


def _folded(lines: list[bytes]) -> SyntheticTerritory:
    territory = Territory()
    territory.fold(_recorded(lines))
    for day in (date(2004, 1, 1), date.max):
        if country := territory.country(day):
            return SyntheticTerritory(tuple(lines), country, territory)
    raise ValueError("no event of the map opens a country")


def _recorded(lines: list[bytes]) -> Iterator[RecordedEvent]:
    for position, line in enumerate(lines, start=1):
        try:
            event = orjson.loads(line)
            key, kind, subject = (event["source"], event["id"]), event["type"], event["subject"]
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"line {position} of the map is no event") from None
        if kind not in CATALOGUE or not str(subject).startswith(("unit/", "reorganization/")):
            raise ValueError(f"line {position} of the map is no event of a unit")
        yield RecordedEvent(
            position=position,
            key=EventKey(*key),
            type=kind,
            subject=subject,
            recorded_us=position,
            digest=sha256(line).digest(),
            chain=NO_CHAIN,
            body=line,
        )
