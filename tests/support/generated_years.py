"""Generated years counted apart: plain sums over the lines of the file, read as the contract says."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Registration:
    """One registration after all of its events."""

    data: dict[str, Any]
    withdrawn: bool = False
    recognized: bool = False


@dataclass
class GeneratedYears:
    """The registrations, awards, organisations and units of a generated file on the map of today."""

    registrations: dict[str, Registration] = field(default_factory=dict)
    awards: list[dict[str, Any]] = field(default_factory=list)
    organizations: dict[str, str] = field(default_factory=dict)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    targets: dict[str, list[str]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, file: Path) -> "GeneratedYears":
        """Read a file; some events of a registration are in it before the registration."""
        years = cls()
        with file.open(encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
        named = [(event["type"].split(".")[1], event["data"]) for event in events]
        for name, data in sorted(named, key=lambda each: each[0] != "ModelRegistered"):
            years._take(name, data)
        return years

    def _take(self, name: str, data: dict[str, Any]) -> None:
        match name:
            case "ModelRegistered":
                self.registrations[data["registration_id"]] = Registration(data)
            case "RegistrationWithdrawn":
                self.registrations[data["registration_id"]].withdrawn = True
            case "ModelRecognized":
                self.registrations[data["registration_id"]].recognized = True
            case "RecognitionRevoked":
                self.registrations[data["registration_id"]].recognized = False
            case "ModelAmended":
                assert not {"unit_id", "owner_org_id"} & set(data["changes"])
            case "AwardGranted":
                self.awards.append(data)
            case "OrganizationDefined":
                self.organizations[data["org_id"]] = data["name"]
            case "UnitOpened":
                self.units[data["unit_id"]] = data
            case "UnitsReorganized":
                self.units.update({each["unit_id"]: each for each in data.get("opens", ())})
                for target in data["targets"]:
                    for part in target["from"]:
                        self.targets.setdefault(part["unit_id"], []).append(target["unit_id"])
            case "UnitClosed":
                self.closed.add(data["unit_id"])

    def registered(self, year: int) -> Iterator[Registration]:
        """Yield the registrations of a year that were not withdrawn."""
        for each in self.registrations.values():
            if each.data["plan_year"] == year and not each.withdrawn:
                yield each

    def by_province(self, year: int, *, recognized: bool = False) -> Counter[str]:
        """Return the number of registrations (recognised ones) of each province of today."""
        return Counter(
            self.province(each.data["unit_id"])
            for each in self.registered(year)
            if each.recognized or not recognized
        )

    def province(self, unit_id: str) -> str:
        """Return the province of today of a unit: up to the province of its day, then its target."""
        while self.units[unit_id]["level"] != "province":
            unit_id = self.units[unit_id]["parent_id"]
        (target,) = self.targets.get(unit_id, [unit_id])
        return target

    def communes(self, province: str) -> set[str]:
        """Return the communes of a province of today."""
        ended = {u for u, into in self.targets.items() if u not in into} | self.closed
        return {
            unit_id
            for unit_id, data in self.units.items()
            if data["level"] == "commune" and unit_id not in ended
            and self.province(unit_id) == province
        }  # fmt: skip

    def speaking(self, year: int) -> set[str]:
        """Return the communes of today with registrations; those of a divided one have no place."""
        found = set()
        for each in self.registered(year):
            unit_id = each.data["unit_id"]
            targets = self.targets.get(unit_id, [unit_id])
            if len(targets) == 1:
                found.add(targets[0])
        return found

    def name(self, unit_id: str) -> str:
        """Return the name of a unit with its kind."""
        data = self.units[unit_id]
        kind, name = data["kind"], data["name"]
        if name.lower().startswith(kind):  # some names of a community data set have it already
            return str(name)
        return f"{kind[:1].upper()}{kind[1:]} {name}"
