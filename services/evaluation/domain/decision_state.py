"""What the rules of evaluation may look at; asking for a stream brings it into memory."""

from collections.abc import Iterable
from typing import Protocol

from services.evaluation.domain.award import Award
from shared.rules.registration import RegistrationState, standing


class EvaluationState(RegistrationState, Protocol):
    """The head of the log, as far as evaluation decides on it."""

    def award(self, award_id: str) -> Award | None:
        """Return an award as it stands, None when nobody proposed or granted it."""
        ...


def agreed(
    registration_ids: Iterable[str], facts: EvaluationState
) -> tuple[int | None, str | None]:
    """Return the plan year and the programme that all these registrations have in common."""
    found = [standing(registration_id, facts) for registration_id in registration_ids]
    years = {registration.plan_year for registration in found}
    programmes = {registration.programme for registration in found}
    return (
        years.pop() if len(years) == 1 else None,
        programmes.pop() if len(programmes) == 1 else None,
    )
