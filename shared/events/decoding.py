"""Decoding of records of the log to typed data.

Readers are lenient where acceptance is strict: unknown fields are ignored, old versions upcast.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import JSONDecoder, dumps, loads
from typing import Any

from pydantic import ValidationError

from shared.errors import broken, declare
from shared.events.catalogue import CATALOGUE, EventType
from shared.events.envelope import EventKey, ReceivedEvent, content_digest, signing_of
from shared.events.origin import digest_of_origin, origin_of
from shared.events.payloads.payload import RECORDED, Payload


@dataclass(frozen=True, slots=True)
class Upcaster:
    """A step to the next version: `step` gets the data as JSON and returns it as JSON."""

    to_type: str
    step: Callable[[dict[str, Any]], dict[str, Any]]


UPCASTERS: Mapping[str, Upcaster] = {}
"""Upcasters by older type; none yet, as every event is in its first version."""


def lift(
    event_type: str, data: dict[str, Any], upcasters: Mapping[str, Upcaster] = UPCASTERS
) -> tuple[str, dict[str, Any]]:
    """Return the latest type and the data upcast to it."""
    while (upcaster := upcasters.get(event_type)) is not None:
        data = upcaster.step(data)
        event_type = upcaster.to_type
    return event_type, data


NOT_A_RECORD = declare(
    "not_a_record",
    422,
    vi="Không phải một sự kiện do sổ cái đưa ra: {reason}.",
    en="This is not an event as the log gives it: {reason}.",
)
_DATA = '{"data":'
_read_value = JSONDecoder().raw_decode


def payload_of(
    event_type: str,
    body: bytes,
    *,
    catalogue: Mapping[str, EventType] = CATALOGUE,
    upcasters: Mapping[str, Upcaster] = UPCASTERS,
) -> Payload:
    """Return the typed data of a record, upcast to the latest version, ignoring unknown fields.

    Raises `BrokenContract` (`not_a_record`) for a record that this release cannot read.
    """
    if event_type in upcasters:
        event_type, data = lift(event_type, loads(body)["data"], upcasters)
        body = dumps({"data": data}).encode()
    known = catalogue.get(event_type)
    if known is None:
        raise broken(NOT_A_RECORD, reason=f"unknown type {event_type}")
    try:
        payload: Payload = known.record_validator.validate_json(
            body, extra="ignore", context=RECORDED
        )["data"]
    except ValidationError as error:
        raise broken(NOT_A_RECORD, reason=f"{event_type}: {error}") from None
    return payload


def lifted(payload: Payload, event_type: str, body: bytes) -> Payload:
    """Return the payload of an accepted event in the latest version of its type."""
    return payload_of(event_type, body) if event_type in UPCASTERS else payload


def content_of(body: bytes) -> bytes:
    """Return the SHA-256 of a record's content: its canonical {data, subject, type}."""
    data, attributes = _parts(body)
    return content_digest(data, attributes["subject"], attributes["type"])


def received_again(body: bytes, time_us: int) -> ReceivedEvent:
    """Return an accepted event from its record and its publisher's time."""
    data, attributes = _parts(body)
    origin = origin_of(attributes, digest_of_origin(body))
    return ReceivedEvent(
        key=EventKey(attributes["source"], attributes["id"]),
        type=attributes["type"],
        subject=attributes["subject"],
        time_us=time_us,
        expected_version=None if origin else attributes.get("expectedversion"),
        payload=payload_of(attributes["type"], body),
        body=body,
        content=content_digest(data, attributes["subject"], attributes["type"]),
        signing=signing_of(attributes),
        origin=origin,
    )


def _parts(body: bytes) -> tuple[bytes, dict[str, Any]]:
    """Split a record into its data, which comes first, and its attributes."""
    text = body.decode()
    _, end = _read_value(text, len(_DATA))
    return text[len(_DATA) : end].encode(), loads("{" + text[end + 1 :])
