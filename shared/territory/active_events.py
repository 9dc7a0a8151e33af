"""Unit events that were not retracted, in compact form, with the units they name."""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from shared.events.decoding import payload_of
from shared.events.envelope import EventKey
from shared.events.payloads.payload import Payload
from shared.events.payloads.units import UnitsReorganized
from shared.events.recorded import RecordedEvent
from shared.territory.effects import opened_by


class StandingEvent(NamedTuple):
    """A unit event without the fields that only the log needs; `names` are all its units."""

    position: int
    type: str
    body: bytes
    day: date
    names: tuple[str, ...]
    reorganization_id: str | None

    def payload(self) -> Payload:
        """Decode the payload, on each call: 17,000 decoded events would burden the collector."""
        return payload_of(self.type, self.body)


class StandingEvents:
    """Unit events by key, in the order of the log."""

    def __init__(self) -> None:
        self._events: dict[EventKey, StandingEvent] = {}
        self._mentions: Counter[str] = Counter()
        self._reorganizations: set[str] = set()

    def copy(self) -> "StandingEvents":
        """Return an independent copy."""
        other = StandingEvents()
        other._events = dict(self._events)
        other._mentions = self._mentions.copy()
        other._reorganizations = set(self._reorganizations)
        return other

    def items(self) -> Iterator[tuple[EventKey, StandingEvent]]:
        """Yield the events with their keys, in the order of the log."""
        return iter(self._events.items())

    def naming(self, unit_id: str, other_than: EventKey) -> EventKey | None:
        """Return the first event, other than the given one, that names the unit."""
        if self._mentions[unit_id] <= 1:
            return None
        naming_events = (key for key, event in self._events.items() if unit_id in event.names)
        return next((key for key in naming_events if key != other_than), None)

    def get(self, key: EventKey) -> StandingEvent | None:
        """Return the active event with a key, or None."""
        return self._events.get(key)

    def has_reorganization(self, reorganization_id: str) -> bool:
        """Return whether there is an active reorganisation with that id."""
        return reorganization_id in self._reorganizations

    def add(self, event: RecordedEvent, payload: Payload) -> None:
        """Add an event."""
        kept = StandingEvent(
            position=event.position,
            type=sys.intern(event.type),
            body=event.body,
            day=payload.occurred_on,
            names=tuple(payload.unit_ids() | opened_by(payload)),
            reorganization_id=_reorganization_of(payload),
        )
        self._events[event.key] = kept
        self._mentions.update(kept.names)
        if kept.reorganization_id is not None:
            self._reorganizations.add(kept.reorganization_id)

    def remove(self, key: EventKey) -> StandingEvent | None:
        """Remove the active event with a key and return it, or None."""
        removed = self._events.pop(key, None)
        if removed is not None:
            self._mentions.subtract(removed.names)
            if removed.reorganization_id is not None:
                self._reorganizations.discard(removed.reorganization_id)
        return removed


def _reorganization_of(payload: Payload) -> str | None:
    return payload.reorganization_id if isinstance(payload, UnitsReorganized) else None
