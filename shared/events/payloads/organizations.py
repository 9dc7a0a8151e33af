"""Payloads of organisations, which own models, decide, grant, and succeed one another.

Their committees issue the plans of the year.
"""

from typing import ClassVar

from pydantic import Field

from shared.events.payloads.payload import (
    RECORDED,
    Code,
    Document,
    FreeForm,
    Id,
    Payload,
    PlanYear,
    Title,
)


class OrganizationDefined(Payload):
    """An organisation is defined; a later definition with the same id replaces it."""

    NAME: ClassVar = "OrganizationDefined"
    STREAM: ClassVar = "organization/{org_id}"
    org_id: Id
    name: Title
    kind: Title
    unit_id: Id
    block_code: Code | None = None
    side: Code | None = None
    external_ids: FreeForm = None


class OrganizationSucceeded(Payload):
    """One organisation takes the place of others."""

    NAME: ClassVar = "OrganizationSucceeded"
    STREAM: ClassVar = "organization/{successor}"
    predecessors: list[Id] = Field(min_length=1)
    successor: Id

    def model_post_init(self, context: object, /) -> None:
        """Refuse an organisation that succeeds itself."""
        if self.successor in self.predecessors and context != RECORDED:
            message = "successor có trong predecessors · an organisation does not succeed itself"
            raise ValueError(message)


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
