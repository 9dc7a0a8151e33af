"""Payloads of closing a year of a unit at a position, and of reopening it."""

from typing import ClassVar

from shared.events.payloads.payload import Digest, Document, Id, Payload, PlanYear, Position, Reason


class _OfPeriod(Payload):
    STREAM: ClassVar = "period/{unit_id}.{plan_year}"
    PAPERS: ClassVar = ("document",)
    unit_id: Id
    plan_year: PlanYear
    document: Document | None = None


class PeriodClosed(_OfPeriod):
    """The figures of a year are fixed by the position and digest of a summary."""

    NAME: ClassVar = "PeriodClosed"
    position: Position
    digest: Digest


class PeriodReopened(_OfPeriod):
    """A closed year is reopened."""

    NAME: ClassVar = "PeriodReopened"
    reason: Reason
