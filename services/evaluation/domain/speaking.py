"""The units that an evaluation event writes about, with those of what it changes; its new ids.

These are the units that its publisher must have a right for (ADR 16).
"""

from collections.abc import Iterator

from services.evaluation.domain.decision_state import EvaluationState
from services.evaluation.domain.rules import award_named, registrations_named
from shared.events.payloads.awards import (
    AwardAmended,
    AwardGranted,
    AwardProposed,
    ExemplarCommended,
)
from shared.events.payloads.inspections import InspectionConducted, InspectionPlanned
from shared.events.payloads.payload import Payload
from shared.events.payloads.reviews import ReviewSessionHeld
from shared.rules.registration import known_registration

_STATED = InspectionPlanned | InspectionConducted | ReviewSessionHeld | ExemplarCommended
"""Statements that a later one with the same id replaces."""


def written_about(payload: Payload, facts: EvaluationState) -> Iterator[str]:
    """Yield the units that an event writes about; all its references are known.

    The unit of a recipient is merely named.
    """
    if payload.unit_id is not None:
        yield payload.unit_id
    for registration_id in registrations_named(payload):
        yield known_registration(registration_id, facts).unit_id
    award_id = award_named(payload)
    if isinstance(payload, AwardProposed | AwardGranted):
        award_id = payload.award_id
    award = None if award_id is None else facts.award(award_id)
    if award is not None:
        yield award.unit_id
    if isinstance(payload, AwardAmended) and payload.changes.unit_id is not None:
        yield payload.changes.unit_id
    if isinstance(payload, InspectionPlanned):
        yield from payload.unit_ids()
    if isinstance(payload, _STATED):
        earlier = facts.earlier(payload.subject())
        if earlier is not None:
            yield from _units(earlier)


def new_ids(payload: Payload, facts: EvaluationState) -> Iterator[str]:
    """Yield the ids that begin with an event."""
    match payload:
        case AwardProposed(award_id=award_id) | AwardGranted(award_id=award_id):
            if facts.award(award_id) is None:
                yield award_id
        case _ if isinstance(payload, _STATED) and facts.earlier(payload.subject()) is None:
            yield payload.subject().partition("/")[2]


def _units(earlier: Payload) -> Iterator[str]:
    if earlier.unit_id is not None:
        yield earlier.unit_id
    if isinstance(earlier, InspectionPlanned):
        yield from earlier.unit_ids()
