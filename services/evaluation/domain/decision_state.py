"""The state on which the rules of evaluation decide; streams are loaded when asked for."""

from collections.abc import Iterable
from typing import Protocol

from services.evaluation.domain.award import Award
from shared.events.envelope import EventKey
from shared.rules.registration import Registration
from shared.rules.retraction import Recorded
from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies


class EvaluationState(Protocol):
    """The head of the log, as far as evaluation decides on it."""

    territory: Territory
    taxonomies: Taxonomies

    def registration(self, registration_id: str) -> Registration | None:
        """Return the current state of a registration, None when it is unknown."""
        ...

    def award(self, award_id: str) -> Award | None:
        """Return the current state of an award, None when it is unknown."""
        ...

    def recorded(self, key: EventKey) -> Recorded | None:
        """Return an event of the log by its key, and whether it was retracted."""
        ...


def known_registration(registration_id: str, facts: EvaluationState) -> Registration:
    """Return a registration whose existence was checked with the event's references."""
    registration = facts.registration(registration_id)
    if registration is None:
        message = f"registration {registration_id} was to be known before its rules are asked"
        raise LookupError(message)
    return registration


def agreed(
    registration_ids: Iterable[str], facts: EvaluationState
) -> tuple[int | None, str | None]:
    """Return the plan year and the programme that all these registrations have in common."""
    found = [known_registration(registration_id, facts) for registration_id in registration_ids]
    years = {registration.plan_year for registration in found}
    programmes = {registration.programme for registration in found}
    return (
        years.pop() if len(years) == 1 else None,
        programmes.pop() if len(programmes) == 1 else None,
    )
