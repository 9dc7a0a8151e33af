"""The state on which the rules of evaluation decide; streams are loaded when asked for."""

from collections.abc import Iterable
from typing import Protocol

from services.evaluation.domain.award import Award
from shared.events.payloads.payload import Payload
from shared.rules.registration import RegistrationState, known_registration


class EvaluationState(RegistrationState, Protocol):
    """The head of the log, as far as evaluation decides on it."""

    def award(self, award_id: str) -> Award | None:
        """Return the current state of an award, None when it is unknown."""
        ...

    def earlier(self, subject: str) -> Payload | None:
        """Return the latest statement of a stream, None for a new one."""
        ...


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
