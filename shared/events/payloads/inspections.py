"""Payloads of inspections, which often cover grass-roots democracy (QCDC) too."""

from typing import ClassVar

from pydantic import Field

from shared.events.payloads.payload import Document, Id, Payload, PlanYear, Texts, Title
from shared.vocabulary import InspectionScope


class InspectionPlanned(Payload):
    """An inspection is announced in a document."""

    NAME: ClassVar = "InspectionPlanned"
    STREAM: ClassVar = "inspection/{inspection_id}"
    PAPERS: ClassVar = ("document",)
    inspection_id: Id
    plan_year: PlanYear
    unit_id: Id
    document: Document
    scopes: list[InspectionScope] = Field(min_length=1)
    org_ids: list[Id] | None = None
    unit_ids_: list[Id] | None = Field(default=None, alias="unit_ids")

    def unit_ids(self) -> frozenset[str]:
        """Return the units named."""
        return super().unit_ids() | frozenset(self.unit_ids_ or ())


class InspectionConducted(Payload):
    """An inspection took place at an organisation or in a unit."""

    NAME: ClassVar = "InspectionConducted"
    STREAM: ClassVar = "inspection/{inspection_id}"
    inspection_id: Id
    plan_year: PlanYear
    unit_id: Id
    scopes: list[InspectionScope] = Field(min_length=1)
    org_id: Id | None = None
    findings: Texts | None = None
    registration_ids: list[Id] | None = None
    rating: Title | None = None
