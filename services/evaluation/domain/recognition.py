"""The rules of recognition: one tier in force at a time, by the tiers of the jurisdiction."""

from services.evaluation.domain.decision_state import EvaluationState
from shared.errors import Problem, declare
from shared.events.payloads.reviews import ModelRecognized
from shared.rules.common_rules import not_listed
from shared.rules.registration import TIERS_WITHOUT_TAXONOMY, Registration
from shared.territory.taxonomies import TaxonomyVersion
from shared.vocabulary import TaxonomyKind

TIER_IN_FORCE = declare(
    "tier_in_force",
    409,
    vi="Đăng ký {registration_id} đã được công nhận ở mức {tier} (vị trí {recognized_at}).",
    en="Registration {registration_id} is recognized in the tier {tier} already (position "
    "{recognized_at}).",
)
TIER_NOT_NAMED = declare(
    "tier_not_named",
    409,
    vi="Không có danh mục mức công nhận nào có hiệu lực đối với đơn vị {unit_id} vào ngày {day}, "
    "nên chỉ dùng được recognized và exemplary, không dùng được {tier}.",
    en="No taxonomy of tiers is in force for unit {unit_id} on {day}: the tier is recognized or "
    "exemplary, not {tier}.",
)
TIER_REQUIRED = declare(
    "tier_required",
    409,
    vi="Mức {tier} đòi hỏi đăng ký {registration_id} đang được công nhận ở mức {required}; "
    "hiện là {current}.",
    en="The tier {tier} needs registration {registration_id} to be recognized as {required}; "
    "it is {current}.",
)
RECOGNITION_IN_FORCE = declare(
    "recognition_in_force",
    409,
    vi="Đăng ký {registration_id} đang được công nhận ở mức {tier} (vị trí {recognized_at}): "
    "không thể ghi là không công nhận.",
    en="Registration {registration_id} is recognized in the tier {tier} (position "
    "{recognized_at}): recognition cannot be declined.",
)
NO_RECOGNITION_IN_FORCE = declare(
    "no_recognition_in_force",
    409,
    vi="Đăng ký {registration_id} hiện không được công nhận ở mức nào: không có gì để hủy.",
    en="Registration {registration_id} is not recognized: there is nothing to revoke.",
)


def recognize(
    payload: ModelRecognized, registration: Registration, facts: EvaluationState
) -> Problem | None:
    """Accept a tier named for the unit, not yet in force, whose required tier is in force."""
    version = facts.taxonomies.in_force(
        TaxonomyKind.TIER, registration.unit_id, payload.occurred_on, facts.territory
    )
    return (
        _same_tier(payload.tier, registration)
        or _named(payload, registration, version)
        or _requires(payload.tier, registration, version)
    )


def decline(registration: Registration) -> Problem | None:
    """Accept the refusal of recognition where none is in force."""
    if registration.tier is None:
        return None
    return Problem(RECOGNITION_IN_FORCE, _recognition(registration))


def revoke(registration: Registration) -> Problem | None:
    """Accept the revocation of the recognition in force."""
    if registration.tier is not None:
        return None
    return Problem(NO_RECOGNITION_IN_FORCE, {"registration_id": registration.registration_id})


def _same_tier(tier: str, registration: Registration) -> Problem | None:
    if tier != registration.tier:
        return None
    return Problem(TIER_IN_FORCE, _recognition(registration))


def _named(
    payload: ModelRecognized, registration: Registration, version: TaxonomyVersion | None
) -> Problem | None:
    tier, day = payload.tier, payload.occurred_on
    if version is not None:
        if tier in version.entries:
            return None
        return not_listed(tier, TaxonomyKind.TIER, version, unit_id=registration.unit_id, day=day)
    if tier in TIERS_WITHOUT_TAXONOMY:
        return None
    return Problem(
        TIER_NOT_NAMED, {"tier": tier, "unit_id": registration.unit_id, "day": day.isoformat()}
    )


def _requires(
    tier: str, registration: Registration, version: TaxonomyVersion | None
) -> Problem | None:
    attributes = version.entries[tier].attributes if version is not None else None
    required = (attributes or {}).get("requires")
    if required is None or required == registration.tier:
        return None
    return Problem(
        TIER_REQUIRED,
        {
            "tier": tier,
            "registration_id": registration.registration_id,
            "required": required,
            "current": registration.tier,
        },
    )


def _recognition(registration: Registration) -> dict[str, object]:
    return {
        "registration_id": registration.registration_id,
        "tier": registration.tier,
        "recognized_at": registration.recognized_at,
    }
