"""The state of one registration as known at a position, and the figures in which it counts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, SmallInteger

from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.figures.measures import thousandths
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.types import TypeEngine

    from services.reporting.figures.delta_tables import Contribution
    from shared.readmodel.decoded_events import DecodedEvent

EXEMPLARY = "exemplary"
SUBJECT = "registration/"
DIMENSIONS = (
    "programme",
    "field_code",
    "block_code",
    "owner_kind",
    "registration_kind",
    "level",
    "tier",
    "classification",
)
_AMENDABLE = (
    "unit_id",
    "occurred_on",
    "registration_kind",
    "owner_kind",
    "owner_org_id",
    "level",
    "subject_form",
    "field_code",
    "block_code",
)

PARTS = {"objectives": 1, "criteria": 2, "outputs": 4, "linked_tasks": 8}
"""The parts of a registration of which only the presence is kept: a bit for each."""
_PROMISES = PARTS["objectives"] | PARTS["criteria"] | PARTS["outputs"]


@dataclass(slots=True)
class RegistrationRow:
    """One registration as known at a position; from `unit_id` on its fields are version columns.

    `parts` says which of `PARTS` it states, as bits.
    """

    thing: int
    entity_id: str
    model_id: str
    plan_year: int
    programme: str
    recorded: int
    from_position: int | None
    unit_id: str
    occurred_on: str
    registration_kind: str
    owner_kind: str
    owner_org_id: str | None
    level: str | None
    subject_form: str | None
    origin_kind: str | None
    field_code: str
    block_code: str
    eligible: bool | None = None
    tier: str | None = None
    recognized_level: str | None = None
    recognized_on: str | None = None
    decided_by_org_id: str | None = None
    decision_number: str | None = None
    revoked: bool = False
    declined_on: str | None = None
    evaluated_on: str | None = None
    classification: str | None = None
    evaluation_total: int | None = None
    session_id: str | None = None
    withdrawn: bool = False
    parts: int = 0
    forces: str = ""
    unknown_organization: bool = False
    contribution: Contribution | None = None

    def organizations(self) -> list[str]:
        """Return the organisations that it names; those in its documents are not included."""
        named = self.forces.split() if self.forces else []
        if self.owner_org_id:
            named.append(self.owner_org_id)
        if self.decided_by_org_id:
            named.append(self.decided_by_org_id)
        return named

    def bits(self) -> int:
        """Return the figures in which it counts, as bits (events.md, What is counted)."""
        bits = Bits.WITHDRAWN if self.withdrawn else self._standing_bits()
        if self.tier is not None:
            bits |= Bits.RECOGNIZED
            if self.tier == EXEMPLARY:
                bits |= Bits.EXEMPLARY
            if not self.eligible:
                bits |= Bits.RECOGNIZED_WITHOUT_ELIGIBLE
            if not self.decision_number:
                bits |= Bits.DECISION_WITHOUT_NUMBER
        if self.revoked:
            bits |= Bits.REVOKED
        if self.unknown_organization:
            bits |= Bits.UNKNOWN_ORGANIZATION
        return bits

    def _standing_bits(self) -> int:
        """Return the bits besides recognition of one that is not withdrawn."""
        bits = Bits.REGISTERED
        if self.eligible:
            bits |= Bits.ELIGIBLE
        if self.evaluated_on is not None:
            bits |= Bits.EVALUATED
        if self.declined_on is not None:
            bits |= Bits.DECLINED
        if self.parts & _PROMISES:
            bits |= Bits.PROMISED
        if self.parts & PARTS["linked_tasks"]:
            bits |= Bits.TASKED
        return bits

    def apply(self, fact: DecodedEvent) -> None:
        """Apply a later event of its stream."""
        data = fact.data
        match fact.name:
            case "ModelAmended":
                self._amend(data["changes"])
            case "RegistrationWithdrawn":
                self.withdrawn = True
            case "EligibilityAssessed":
                self.eligible = data["eligible"]
            case "ModelEvaluated":
                self._evaluate(data)
            case "RecognitionDeclined":
                self.declined_on = data["occurred_on"]
            case "ModelRecognized":
                self.tier = data["tier"]
                self.recognized_level = data["level"]
                self.recognized_on = data["occurred_on"]
                self.decided_by_org_id = data["decided_by_org_id"]
                self.decision_number = data["decision"].get("number")
                self.revoked = False
                self.declined_on = None
            case "RecognitionRevoked":
                self.tier = self.recognized_level = self.recognized_on = None
                self.decided_by_org_id = self.decision_number = None
                self.revoked = True
            case _:
                message = f"{fact.name} is not an event of a registration"
                raise ValueError(message)

    def _evaluate(self, data: Mapping[str, Any]) -> None:
        """Replace the evaluation: fields that the latest one leaves out become empty."""
        total = data.get("total")
        self.evaluated_on = data["occurred_on"]
        self.classification = data.get("classification")
        self.evaluation_total = None if total is None else thousandths(total)
        self.session_id = data.get("session_id")

    def _amend(self, changes: Mapping[str, Any]) -> None:
        for name in _AMENDABLE:
            if name in changes:
                setattr(self, name, changes[name])
        if "forces" in changes:
            self.forces = _forces(changes)
        if "origin" in changes:
            self.origin_kind = _origin_kind(changes)
        self.parts = _parts(changes, self.parts)


_NAMES = tuple(field.name for field in fields(RegistrationRow))
VERSIONED = _NAMES[_NAMES.index("unit_id") : _NAMES.index("contribution")]
dimensions = attrgetter(*DIMENSIONS)
COLUMN_TYPES: Mapping[str, type[TypeEngine[Any]]] = {
    **dict.fromkeys(("eligible", "revoked", "withdrawn", "unknown_organization"), Boolean),
    "evaluation_total": BigInteger,
    "parts": SmallInteger,
}
"""The types of the columns other than text; `evaluation_total` is in thousandths."""
OPTIONAL = {field.name for field in fields(RegistrationRow) if "None" in str(field.type)}


def registered(fact: DecodedEvent, entity: int) -> RegistrationRow:
    """Return the registration as first recorded."""
    data = fact.data
    stated = data.get
    # In the order of the fields: with their names it takes half as long again, for every event.
    return RegistrationRow(
        entity,
        data["registration_id"],
        data["model_id"],
        data["plan_year"],
        stated("programme") or DEFAULT_PROGRAMME,
        fact.position,
        None,
        data["unit_id"],
        data["occurred_on"],
        data["registration_kind"],
        data["owner_kind"],
        stated("owner_org_id"),
        stated("level"),
        stated("subject_form"),
        _origin_kind(data),
        data["field_code"],
        data["block_code"],
        parts=_parts(data, 0),
        forces=_forces(data),
    )


NAMING = {"ModelRegistered", "ModelAmended", "ModelRecognized"}
"""The events that may name organisations for their registration."""


def organizations_of(name: str, data: Mapping[str, Any]) -> list[str]:
    """Return the organisations that an event names for its registration."""
    if name == "ModelAmended":
        data = data["changes"]
    named = _organized(data)
    for field in ("owner_org_id", "decided_by_org_id"):
        org_id = data.get(field)
        if org_id:
            named.append(org_id)
    return named


def _origin_kind(data: Mapping[str, Any]) -> str | None:
    origin = data.get("origin")
    return origin.get("kind") if origin else None


def _parts(data: Mapping[str, Any], before: int) -> int:
    """Return the parts after an event states some of them; an empty one is none."""
    for name, bit in PARTS.items():
        if name in data:
            before = before | bit if data[name] else before & ~bit
    return before


def _forces(data: Mapping[str, Any]) -> str:
    return " ".join(_organized(data))


def _organized(data: Mapping[str, Any]) -> list[str]:
    """Return the organisations of the forces; a force may be named by its role alone."""
    forces = data.get("forces")
    return [force["org_id"] for force in forces if force.get("org_id")] if forces else []
