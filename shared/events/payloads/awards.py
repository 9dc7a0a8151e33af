"""Payloads of awards, which are separate from models."""

from typing import ClassVar

from shared.events.payloads.payload import (
    Amount,
    Changes,
    Code,
    Day,
    Document,
    FreeTitle,
    Id,
    Interval,
    Origin,
    Part,
    Payload,
    PlanYear,
    Reason,
    Text,
)
from shared.vocabulary import AwardBasisKind, OwnerKind, Precision


class Recipient(Part):
    """The recipient: an organisation, or a person or household by an opaque reference."""

    kind: OwnerKind
    org_id: Id | None = None
    person_ref: Id | None = None
    unit_id: Id | None = None


class AwardBasis(Part):
    """The basis of an award."""

    kind: AwardBasisKind
    registration_ids: list[Id] | None = None
    contest_id: Id | None = None
    interval: Interval | None = None


class _OfAward(Payload):
    STREAM: ClassVar = "award/{award_id}"
    award_id: Id


class AwardProposed(_OfAward):
    """An award is proposed."""

    NAME: ClassVar = "AwardProposed"
    award_form: Code
    recipient: Recipient
    unit_id: Id
    plan_year: PlanYear
    grantor_org_id: Id | None = None
    basis: AwardBasis | None = None

    def unit_ids(self) -> frozenset[str]:
        """Return the unit of the award and that of the recipient."""
        return super().unit_ids() | _unit_of(self.recipient)


class AwardDeclined(_OfAward):
    """A proposal is declined."""

    NAME: ClassVar = "AwardDeclined"
    reason: Reason


class AwardGranted(_OfAward):
    """An award is granted by a decision."""

    NAME: ClassVar = "AwardGranted"
    PAPERS: ClassVar = ("decision",)
    award_form: Code
    award_name: FreeTitle | None = None
    grantor_org_id: Id
    grantor_role: FreeTitle | None = None
    unit_id: Id
    plan_year: PlanYear
    recipient: Recipient
    basis: AwardBasis
    decision: Document
    money_vnd: Amount | None = None

    def unit_ids(self) -> frozenset[str]:
        """Return the unit of the award and that of the recipient."""
        return super().unit_ids() | _unit_of(self.recipient)


class AwardChanges(Changes):
    """The fields of an award that a correction may set: all but its identity."""

    occurred_on: Day = None  # type: ignore[assignment]
    occurred_precision: Precision | None = None
    unit_id: Id = None  # type: ignore[assignment]
    plan_year: PlanYear = None  # type: ignore[assignment]
    programme: Code | None = None
    legal_basis: list[Document] | None = None
    origin: Origin | None = None
    note: Text | None = None
    award_form: Code = None  # type: ignore[assignment]
    award_name: FreeTitle | None = None
    grantor_org_id: Id = None  # type: ignore[assignment]
    grantor_role: FreeTitle | None = None
    recipient: Recipient = None  # type: ignore[assignment]
    basis: AwardBasis = None  # type: ignore[assignment]
    decision: Document = None  # type: ignore[assignment]
    money_vnd: Amount | None = None


class AwardAmended(_OfAward):
    """A granted award is corrected, with the reason; unchanged fields are not validated again."""

    NAME: ClassVar = "AwardAmended"
    reason: Reason
    changes: AwardChanges

    def unit_ids(self) -> frozenset[str]:
        """Return the units stated and the units changed to."""
        new = {self.changes.unit_id} if self.changes.unit_id else set()
        recipient = self.changes.recipient
        return super().unit_ids() | new | (_unit_of(recipient) if recipient else frozenset())

    def documents(self) -> tuple[Document, ...]:
        """Return the legal basis, the corrected one, and the corrected decision."""
        corrected = self.changes.legal_basis or ()
        decision = self.changes.decision
        return (*super().documents(), *corrected, *((decision,) if decision else ()))


class AwardPresented(_OfAward):
    """An award is handed over, sometimes on behalf of the grantor."""

    NAME: ClassVar = "AwardPresented"
    presenter_role: FreeTitle | None = None
    on_behalf_of_org_id: Id | None = None


class AwardRevoked(_OfAward):
    """A granted award is taken back."""

    NAME: ClassVar = "AwardRevoked"
    PAPERS: ClassVar = ("decision",)
    reason: Reason
    decision: Document | None = None


class ExemplarCommended(Payload):
    """A person or collective is commended as an example, without a legal form of award."""

    NAME: ClassVar = "ExemplarCommended"
    STREAM: ClassVar = "commendation/{commendation_id}"
    commendation_id: Id
    recipient: Recipient
    unit_id: Id
    plan_year: PlanYear
    occasion: Reason

    def unit_ids(self) -> frozenset[str]:
        """Return the unit and that of the recipient."""
        return super().unit_ids() | _unit_of(self.recipient)


def _unit_of(recipient: Recipient) -> frozenset[str]:
    return frozenset({recipient.unit_id} if recipient.unit_id else ())
