"""Recorded events, and their form in the feed: the record with the log's three attributes."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from json import loads
from typing import Any, Self

from shared.clock import rfc3339, to_microseconds
from shared.errors import broken
from shared.events.decoding import NOT_A_RECORD, payload_of
from shared.events.envelope import EventKey
from shared.events.payloads.payload import Payload
from shared.events.payloads.registrations import ModelRegistered
from shared.events.redacted_record import original_digest

_FEED_ITEM = re.compile(
    rb'\{"sequence":"([0-9]{20})"'
    rb',"recordedtime":"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)"'
    rb',"chain":"([0-9a-f]{64})",'
)
_ID = b',"id":"'


@dataclass(frozen=True)
class RecordedEvent:
    """An event of the log.

    `recorded_us` is microseconds since 1970 UTC, `chain` and `digest` are 32 bytes.
    """

    position: int
    key: EventKey
    type: str
    subject: str
    recorded_us: int
    digest: bytes
    chain: bytes
    body: bytes

    @cached_property
    def payload(self) -> Payload:
        """Return the typed data, upcast to the latest version, ignoring unknown fields."""
        return payload_of(self.type, self.body)

    @cached_property
    def linked(self) -> str | None:
        """Return the second stream that it belongs to, if any; most types have none."""
        if not self.type.startswith(f"dvk.{ModelRegistered.NAME}."):
            return None
        return self.payload.linked()

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return an event with these fields, and any cached properties already known.

        Faster than the constructor: a frozen dataclass sets the fields one by one.
        """
        event = object.__new__(cls)
        object.__setattr__(event, "__dict__", values)
        return event


def feed_item(event: RecordedEvent) -> bytes:
    """Return the unchanged record with the log's three attributes in front of it."""
    return (
        f'{{"sequence":"{event.position:020d}","recordedtime":"{rfc3339(event.recorded_us)}"'
        f',"chain":"{event.chain.hex()}",'
    ).encode() + event.body[1:]


def from_feed(item: bytes) -> RecordedEvent:
    """Return the event of a feed item; the digest is computed from the record in it.

    So a redacted record does not continue the chain, unless it is read `as_stated`. Raises
    `BrokenContract` (`not_a_record`); the chain is not verified.
    """
    match = _FEED_ITEM.match(item)
    if match is None:
        raise broken(NOT_A_RECORD, reason="sequence, recordedtime and chain do not lead")
    sequence, recorded, chain = match.groups()
    body = b"{" + item[match.end() :]
    try:
        # These attributes come last in a record, and none of them can hold the marker unescaped.
        attributes = loads(b"{" + body[body.rindex(_ID) + 1 :])
        return RecordedEvent(
            position=int(sequence),
            key=EventKey(attributes["source"], attributes["id"]),
            type=attributes["type"],
            subject=attributes["subject"],
            recorded_us=to_microseconds(datetime.fromisoformat(recorded.decode())),
            digest=sha256(body).digest(),
            chain=bytes.fromhex(chain.decode()),
            body=body,
        )
    except (ValueError, KeyError, RecursionError) as error:
        raise broken(NOT_A_RECORD, reason=str(error)) from None


def as_stated(event: RecordedEvent) -> RecordedEvent:
    """Return an event with the digest that its record states, if the record was redacted.

    Whether that is right must be checked: only a redaction of its stream can say so.
    """
    digest = original_digest(event.body)
    return event if digest is None else RecordedEvent.of({**vars(event), "digest": digest})
