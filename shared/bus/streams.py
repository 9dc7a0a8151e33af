"""Names of the streams and their fields, as the contract states them."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.vocabulary import Family

EVENTS = "dvk:events"
"""The log, in order: entry id `<position>-0`, one field `event`."""

INTAKES = "dvk:intake:*"
"""The pattern of all intake streams."""

FIELD_EVENT = "event"
"""The field of one event, in `dvk:events` and in the intake streams."""

FIELD_EVENTS = "events"
"""The field of a JSON array of events, in the intake streams."""

FIELD_ITEM = "item"
"""The field of a receipt: the item of the HTTP answer."""

UNREADABLE = "dvk:receipts:_unreadable"
"""Receipts for entries whose publisher could not be read."""

_SOURCE = re.compile(r"/publishers/([A-Za-z0-9._-]{1,64})")


def intake(family: "Family", publisher: str | None = None) -> str:
    """Return the intake stream of a service: of one publisher, or the one shared before trust."""
    shared = f"dvk:intake:{family.value}"
    return shared if publisher is None else f"{shared}:{publisher}"


def user_of(publisher: str) -> str:
    """Return the name of the Redis user of a publisher, which is no service's for any id."""
    return f"publisher-{publisher}"


def receipts(publisher: str) -> str:
    """Return the stream that carries the answers to one publisher."""
    return f"dvk:receipts:{publisher}"


def receipts_for(source: str | None) -> str:
    """Return the stream for the receipt of an event, by its CloudEvents `source`."""
    named = _SOURCE.fullmatch(source or "")
    return receipts(named[1]) if named else UNREADABLE


def entry_id(position: int) -> str:
    """Return the id that an event of the log has in `dvk:events`."""
    return f"{position}-0"


def position_of(stream_id: bytes) -> int | None:
    """Return the position of an entry id of `dvk:events`, None if it is none."""
    position, _, rest = stream_id.partition(b"-")
    return int(position) if rest == b"0" and position.isdigit() else None
