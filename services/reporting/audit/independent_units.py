"""The independent reading of the units that events write about, from the contract alone.

It keeps for each thing its unit as last stated, and uses only the standard library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.reporting.audit.independent_map import Data, MapReading

if TYPE_CHECKING:
    from collections.abc import Iterator

REGISTRY = (
    *("UnitOpened", "UnitRenamed", "UnitMoved", "UnitClosed", "UnitsReorganized"),
    *("OrganizationDefined", "OrganizationSucceeded", "TaxonomyPublished", "PlanIssued"),
    *("ModelRegistered", "ModelAmended", "RegistrationWithdrawn", "ModelDiscontinued"),
    *("ModelReplicated", "OutcomeReported", "TrustBegan", "PublisherAuthorized", "GrantEnded"),
    *("KeyAdded", "KeyRevoked", "AuthorityApproved"),
)
REPORTING = ("PeriodClosed", "PeriodReopened", "FigureAsserted")
_MAP = REGISTRY[:5]
_OF_MODEL = ("ModelRegistered", "ModelDiscontinued", "ModelReplicated")
CORRECTIONS = ("EventRetracted", "EventRedacted")
"""Events of the stream and the service of another one."""
_REPLACED = {
    "PlanIssued": "plan",
    "OutcomeReported": "outcome",
    "InspectionPlanned": "inspection",
    "InspectionConducted": "inspection",
    "ReviewSessionHeld": "session",
    "ExemplarCommended": "commendation",
    "FigureAsserted": "figure",
}
"""Statements that a later one of their stream replaces, and the kind of the stream."""


def name_of(event: Data) -> str:
    """Return the name of an event without `dvk.` and its version."""
    return str(event["type"]).split(".")[1]


def family_of(name: str) -> str:
    """Return the service of an event that is no retraction."""
    return "registry" if name in REGISTRY else "reporting" if name in REPORTING else "evaluation"


class UnitsReading:
    """The units of events; `take` folds an event after its units were asked."""

    def __init__(self) -> None:
        self.map = MapReading()
        self.events: dict[tuple[str, str], Data] = {}
        self._at: dict[int, Data] = {}
        self._map_events: list[Data] = []
        self._registrations: dict[str, str] = {}
        self._of_model: dict[str, list[str]] = {}
        self._awards: dict[str, str] = {}
        self._organizations: dict[str, list[Data]] = {}
        self._stated: dict[str, tuple[str, Data]] = {}

    def take(self, event: Data) -> None:
        """Fold an event, in the order of the log."""
        data, name = event["data"], name_of(event)
        self.events[event["source"], event["id"]] = self._at[int(event["sequence"])] = event
        changed = (data.get("changes") or {}).get("unit_id")
        match name:
            case "ModelRegistered":
                self._registrations[data["registration_id"]] = data["unit_id"]
                self._of_model.setdefault(data["model_id"], []).append(data["registration_id"])
            case "ModelAmended" if changed:
                self._registrations[data["registration_id"]] = changed
            case "AwardProposed" | "AwardGranted":
                self._awards[data["award_id"]] = data["unit_id"]
            case "AwardAmended" if changed:
                self._awards[data["award_id"]] = changed
            case "OrganizationDefined":
                self._organizations.setdefault(data["org_id"], []).append(event)
            case "EventRetracted":
                self._retract(self.corrected(event))
            case _ if name in _MAP:
                self._map_events.append(event)
                self.map.take(event)
        if name in _REPLACED:
            self._stated[event["subject"]] = (name, data)

    def corrected(self, event: Data) -> Data | None:
        """Return the event that a retraction takes back, or a redaction has other texts for."""
        if name_of(event) == "EventRedacted":
            return self._at.get(event["data"]["position"])
        key = event["data"]["retracts"]
        return self.events.get((key["source"], key["id"]))

    def _retract(self, event: Data | None) -> None:
        """Undo an event of the map or of an organisation; other things keep their units."""
        if event is not None and event in self._map_events:
            self._map_events.remove(event)
            self.map = MapReading()
            for each in self._map_events:
                self.map.take(each)
        for defined in self._organizations.values():
            if event in defined:
                defined.remove(event)

    def units(self, event: Data) -> set[str]:
        """Return the units that an event writes about, with those of what it changes."""
        data = event["data"]
        if name_of(event) not in CORRECTIONS:
            return set(self._units(name_of(event), event["subject"], data))
        units = {data["unit_id"]} if data.get("unit_id") else set()
        corrected = self.corrected(event)
        return units if corrected is None else units | self.units(corrected)

    def _units(self, name: str, subject: str, data: Data) -> Iterator[str]:
        if name in _MAP:
            yield from _of_the_map(name, data)
            return
        own = (data.get("unit_id"), data.get("jurisdiction_unit_id"))
        changed = (data.get("changes") or {}).get("unit_id")
        yield from (unit for unit in (*own, changed) if unit)
        if name == "InspectionPlanned":
            yield from data.get("unit_ids") or ()
        for registration in _registrations(name, data):
            yield self._registrations[registration]
        if name in _OF_MODEL and (name != "ModelReplicated" or not data.get("unit_id")):
            model = data.get("model_id") or data["source_model_id"]
            yield from (self._registrations[each] for each in self._of_model.get(model, ()))
        if name.startswith("Award") and data["award_id"] in self._awards:
            yield self._awards[data["award_id"]]
        if name in {"OrganizationDefined", "PlanIssued", "OrganizationSucceeded"}:
            organizations = [*(data.get("predecessors") or ()), data.get("successor")]
            for org_id in (*organizations, data.get("org_id")):
                if unit := self._unit_of(org_id):
                    yield unit
        if name in _REPLACED and subject in self._stated:
            yield from self._of_earlier(*self._stated[subject])

    def _of_earlier(self, name: str, data: Data) -> Iterator[str]:
        if data.get("unit_id"):
            yield data["unit_id"]
        if name == "InspectionPlanned":
            yield from data.get("unit_ids") or ()
        if name == "OutcomeReported" and data.get("registration_id"):
            yield self._registrations[data["registration_id"]]

    def _unit_of(self, org_id: str | None) -> str | None:
        defined = self._organizations.get(org_id or "")
        return defined[-1]["data"].get("unit_id") if defined else None

    def new_ids(self, event: Data) -> list[str]:
        """Return the ids that begin with an event."""
        name, data, subject = name_of(event), event["data"], event["subject"]
        match name:
            case "ModelRegistered":
                new = [] if data["model_id"] in self._of_model else [data["model_id"]]
                return [data["registration_id"], *new]
            case "AwardProposed" | "AwardGranted":
                return [] if data["award_id"] in self._awards else [data["award_id"]]
            case "OrganizationDefined":
                return [] if self._unit_of(data["org_id"]) else [data["org_id"]]
            case _ if name in _REPLACED and name != "PlanIssued" and subject not in self._stated:
                return [subject.partition("/")[2]]
        return []


def _of_the_map(name: str, data: Data) -> Iterator[str]:
    if name != "UnitsReorganized":
        if name != "UnitOpened":
            yield data["unit_id"]
        if data.get("parent_id"):
            yield data["parent_id"]
        return
    opened = {each["unit_id"] for each in data.get("opens") or ()}
    named = {*data["sources"], *([data["unit_id"]] if data.get("unit_id") else [])}
    for target in data["targets"]:
        named |= {target["unit_id"], *(part["unit_id"] for part in target["from"])}
    named |= {each["parent_id"] for each in data.get("opens") or () if each.get("parent_id")}
    yield from named - opened


def _registrations(name: str, data: Data) -> list[str]:
    """Return the existing registrations that an event writes about."""
    if name == "ModelRegistered":
        return []
    basis = data.get("basis") or (data.get("changes") or {}).get("basis") or {}
    conducted = data.get("registration_ids") if name == "InspectionConducted" else None
    one = [data["registration_id"]] if data.get("registration_id") else []
    return [*one, *(conducted or ()), *(basis.get("registration_ids") or ())]
