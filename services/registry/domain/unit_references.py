"""Events that name a unit and must be corrected before its opening may be retracted."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.events.payloads.awards import AwardAmended, AwardGranted, AwardProposed
from shared.events.payloads.registrations import ModelAmended, ModelRegistered
from shared.events.payloads.retraction import EventRetracted
from shared.events.recorded import RecordedEvent
from shared.rules.common_rules import UNIT_EVENTS
from shared.rules.retraction import name_of, retracted_keys


class UnitReference(NamedTuple):
    """An event in force that names the unit."""

    subject: str
    position: int


def references_to_unit(unit_id: str, events: Sequence[RecordedEvent]) -> tuple[UnitReference, ...]:
    """Return the events in force that name a unit; `events` must hold whole streams.

    Registrations, withdrawn ones too, and awards count as amended; any other event counts until
    it is retracted. Events of the map have rules of their own (`units`) and do not count.
    """
    retracted = retracted_keys([e for e in events if name_of(e.type) == EventRetracted.NAME])
    found: list[UnitReference] = []
    for subject, stream in _by_subject(events).items():
        match subject.partition("/")[0]:
            case "registration":
                found.extend(_registration(unit_id, stream))
            case "award":
                found.extend(_award(unit_id, stream))
            case _:
                in_force = (event for event in stream if event.key not in retracted)
                found.extend(_reference(event) for event in in_force if _names(unit_id, event))
    return tuple(sorted(found, key=lambda named: named.position))


def _by_subject(events: Iterable[RecordedEvent]) -> dict[str, list[RecordedEvent]]:
    streams: dict[str, list[RecordedEvent]] = {}
    for event in events:
        streams.setdefault(event.subject, []).append(event)
    return streams


def _registration(unit_id: str, stream: Sequence[RecordedEvent]) -> Iterable[UnitReference]:
    last: RecordedEvent | None = None
    for event in stream:
        match event.payload:
            case ModelRegistered(unit_id=named):
                last = event if named == unit_id else None
            case ModelAmended(changes=changes) if changes.unit_id is not None:
                last = event if changes.unit_id == unit_id else None
    return [_reference(last)] if last is not None else []


def _award(unit_id: str, stream: Sequence[RecordedEvent]) -> Iterable[UnitReference]:
    """Follow the award's own unit and the recipient's, each by the last event that states it."""
    of_award: RecordedEvent | None = None
    of_recipient: RecordedEvent | None = None
    for event in stream:
        match event.payload:
            case AwardProposed() | AwardGranted() as payload:
                of_award = event if payload.unit_id == unit_id else None
                of_recipient = event if payload.recipient.unit_id == unit_id else None
            case AwardAmended(changes=changes):
                if changes.unit_id is not None:
                    of_award = event if changes.unit_id == unit_id else None
                if changes.recipient is not None:
                    of_recipient = event if changes.recipient.unit_id == unit_id else None
    return {_reference(event) for event in (of_award, of_recipient) if event is not None}


def _names(unit_id: str, event: RecordedEvent) -> bool:
    payload = event.payload
    if isinstance(payload, (*UNIT_EVENTS, EventRetracted)):
        return False
    return unit_id in payload.unit_ids()


def _reference(event: RecordedEvent) -> UnitReference:
    return UnitReference(event.subject, event.position)
