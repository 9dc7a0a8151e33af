"""Payload of a committee's plan for a year."""

from typing import ClassVar

from shared.events.payloads.payload import Document, FreeForm, Id, Payload, PlanYear


class PlanIssued(Payload):
    """A plan is issued; a later one of the same organisation and year replaces it."""

    NAME: ClassVar = "PlanIssued"
    org_id: Id
    plan_year: PlanYear
    unit_id: Id
    document: Document
    scope_org_ids: list[Id] | None = None
    targets: FreeForm = None
    deadlines: FreeForm = None

    def subject(self) -> str:
        """Return the stream of the plan."""
        return f"plan/{self.org_id}.{self.plan_year}"

    def documents(self) -> tuple[Document, ...]:
        """Return the legal basis and the plan itself."""
        return (*super().documents(), self.document)
