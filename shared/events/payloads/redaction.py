"""Payload of a redaction: free texts of an earlier event are replaced, and nothing else."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.events.payloads.payload import Digest, Document, Part, Payload, Position, Reason
from shared.vocabulary import ErasureGround

POINTER_PATTERN = r"^(/[^/\x00-\x1f\x7f-\x9f]{1,100}){1,32}$"
MOST_TEXTS = 64


class ReplacedText(Part):
    """A text of the data, by its JSON pointer, and the text that takes its place."""

    field: Annotated[str, Field(pattern=POINTER_PATTERN)]
    text: Reason


class EventRedacted(Payload):
    """Free texts of an earlier event of the same stream are replaced; all that counts stays.

    `digest` is that of the record as it was recorded, `record` that of the record after it.
    """

    NAME: ClassVar = "EventRedacted"
    PAPERS: ClassVar = ("document",)
    position: Position
    digest: Digest
    texts: list[ReplacedText] = Field(min_length=1, max_length=MOST_TEXTS)
    record: Digest
    ground: ErasureGround
    document: Document | None = None
