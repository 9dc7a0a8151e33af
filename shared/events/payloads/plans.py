"""A committee's plan for the year."""

from typing import ClassVar

from shared.events.payloads.payload import Document, FreeForm, Id, Payload, PlanYear


class PlanIssued(Payload):
    """A plan is issued; a later one of the same organisation and year replaces it."""

    NAME: ClassVar = "PlanIssued"
    STREAM: ClassVar = "plan/{org_id}.{plan_year}"
    PAPERS: ClassVar = ("document",)
    org_id: Id
    plan_year: PlanYear
    unit_id: Id
    document: Document
    scope_org_ids: list[Id] | None = None
    targets: FreeForm = None
    deadlines: FreeForm = None
