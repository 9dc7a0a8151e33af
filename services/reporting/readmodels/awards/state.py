"""The state of one granted award as known at a position, and the figures in which it counts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from services.reporting.figures.measures import AwardBits as Bits
from services.reporting.readmodels.parts.programmes import named_registrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.reporting.figures.delta_tables import Contribution
    from shared.readmodel.decoded_events import DecodedEvent

SUBJECT = "award/"
DIMENSIONS = ("programme", "award_form", "recipient_kind")
PROPOSED = "AwardProposed"
GRANTED = "AwardGranted"
AMENDED = "AwardAmended"


@dataclass(slots=True)
class AwardRow:
    """One granted award as known at a position; from `plan_year` on its fields are version columns.

    `possible_duplicate`: another award in force that was granted earlier has the same recipient and
    form, and a registration in common.
    """

    thing: int
    entity_id: str
    recorded: int
    from_position: int | None
    plan_year: int
    programme: str
    stated_programme: str | None
    unit_id: str
    occurred_on: str
    award_form: str
    award_name: str | None
    grantor_org_id: str
    recipient_kind: str = ""
    recipient_org_id: str | None = None
    recipient_person_ref: str | None = None
    recipient_unit_id: str | None = None
    basis_kind: str = ""
    registration_ids: str = ""
    decision_number: str | None = None
    decision_signed_on: str | None = None
    presented: bool = False
    presented_on: str | None = None
    revoked: bool = False
    unknown_organization: bool = False
    possible_duplicate: bool = False
    contribution: Contribution | None = None

    def organizations(self) -> set[str]:
        """Return the organisations that it names; those in its documents are not included."""
        return {self.grantor_org_id, *((self.recipient_org_id,) if self.recipient_org_id else ())}

    def registrations(self) -> set[str]:
        """Return the registrations that it names."""
        return set(self.registration_ids.split())

    def recipient(self) -> tuple[str | None, ...] | None:
        """Return a key of the recipient, with the form, to compare awards by.

        A recipient of whom only the kind is stated has none.
        """
        who = (self.recipient_org_id, self.recipient_person_ref, self.recipient_unit_id)
        return (self.award_form, self.recipient_kind, *who) if any(who) else None

    def bits(self) -> int:
        """Return the figures in which it counts, as bits (events.md, What is counted)."""
        if self.revoked:
            return Bits.REVOKED
        bits = Bits.GRANTED
        if self.presented:
            bits |= Bits.PRESENTED
        if not self.decision_number:
            bits |= Bits.DECISION_WITHOUT_NUMBER
        if self.possible_duplicate:
            bits |= Bits.POSSIBLE_DUPLICATE_AWARD
        if self.unknown_organization:
            bits |= Bits.UNKNOWN_ORGANIZATION
        return bits

    def set(self, data: Mapping[str, Any]) -> None:
        """Set the fields that a grant or an amendment states."""
        for name in ("plan_year", "unit_id", "occurred_on", "award_form", "grantor_org_id"):
            if name in data:
                setattr(self, name, data[name])
        if "award_name" in data:
            self.award_name = data["award_name"]
        if "programme" in data:
            self.stated_programme = data["programme"]
        if "recipient" in data:
            recipient = data["recipient"]
            self.recipient_kind = recipient["kind"]
            self.recipient_org_id = recipient.get("org_id")
            self.recipient_person_ref = recipient.get("person_ref")
            self.recipient_unit_id = recipient.get("unit_id")
        if "basis" in data:
            self.basis_kind = data["basis"]["kind"]
            self.registration_ids = " ".join(named_registrations(data))
        if "decision" in data:
            self.decision_number = data["decision"].get("number")
            self.decision_signed_on = data["decision"].get("signed_on")

    def apply(self, fact: DecodedEvent) -> None:
        """Apply a later event of its stream."""
        match fact.name:
            case "AwardAmended":
                self.set(fact.data["changes"])
            case "AwardPresented":
                self.presented = True
                self.presented_on = fact.data["occurred_on"]
            case "AwardRevoked":
                self.revoked = True
            case _:
                message = f"{fact.name} is not an event of a granted award"
                raise ValueError(message)


_NAMES = tuple(field.name for field in fields(AwardRow))
VERSIONED = _NAMES[_NAMES.index("plan_year") : _NAMES.index("contribution")]
BOOLEANS = {"presented", "revoked", "unknown_organization", "possible_duplicate"}
REQUIRED = {"programme", "unit_id", "occurred_on", "award_form", "grantor_org_id", "basis_kind"}


def granted(fact: DecodedEvent, entity: int) -> AwardRow:
    """Return the award as granted."""
    data = fact.data
    award = AwardRow(
        thing=entity,
        entity_id=data["award_id"],
        recorded=fact.position,
        from_position=None,
        plan_year=data["plan_year"],
        programme="",
        stated_programme=None,
        unit_id=data["unit_id"],
        occurred_on=data["occurred_on"],
        award_form=data["award_form"],
        award_name=None,
        grantor_org_id=data["grantor_org_id"],
    )
    award.set(data)
    return award


def stated(fact: DecodedEvent) -> Mapping[str, Any]:
    """Return the fields that a grant or an amendment states, nothing for other events."""
    if fact.name == AMENDED:
        changes: Mapping[str, Any] = fact.data["changes"]
        return changes
    return fact.data if fact.name == GRANTED else {}


def organizations_of(fact: DecodedEvent) -> Iterator[str]:
    """Yield the organisations that an event names for its award."""
    data = stated(fact)
    if data.get("grantor_org_id"):
        yield data["grantor_org_id"]
    recipient = data.get("recipient") or {}
    if recipient.get("org_id"):
        yield recipient["org_id"]
