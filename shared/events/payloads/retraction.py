"""Payload of a retraction: mistakes are corrected by a new event, never by editing."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.events.payloads.payload import Part, Payload, Reason

EventId = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
Source = Annotated[str, Field(pattern=r"^/publishers/[A-Za-z0-9._-]{1,64}$")]


class RetractedEvent(Part):
    """The idempotency key of the retracted event."""

    source: Source
    id: EventId


class EventRetracted(Payload):
    """An earlier event of the same stream is retracted, and no longer counts."""

    NAME: ClassVar = "EventRetracted"
    retracts: RetractedEvent
    reason: Reason
