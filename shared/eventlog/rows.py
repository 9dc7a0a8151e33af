"""Rows of the table of events, as columns that are read and as events again."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from shared.eventlog.tables import EVENTS, type_column
from shared.events.envelope import EventKey, RecordedEvent
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
)
EVENT = select(*EVENT_COLUMNS).order_by(EVENTS.c.position)


def event_of(row: Sequence[Any]) -> RecordedEvent:
    """Return the recorded event of a row that begins with `EVENT_COLUMNS`."""
    return RecordedEvent(
        position=row[0],
        key=EventKey(row[1], row[2]),
        type=row[3],
        subject=row[4],
        recorded_us=row[5],
        digest=bytes(row[6]),
        chain=bytes(row[7]),
        body=bytes(row[8]),
    )
