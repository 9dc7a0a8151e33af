"""Payloads of officers: the roles that they hold in units; no names of persons."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.events.payloads.payload import Day, Document, Id, Payload, Reason
from shared.vocabulary import OfficerRole

OFFICER_REF_PATTERN = r"^o-[a-z2-7]{26}$"
OfficerRef = Annotated[str, Field(pattern=OFFICER_REF_PATTERN)]


class RoleGranted(Payload):
    """An officer holds a role in a unit and all below it; a later grant of the same replaces it."""

    NAME: ClassVar = "RoleGranted"
    STREAM: ClassVar = "officer/{officer_ref}"
    PAPERS: ClassVar = ("document",)
    officer_ref: OfficerRef
    role: OfficerRole
    unit_id: Id
    valid_from: Day
    valid_to: Day | None = None
    document: Document | None = None

    def model_post_init(self, _context: object, /) -> None:
        """Refuse a role that ends before it begins."""
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            message = "valid_to không sau valid_from · valid_to is not after valid_from"
            raise ValueError(message)


class RoleEnded(Payload):
    """An officer no longer holds a role in a unit, from the position of this event on."""

    NAME: ClassVar = "RoleEnded"
    STREAM: ClassVar = "officer/{officer_ref}"
    officer_ref: OfficerRef
    role: OfficerRole
    unit_id: Id
    reason: Reason


OFFICER_EVENTS = (RoleGranted, RoleEnded)
"""The events of officers; they are corrected by one another, never retracted."""
