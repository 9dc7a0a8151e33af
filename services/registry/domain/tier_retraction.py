"""Retraction of a taxonomy that defines a tier: refused while that tier is in force.

Codes of fields, blocks and forms need no such rule: without a taxonomy in force, any is allowed.
"""

from collections.abc import Iterable, Sequence

from services.registry.domain.decision_state import RegistryState
from shared.errors import Problem, declare
from shared.events.payloads.taxonomies import TaxonomyPublished
from shared.events.recorded import RecordedEvent
from shared.rules.registration import TIERS_WITHOUT_TAXONOMY, Registration
from shared.territory.taxonomies import TaxonomyVersion
from shared.vocabulary import TaxonomyKind

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
