"""The unit events that were not retracted, small enough to be kept, and what they name."""

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
    """A unit event without what only the log needs; `names` are all the units in it."""

    position: int
    type: str
    body: bytes
    day: date
    names: tuple[str, ...]
    reorganization_id: str | None

    def payload(self) -> Payload:
        """Return the typed data, read again: 17,000 decoded events would burden the collector."""
        return payload_of(self.type, self.body)


class StandingEvents:
    """Unit events by their keys, in the order of the log."""

    def __init__(self) -> None:
        self._events: dict[EventKey, StandingEvent] = {}
        self._mentions: Counter[str] = Counter()
        self._reorganizations: set[str] = set()

    def copy(self) -> "StandingEvents":
        """Return a collection of its own with the same events."""
        other = StandingEvents()
        other._events = dict(self._events)
        other._mentions = self._mentions.copy()
        other._reorganizations = set(self._reorganizations)
        return other

    def items(self) -> Iterator[tuple[EventKey, StandingEvent]]:
        """Yield the events with their keys, in the order of the log."""
        return iter(self._events.items())

    def naming(self, unit_id: str, other_than: EventKey) -> EventKey | None:
        """Return the first event, other than one that names it too, that names the unit."""
        if self._mentions[unit_id] <= 1:
            return None
        namesakes = (key for key, event in self._events.items() if unit_id in event.names)
        return next((key for key in namesakes if key != other_than), None)

    def get(self, key: EventKey) -> StandingEvent | None:
        """Return the event with a key, None when none stands."""
        return self._events.get(key)

    def has_reorganization(self, reorganization_id: str) -> bool:
        """Say whether a reorganisation with that id stands."""
        return reorganization_id in self._reorganizations

    def add(self, event: RecordedEvent, payload: Payload) -> None:
        """Keep an event."""
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
        """Take an event out and return it, None when none stands with that key."""
        gone = self._events.pop(key, None)
        if gone is not None:
            self._mentions.subtract(gone.names)
            if gone.reorganization_id is not None:
                self._reorganizations.discard(gone.reorganization_id)
        return gone


def _reorganization_of(payload: Payload) -> str | None:
    return payload.reorganization_id if isinstance(payload, UnitsReorganized) else None
