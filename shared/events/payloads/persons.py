"""Payloads of persons: the erasure of what a vault kept about one; no names."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.events.payloads.payload import Day, Document, Payload
from shared.vocabulary import ErasureGround

PERSON_REF_PATTERN = r"^p-[a-z2-7]{26}$"
"""128 random bits, as a vault gives them."""
PersonRef = Annotated[str, Field(pattern=PERSON_REF_PATTERN)]


class PersonErased(Payload):
    """A vault erased the name and the key of a person; the reference stays where it is."""

    NAME: ClassVar = "PersonErased"
    STREAM: ClassVar = "person/{person_ref}"
    PAPERS: ClassVar = ("document",)
    person_ref: PersonRef
    ground: ErasureGround
    requested_on: Day
    document: Document | None = None

    def model_post_init(self, _context: object, /) -> None:
        """Refuse a request dated after the erasure."""
        if self.requested_on > self.occurred_on:
            message = "requested_on sau occurred_on · requested_on is after occurred_on"
            raise ValueError(message)
