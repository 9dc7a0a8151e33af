"""The rules of awards beyond their steps: what is derived, and what a correction may change."""

from services.evaluation.domain.awards import (
    Award,
    amended,
    is_in_force,
    may_be_granted,
    may_be_proposed,
    registrations_of,
)
from services.evaluation.domain.facts import Facts, agreed
from shared.deciding.naming import day_sent, days_of, do_not_exist, not_yet
from shared.deciding.registrations import differs
from shared.errors import Problem
from shared.events.awards import AwardAmended, AwardGranted, AwardProposed
from shared.events.envelope import ReceivedEvent
from shared.events.payload import Payload
from shared.vocabulary import DEFAULT_PROGRAMME


def propose(payload: AwardProposed, facts: Facts) -> Problem | None:
    """Accept a proposal whose id is new and whose year and programme fit its registrations."""
    award = facts.award(payload.award_id)
    return may_be_proposed(award) or _fits(payload, facts)


def grant(payload: AwardGranted, facts: Facts) -> Problem | None:
    """Accept a grant of what is new or proposed; the proposal's year and programme hold."""
    award = facts.award(payload.award_id)
    return (
        may_be_granted(award)
        or (contradicts_award(payload, award, facts) if award else None)
        or _fits(payload, facts)
    )


def amend(
    event: ReceivedEvent, payload: AwardAmended, award: Award, facts: Facts
) -> Problem | None:
    """Accept a correction of an award in force whose result could stand.

    Only what the changes touch is judged again: events later recorded never invalidate the rest.
    """
    result = amended(award, payload.changes)
    touched = payload.changes.model_fields_set
    problem = is_in_force(award) or contradicts_award(payload, award, facts)
    if problem is None and touched & {"plan_year", "programme", "basis"}:
        problem = _fits_registrations(
            result.plan_year, result.programme, result.registration_ids, facts
        )
    return problem or _happened(event, payload, result, facts)


def contradicts_award(payload: Payload, award: Award, facts: Facts) -> Problem | None:
    """Refuse a stated year or programme that is not the award's; its unit may differ."""
    origin = f"award/{award.award_id}"
    return differs("plan_year", payload.plan_year, award.plan_year, origin) or differs(
        "programme", payload.programme, programme_of(award, facts), origin
    )


def programme_of(award: Award, facts: Facts) -> str:
    """Return the programme stated, else that all its registrations have, else the default."""
    return award.programme or agreed(award.registration_ids, facts)[1] or DEFAULT_PROGRAMME


def _fits(payload: AwardProposed | AwardGranted, facts: Facts) -> Problem | None:
    return _fits_registrations(
        payload.plan_year, payload.programme, registrations_of(payload), facts
    )


def _fits_registrations(
    plan_year: int, programme: str | None, registration_ids: tuple[str, ...], facts: Facts
) -> Problem | None:
    year, of_all = agreed(registration_ids, facts)
    origin = ", ".join(f"registration/{registration_id}" for registration_id in registration_ids)
    wrong_year = differs("plan_year", plan_year, year, origin) if year else None
    wrong_programme = differs("programme", programme, of_all, origin) if of_all else None
    return wrong_year or wrong_programme


def _happened(
    event: ReceivedEvent, payload: AwardAmended, result: Award, facts: Facts
) -> Problem | None:
    """Hold the corrected award to the row "any", where the correction touches it."""
    when = {"occurred_on", "occurred_precision"}
    if not payload.changes.model_fields_set & {*when, "unit_id", "recipient"}:
        return None
    units = {result.unit_id, *filter(None, (result.recipient_unit_id,))}
    days = days_of(result.occurred_on, result.precision, result.plan_year)
    sent_on = day_sent(event)
    return not_yet(result.occurred_on, sent_on) or do_not_exist(units, days, facts.territory)
