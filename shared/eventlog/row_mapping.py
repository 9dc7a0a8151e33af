"""Mapping of rows of the events table to recorded events."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from shared.eventlog.tables import EVENTS, type_column
from shared.events.envelope import EventKey
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family

TYPE = func.coalesce(*(EVENTS.c[type_column(family)] for family in Family)).label("type")
EVENT_COLUMNS = (
    EVENTS.c.position,
    EVENTS.c.source,
    EVENTS.c.event_id,
    TYPE,
    EVENTS.c.subject,
    EVENTS.c.recorded_us,
    EVENTS.c.digest,
    EVENTS.c.chain,
    EVENTS.c.body,
    EVENTS.c.linked,
)
EVENT = select(*EVENT_COLUMNS).order_by(EVENTS.c.position)


def event_of(row: Sequence[Any]) -> RecordedEvent:
    """Return the recorded event in a row of `EVENT_COLUMNS`."""
    position, source, event_id, type_, subject, recorded_us, digest, chain, body, linked = row
    return RecordedEvent.of(
        {
            "position": position,
            "key": EventKey(source, event_id),
            "type": type_,
            "subject": subject,
            "recorded_us": recorded_us,
            "digest": bytes(digest),
            "chain": bytes(chain),
            "body": bytes(body),
            "linked": linked,
        }
    )
