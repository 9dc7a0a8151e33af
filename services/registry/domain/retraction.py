"""Retraction of a registry event: the opening of a unit that is still named is kept."""

from services.registry.domain.decision_state import RegistryState
from services.registry.domain.tier_retraction import still_in_force
from services.registry.domain.units import breaks_map_without
from shared.errors import Problem, declare
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.units import UnitOpened, UnitsReorganized
from shared.events.recorded import RecordedEvent
from shared.rules.common_rules import UNIT_EVENTS
from shared.rules.retraction import cannot_be_retracted, key_of
from shared.vocabulary import Family

UNIT_STILL_NAMED = declare(
    "unit_still_named",
    409,
    vi="Đơn vị {unit_id} còn được nêu tại {named_by} (vị trí {named_at}): hãy sửa hoặc thu hồi "
    "sự kiện đó trước khi thu hồi việc lập đơn vị (vị trí {retracted_position}).",
    en="Unit {unit_id} is still named by {named_by} (position {named_at}): correct or retract "
    "that before the opening of the unit (position {retracted_position}) is taken back.",
)


def retract(event: ReceivedEvent, payload: EventRetracted, facts: RegistryState) -> Problem | None:
    """Accept a retraction unless an event in force depends on the retracted one."""
    key = key_of(payload)
    recorded = facts.recorded(key)
    problem = cannot_be_retracted(event, key, recorded, Family.REGISTRY)
    if problem is not None or recorded is None:
        return problem
    retracted = recorded.event
    if not isinstance(retracted.payload, UNIT_EVENTS):
        return still_in_force(retracted, facts)
    return breaks_map_without(retracted, facts.territory) or _still_named(retracted, facts)


def _still_named(retracted: RecordedEvent, facts: RegistryState) -> Problem | None:
    for unit_id in _opened(retracted):
        named = facts.references_to(unit_id)
        if named:
            return Problem(
                UNIT_STILL_NAMED,
                {
                    "unit_id": unit_id,
                    "named_by": named[0].subject,
                    "named_at": named[0].position,
                    "retracted_position": retracted.position,
                },
            )
    return None


def _opened(retracted: RecordedEvent) -> tuple[str, ...]:
    match retracted.payload:
        case UnitOpened(unit_id=unit_id):
            return (unit_id,)
        case UnitsReorganized() as reorganized:
            return tuple(sorted(reorganized.opened_ids()))
        case _:
            return ()
