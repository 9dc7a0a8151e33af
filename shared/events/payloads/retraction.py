"""A mistake is taken back by a new event with a reason; nothing is ever edited."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.events.payloads.payload import Part, Payload, Reason

EventId = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
Source = Annotated[str, Field(pattern=r"^/publishers/[A-Za-z0-9._-]{1,64}$")]


class RetractedEvent(Part):
    """The event that is taken back, by its idempotency key."""

    source: Source
    id: EventId


class EventRetracted(Payload):
    """An earlier event of the same stream no longer counts."""

    NAME: ClassVar = "EventRetracted"
    retracts: RetractedEvent
    reason: Reason
