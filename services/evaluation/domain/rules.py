"""The contract's rules for each type of evaluation event: one row, one case."""

from collections.abc import Iterator

from services.evaluation.domain import awarding, recognition
from services.evaluation.domain.award import (
    Award,
    is_in_force,
    may_be_declined,
    may_be_presented,
    registrations_of,
)
from services.evaluation.domain.decision_state import EvaluationState
from shared.errors import Problem
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.awards import (
    AwardAmended,
    AwardDeclined,
    AwardGranted,
    AwardPresented,
    AwardProposed,
    AwardRevoked,
)
from shared.events.payloads.inspections import InspectionConducted
from shared.events.payloads.payload import Payload
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.reviews import (
    EligibilityAssessed,
    ModelEvaluated,
    ModelRecognized,
    RecognitionDeclined,
    RecognitionRevoked,
)
from shared.rules.common_rules import broken_common_rule
from shared.rules.registration import contradicts, known_registration, unknown_references, withdrawn
from shared.rules.retraction import cannot_be_retracted, key_of, named_anew
from shared.vocabulary import Family

Reviewed = (
    EligibilityAssessed
    | ModelEvaluated
    | ModelRecognized
    | RecognitionDeclined
    | RecognitionRevoked
)
"""The events in the stream of a registration, which gives them unit, year and programme."""

OfKnownAward = AwardDeclined | AwardAmended | AwardPresented | AwardRevoked
"""The events of an award that was proposed or granted before."""


def registrations_named(payload: Payload) -> tuple[str, ...]:
    """Return the registrations that must be known before this event."""
    match payload:
        case EligibilityAssessed() | ModelEvaluated() | ModelRecognized():
            return (payload.registration_id,)
        case RecognitionDeclined() | RecognitionRevoked():
            return (payload.registration_id,)
        case InspectionConducted(registration_ids=named):
            return tuple(named or ())
        case AwardProposed() | AwardGranted():
            return registrations_of(payload)
        case AwardAmended(changes=changes):
            return tuple(changes.basis.registration_ids or ()) if changes.basis else ()
        case _:
            return ()


def award_named(payload: Payload) -> str | None:
    """Return the award that must be known before this event."""
    return payload.award_id if isinstance(payload, OfKnownAward) else None


def unknown(payload: Payload, facts: EvaluationState) -> Iterator[tuple[str, str]]:
    """Return every reference that the log does not hold, as kind and id."""
    yield from unknown_references(payload, registrations_named(payload), facts)
    award_id = award_named(payload)
    if award_id is not None and facts.award(award_id) is None:
        yield "award", award_id


def decide(event: ReceivedEvent, facts: EvaluationState) -> Problem | None:
    """Return the first rule that an event breaks; everything it names must be known."""
    return _common_rules(event, facts) or _own_rules(event, facts)


def _common_rules(event: ReceivedEvent, facts: EvaluationState) -> Problem | None:
    """Check the row "any"; a correction's own day does not apply to the units it only repeats."""
    payload = event.payload
    territory = facts.territory
    match payload:
        case AwardAmended():
            award = _known(payload, facts)
            other = frozenset({payload.unit_id} if payload.unit_id else ()) - {award.unit_id}
            return broken_common_rule(event, territory, unit_ids=other, plan_year=award.plan_year)
        case AwardDeclined() | AwardPresented() | AwardRevoked():
            return broken_common_rule(event, territory, plan_year=_known(payload, facts).plan_year)
        case EventRetracted():
            named = named_anew(payload, facts.recorded(key_of(payload)))
            return broken_common_rule(event, territory, unit_ids=named)
        case _ if isinstance(payload, Reviewed):
            year = known_registration(payload.registration_id, facts).plan_year
            return broken_common_rule(event, territory, plan_year=year)
        case _:
            return broken_common_rule(event, territory)


def _own_rules(event: ReceivedEvent, facts: EvaluationState) -> Problem | None:
    payload = event.payload
    if isinstance(payload, Reviewed):
        return _of_registration(payload, facts)
    if isinstance(payload, OfKnownAward):
        return _of_award(event, payload, facts)
    match payload:
        case AwardProposed():
            return awarding.propose(payload, facts)
        case AwardGranted():
            return awarding.grant(payload, facts)
        case EventRetracted():
            key = key_of(payload)
            return cannot_be_retracted(event, key, facts.recorded(key), Family.EVALUATION)
        case _:
            return None


def _of_registration(payload: Reviewed, facts: EvaluationState) -> Problem | None:
    registration = known_registration(payload.registration_id, facts)
    problem = withdrawn(registration) or contradicts(payload, registration)
    if problem is not None:
        return problem
    match payload:
        case ModelRecognized():
            return recognition.recognize(payload, registration, facts)
        case RecognitionDeclined():
            return recognition.decline(registration)
        case RecognitionRevoked():
            return recognition.revoke(registration)
        case _:
            return None


def _of_award(
    event: ReceivedEvent, payload: OfKnownAward, facts: EvaluationState
) -> Problem | None:
    award = _known(payload, facts)
    match payload:
        case AwardAmended():
            return awarding.amend(event, payload, award, facts)
        case AwardDeclined():
            problem = may_be_declined(award)
        case AwardPresented():
            problem = may_be_presented(award)
        case AwardRevoked():
            problem = is_in_force(award)
    return problem or awarding.contradicts_award(payload, award, facts)


def _known(payload: OfKnownAward, facts: EvaluationState) -> Award:
    award = facts.award(payload.award_id)
    if award is None:
        message = f"award {payload.award_id} was to be known before its rules are asked"
        raise LookupError(message)
    return award
