"""The rules of the map: which unit events are possible, and which may no longer be retracted.

Every unit that the event names is known (else it was parked); see events.md, Accepting.
"""

from services.registry.domain.reorganization import refuse_reorganizing
from services.registry.domain.unit_rules import (
    COUNTRY_CLOSED,
    refuse_circle,
    refuse_missing,
    refuse_opening,
    refuse_parent,
    refuse_second_end,
)
from shared.errors import Problem, declare
from shared.events.envelope import EventKey, ReceivedEvent
from shared.events.payloads.payload import Payload
from shared.events.payloads.units import (
    UnitClosed,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
    UnitsReorganized,
)
from shared.events.recorded import RecordedEvent
from shared.territory import Territory, opened_by

MAP_NEEDS_EVENT = declare(
    "map_needs_event",
    409,
    vi="Sự kiện {needed_by_id} của {needed_by_source} về bản đồ cần sự kiện này: hãy thu hồi "
    "sự kiện đó trước.",
    en="The event {needed_by_id} of {needed_by_source} about the map needs this one: retract "
    "that first.",
)


def breaks_map(event: ReceivedEvent, territory: Territory) -> Problem | None:
    """Return the rule of the map that an event breaks, or None."""
    return refusal_of(event.payload, territory)


def refusal_of(payload: Payload, territory: Territory) -> Problem | None:
    """Return the rule of the map that a unit event would break as the next event, or None."""
    match payload:
        case UnitOpened():
            return refuse_opening(payload, payload.occurred_on, territory)
        case UnitRenamed():
            return refuse_missing(payload.unit_id, payload.occurred_on, territory)
        case UnitMoved():
            return _refuse_moving(payload, territory)
        case UnitClosed():
            return _refuse_closing(payload, territory)
        case UnitsReorganized():
            return refuse_reorganizing(payload, territory)
        case _:
            return None


def breaks_map_without(event: RecordedEvent, territory: Territory) -> Problem | None:
    """Refuse to retract an event on which another unit event in force depends.

    Only an opened unit can go missing, and only the return of an old parent can close a circle:
    otherwise nothing needs to be replayed.
    """
    for unit_id in sorted(opened_by(event.payload)):
        other = territory.named_elsewhere(unit_id, event.key)
        if other is not None:
            return _needed_by(other)
    if not territory.could_be_circle_without(event.payload):
        return None
    for key, payload, before in territory.replay_without(event.key):
        if refusal_of(payload, before) is not None:
            return _needed_by(key)
    return None


def _refuse_moving(payload: UnitMoved, territory: Territory) -> Problem | None:
    unit_id, day = payload.unit_id, payload.occurred_on
    return (
        refuse_missing(unit_id, day, territory)
        or refuse_parent(unit_id, payload.parent_id, day, territory)
        or refuse_circle(payload, territory)
    )


def _refuse_closing(payload: UnitClosed, territory: Territory) -> Problem | None:
    if territory.is_country(payload.unit_id):
        return Problem(COUNTRY_CLOSED, {"unit_id": payload.unit_id})
    return (
        refuse_second_end(payload.unit_id, territory)
        or refuse_missing(payload.unit_id, payload.occurred_on, territory)
        or refuse_circle(payload, territory)
    )


def _needed_by(other: EventKey) -> Problem:
    return Problem(MAP_NEEDS_EVENT, {"needed_by_source": other.source, "needed_by_id": other.id})
