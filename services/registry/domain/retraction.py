"""Retraction of a registry event: the opening of a unit that is still named is kept.

So is a taxonomy that defines a tier, while that tier is in force. Codes of fields, blocks and forms
need no such rule: without a taxonomy in force, any is allowed.
"""

from collections.abc import Iterable, Sequence

from services.registry.domain.decision_state import RegistryState
from services.registry.domain.units import breaks_map_without
from shared.errors import Problem, declare
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.taxonomies import TaxonomyPublished
from shared.events.payloads.units import UnitOpened, UnitsReorganized
from shared.events.recorded import RecordedEvent
from shared.rules.common_rules import UNIT_EVENTS
from shared.rules.registration import TIERS_WITHOUT_TAXONOMY, Registration
from shared.rules.retraction import cannot_be_retracted, key_of
from shared.territory.taxonomies import TaxonomyVersion
from shared.vocabulary import Family, TaxonomyKind

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


TIER_STILL_IN_FORCE = declare(
    "tier_still_in_force",
    409,
    vi="Đăng ký {registration_id} đang được công nhận ở mức {tier} (vị trí {recognized_at}), là "
    "mức chỉ có trong danh mục này (vị trí {retracted_position}): hãy hủy công nhận trước.",
    en="Registration {registration_id} is recognized in the tier {tier} (position "
    "{recognized_at}), which only this taxonomy (position {retracted_position}) names: revoke "
    "that first.",
)


def still_in_force(retracted: RecordedEvent, facts: RegistryState) -> Problem | None:
    """Refuse to retract a taxonomy while a registration is recognized in a tier only it names."""
    payload = retracted.payload
    if not isinstance(payload, TaxonomyPublished) or payload.taxonomy is not TaxonomyKind.TIER:
        return None
    for tier in dict.fromkeys(entry.code for entry in payload.entries):
        if tier in TIERS_WITHOUT_TAXONOMY:
            continue
        for registration in facts.recognized_in(tier):
            if _rests_on(registration, tier, payload, retracted.position, facts):
                return Problem(TIER_STILL_IN_FORCE, _stated(registration, retracted))
    return None


def _rests_on(
    registration: Registration,
    tier: str,
    payload: TaxonomyPublished,
    position: int,
    facts: RegistryState,
) -> bool:
    """Say whether the tier was checked against this version and no other names it on that day.

    A tier is checked against the taxonomy in force for the unit on the day of the recognition.
    """
    day, recognized_at = registration.recognized_on, registration.recognized_at
    if day is None or recognized_at is None:
        return False
    valid = [
        version
        for version in facts.taxonomies.versions()
        if version.kind is payload.taxonomy and version.is_valid(day)
    ]
    chain = facts.territory.path(registration.unit_id, day)
    applied = _nearest(chain, (each for each in valid if each.position < recognized_at))
    if applied is None or applied.position != position:
        return False
    other = _nearest(chain, (each for each in valid if each.position != position))
    return other is None or tier not in other.entries


def _nearest(chain: Sequence[str], versions: Iterable[TaxonomyVersion]) -> TaxonomyVersion | None:
    """Return the version of the nearest jurisdiction in a chain, the latest recorded of them."""
    latest = {version.jurisdiction_unit_id: version for version in versions}
    return next((latest[each] for each in reversed(chain) if each in latest), None)


def _stated(registration: Registration, retracted: RecordedEvent) -> dict[str, object]:
    return {
        "registration_id": registration.registration_id,
        "tier": registration.tier,
        "recognized_at": registration.recognized_at,
        "retracted_position": retracted.position,
    }
