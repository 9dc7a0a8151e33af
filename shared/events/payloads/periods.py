"""Payloads of closing a year of a unit at a position, and of reopening it."""

from typing import ClassVar

from shared.events.payloads.payload import Digest, Document, Id, Payload, PlanYear, Position, Reason


class _OfPeriod(Payload):
    unit_id: Id
    plan_year: PlanYear
    document: Document | None = None

    def subject(self) -> str:
        """Return the stream of the period."""
        return f"period/{self.unit_id}.{self.plan_year}"

    def documents(self) -> tuple[Document, ...]:
        """Return the legal basis and the document."""
        return (*super().documents(), *((self.document,) if self.document else ()))


class PeriodClosed(_OfPeriod):
    """The figures of a year are fixed by the position and digest of a summary."""

    NAME: ClassVar = "PeriodClosed"
    position: Position
    digest: Digest


class PeriodReopened(_OfPeriod):
    """A closed year is reopened."""

    NAME: ClassVar = "PeriodReopened"
    reason: Reason
