"""The rules of awards beyond their steps: derived fields, and the scope of a correction."""

from datetime import date

from services.evaluation.domain.award import (
    Award,
    amended,
    is_in_force,
    may_be_granted,
    may_be_proposed,
    registrations_of,
)
from services.evaluation.domain.decision_state import EvaluationState, agreed
from shared.errors import Problem
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.awards import AwardAmended, AwardGranted, AwardProposed
from shared.events.payloads.payload import Payload
from shared.rules.common_rules import Days, day_sent, days_of, do_not_exist, not_yet
from shared.rules.registration import differs
from shared.vocabulary import DEFAULT_PROGRAMME


def propose(payload: AwardProposed, facts: EvaluationState) -> Problem | None:
    """Accept a proposal whose id is new and whose year and programme fit its registrations."""
    award = facts.award(payload.award_id)
    return may_be_proposed(award) or _fits(payload, facts)


def grant(payload: AwardGranted, facts: EvaluationState) -> Problem | None:
    """Accept the grant of a new or proposed award; the proposal's year and programme hold."""
    award = facts.award(payload.award_id)
    return (
        may_be_granted(award)
        or (contradicts_award(payload, award, facts) if award else None)
        or _fits(payload, facts)
    )


def amend(
    event: ReceivedEvent, payload: AwardAmended, award: Award, facts: EvaluationState
) -> Problem | None:
    """Accept a correction of an award in force if the changed part could be granted.

    Later events never invalidate the rest.
    """
    return (
        is_in_force(award)
        or contradicts_award(payload, award, facts)
        or _touched(award, amended(award, payload.changes), day_sent(event), facts)
    )


def contradicts_award(payload: Payload, award: Award, facts: EvaluationState) -> Problem | None:
    """Refuse a stated year or programme that is not the award's; its unit may differ."""
    origin = f"award/{award.award_id}"
    return differs("plan_year", payload.plan_year, award.plan_year, origin) or differs(
        "programme", payload.programme, programme_of(award, facts), origin
    )


def programme_of(award: Award, facts: EvaluationState) -> str:
    """Return the stated programme, else that of all its registrations, else the default."""
    return award.programme or agreed(award.registration_ids, facts)[1] or DEFAULT_PROGRAMME


def _fits(payload: AwardProposed | AwardGranted, facts: EvaluationState) -> Problem | None:
    return _fits_registrations(
        payload.plan_year, payload.programme, registrations_of(payload), facts
    )


def _fits_registrations(
    plan_year: int | None,
    programme: str | None,
    registration_ids: tuple[str, ...],
    facts: EvaluationState,
) -> Problem | None:
    year, of_all = agreed(registration_ids, facts)
    origin = ", ".join(f"registration/{registration_id}" for registration_id in registration_ids)
    wrong_year = differs("plan_year", plan_year, year, origin) if year else None
    wrong_programme = differs("programme", programme, of_all, origin) if of_all else None
    return wrong_year or wrong_programme


def _touched(before: Award, after: Award, sent_on: date, facts: EvaluationState) -> Problem | None:
    """Check only what a correction changes: year and programme, the day, and the units."""
    based = after.registration_ids != before.registration_ids
    problem = _fits_registrations(
        after.plan_year if based or after.plan_year != before.plan_year else None,
        after.programme if based or after.programme != before.programme else None,
        after.registration_ids,
        facts,
    )
    if problem is None and after.occurred_on != before.occurred_on:
        problem = not_yet(after.occurred_on, sent_on)
    days = _days(after)
    redated = days != _days(before)
    units = {
        unit_id
        for unit_id, earlier in (
            (after.unit_id, before.unit_id),
            (after.recipient_unit_id, before.recipient_unit_id),
        )
        if unit_id is not None and (redated or unit_id != earlier)
    }
    return problem or do_not_exist(units, days, facts.territory)


def _days(of: Award) -> tuple[Days, ...]:
    return days_of(of.occurred_on, of.precision, of.plan_year)
