"""Payloads of organisations, which own models, decide, grant, and succeed one another."""

from typing import ClassVar

from pydantic import Field

from shared.events.payloads.payload import RECORDED, Code, FreeForm, Id, Payload, Title


class OrganizationDefined(Payload):
    """An organisation is defined; a later definition with the same id replaces it."""

    NAME: ClassVar = "OrganizationDefined"
    org_id: Id
    name: Title
    kind: Title
    unit_id: Id
    block_code: Code | None = None
    side: Code | None = None
    external_ids: FreeForm = None

    def subject(self) -> str:
        """Return the stream of the organisation."""
        return f"organization/{self.org_id}"


class OrganizationSucceeded(Payload):
    """One organisation takes the place of others."""

    NAME: ClassVar = "OrganizationSucceeded"
    predecessors: list[Id] = Field(min_length=1)
    successor: Id

    def model_post_init(self, context: object, /) -> None:
        """Refuse an organisation that succeeds itself."""
        if self.successor in self.predecessors and context != RECORDED:
            message = "successor có trong predecessors · an organisation does not succeed itself"
            raise ValueError(message)

    def subject(self) -> str:
        """Return the stream of the successor."""
        return f"organization/{self.successor}"
