"""A year of a unit is closed at a position, and may be reopened."""

from typing import ClassVar

from shared.events.payloads.payload import Digest, Document, Id, Payload, PlanYear, Position, Reason


class _OfPeriod(Payload):
    STREAM: ClassVar = "period/{unit_id}.{plan_year}"
    PAPERS: ClassVar = ("document",)
    unit_id: Id
    plan_year: PlanYear
    document: Document | None = None


class PeriodClosed(_OfPeriod):
    """The figures of a year are fixed as a summary stated them, by position and digest."""

    NAME: ClassVar = "PeriodClosed"
    position: Position
    digest: Digest


class PeriodReopened(_OfPeriod):
    """A closed year is opened again."""

    NAME: ClassVar = "PeriodReopened"
    reason: Reason
