"""A tier of one's own exists by its taxonomy: that is not taken back while the tier is in force.

Codes of fields, blocks and forms need no such rule: where no taxonomy is in force, any may stand.
"""

from services.registry.domain.facts import Facts
from shared.deciding.registrations import TIERS_WITHOUT_TAXONOMY, Registration
from shared.errors import Problem, declare
from shared.events.envelope import RecordedEvent
from shared.events.taxonomies import TaxonomyPublished
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


def still_in_force(taken: RecordedEvent, facts: Facts) -> Problem | None:
    """Refuse to take back a taxonomy while a registration is recognized in a tier only it names."""
    payload = taken.payload
    if not isinstance(payload, TaxonomyPublished) or payload.taxonomy is not TaxonomyKind.TIER:
        return None
    for tier in dict.fromkeys(entry.code for entry in payload.entries):
        if tier in TIERS_WITHOUT_TAXONOMY:
            continue
        for registration in facts.recognized_in(tier):
            if _rests_on(registration, tier, payload, taken.position, facts):
                return Problem(TIER_STILL_IN_FORCE, _stated(registration, taken))
    return None


def _rests_on(
    registration: Registration, tier: str, payload: TaxonomyPublished, position: int, facts: Facts
) -> bool:
    chain = facts.territory.path(registration.unit_id, registration.occurred_on)
    named_by_others = any(
        version.kind is TaxonomyKind.TIER
        and version.position != position
        and version.jurisdiction_unit_id in chain
        and tier in version.entries
        for version in facts.taxonomies.versions()
    )
    return payload.jurisdiction_unit_id in chain and not named_by_others


def _stated(registration: Registration, taken: RecordedEvent) -> dict[str, object]:
    return {
        "registration_id": registration.registration_id,
        "tier": registration.tier,
        "recognized_at": registration.recognized_at,
        "retracted_position": taken.position,
    }
