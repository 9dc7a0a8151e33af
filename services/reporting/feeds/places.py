"""The units that events concern, with the day on which each is looked up on the map.

An event names units itself, or belongs to a stream whose first event does. Both never change, so
the places of a full chunk of the log are cached for good.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.errors import LedgerError
from shared.events.payloads.units import UnitsReorganized
from shared.readmodel.decoded_events import fact_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.decoded_events import DecodedEvent

CHUNK = 1_000
"""The number of events of the log that are read together."""
CHUNKS_KEPT = 200

_CORRECTIONS = frozenset({"ModelAmended", "AwardAmended"})

_PLACELESS = frozenset(
    {
        "EligibilityAssessed",
        "ModelEvaluated",
        "ModelRecognized",
        "RecognitionDeclined",
        "RecognitionRevoked",
        "RegistrationWithdrawn",
        "AwardPresented",
        "AwardRevoked",
        "AwardDeclined",
        "EventRetracted",
    }
)
"""The events that never name a unit: of a stream they need not be decoded."""

Place = tuple[str, date]
"""A unit, and the day of the entity or event that names it."""


class PlacedEvent(NamedTuple):
    """An event by position and name, with the places it concerns."""

    position: int
    name: str
    places: tuple[Place, ...]


class PlacedEvents:
    """Reads events with their places, chunk by chunk."""

    def __init__(self, log: Reader) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._chunks: OrderedDict[int, Sequence[PlacedEvent]] = OrderedDict()

    def until(self, position: int) -> Sequence[PlacedEvent]:
        """Return the events of the chunk of a position, up to that position."""
        first = (position - 1) // CHUNK * CHUNK
        with self._lock:
            found = self._chunks.get(first, ())
        known = first + len(found)
        if known < position:
            found = (*found, *self._placed(self._log.read(known, position - known)))
            with self._lock:
                if len(found) > len(self._chunks.get(first, ())):
                    self._chunks[first] = found
                while len(self._chunks) > CHUNKS_KEPT:
                    self._chunks.popitem(last=False)
        return found[: position - first]

    def named(self, position: int) -> Sequence[PlacedEvent]:
        """Return the same without places, for a scope that everything concerns."""
        first = (position - 1) // CHUNK * CHUNK
        events = self._log.read(first, position - first)
        return [PlacedEvent(each.position, name_of(each.type), ()) for each in events]

    def _placed(self, events: Sequence[RecordedEvent]) -> Sequence[PlacedEvent]:
        facts = [fact_of(event) for event in events]
        own = [_own(fact) for fact in facts]
        # A correction that moves an entity to another unit also concerns the former one.
        missing = [
            fact
            for fact, places in zip(facts, own, strict=True)
            if not places or fact.name in _CORRECTIONS
        ]
        streams = self._streams({_stream(fact) for fact in missing})
        return [
            PlacedEvent(fact.position, fact.name, (*places, *_earlier(fact, streams)))
            for fact, places in zip(facts, own, strict=True)
        ]

    def _streams(self, subjects: Iterable[str]) -> Mapping[str, Sequence[DecodedEvent]]:
        """Return the events of streams that name a unit; those of a model by `model/…` too."""
        wanted = set(subjects)
        found: dict[str, list[DecodedEvent]] = {}
        for event in self._log.streams(sorted(wanted)) if wanted else ():
            if name_of(event.type) in _PLACELESS:
                continue
            for stream in {event.subject, event.linked} & wanted:
                found.setdefault(str(stream), []).append(fact_of(event))
        return found


def _stream(fact: DecodedEvent) -> str:
    """Return the stream whose events name the unit of an event that names none."""
    try:
        registration = fact.data.get("registration_id")
    except ValueError:
        registration = None
    return f"registration/{registration}" if registration else fact.subject


def _earlier(
    fact: DecodedEvent, streams: Mapping[str, Sequence[DecodedEvent]]
) -> tuple[Place, ...]:
    """Return the places of the latest earlier event of its stream that names any."""
    earlier = [each for each in streams.get(_stream(fact), ()) if each.position < fact.position]
    for each in reversed(earlier):
        if places := _own(each):
            return places
    return ()


def _own(fact: DecodedEvent) -> tuple[Place, ...]:
    """Return the places that an event itself names; none for a record that cannot be read."""
    try:
        data: Mapping[str, Any] = fact.data
        day = date.fromisoformat(data["occurred_on"])
        if fact.name == "ModelRegistered":  # most events: without the typed payload
            return ((data["unit_id"], day),)
        if "registration_id" in data and not data.keys() & {"changes", "unit_id"}:
            return ()
        payload = fact.event.payload
        # The units that must be known before the event, and those that it opens.
        named = payload.unit_ids() | ({data["unit_id"]} if "unit_id" in data else set())
        if isinstance(payload, UnitsReorganized):
            named |= payload.opened_ids()
        return tuple((unit_id, day) for unit_id in sorted(named))
    except (ValueError, KeyError, LedgerError):
        return ()
