"""The state of an award: proposed, declined or granted, amended, presented, revoked."""

from datetime import date
from typing import NamedTuple

from shared.errors import Problem, declare
from shared.events.payloads.awards import (
    AwardAmended,
    AwardChanges,
    AwardDeclined,
    AwardGranted,
    AwardPresented,
    AwardProposed,
    AwardRevoked,
)
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Precision

AWARD_ID_USED = declare(
    "award_id_used",
    409,
    vi="Mã khen thưởng {award_id} đã dùng: {step} tại vị trí {step_at}.",
    en="The award id {award_id} is used: {step} at position {step_at}.",
)
AWARD_NOT_OPEN = declare(
    "award_not_open",
    409,
    vi="Khen thưởng {award_id} không còn ở bước đề nghị: {step} tại vị trí {step_at}.",
    en="Award {award_id} is no longer a proposal: {step} at position {step_at}.",
)
AWARD_SETTLED = declare(
    "award_settled",
    409,
    vi="Khen thưởng {award_id} không tặng được nữa: {step} tại vị trí {step_at}.",
    en="Award {award_id} cannot be granted any more: {step} at position {step_at}.",
)
AWARD_NOT_GRANTED = declare(
    "award_not_granted",
    409,
    vi="Khen thưởng {award_id} chưa được tặng, mới có {step} tại vị trí {step_at}.",
    en="Award {award_id} was not granted; its last step is {step} at position {step_at}.",
)
AWARD_REVOKED = declare(
    "award_revoked",
    409,
    vi="Khen thưởng {award_id} đã bị thu hồi tại vị trí {step_at}.",
    en="Award {award_id} was revoked at position {step_at}.",
)
AWARD_PRESENTED = declare(
    "award_presented",
    409,
    vi="Khen thưởng {award_id} đã được trao tại vị trí {step_at}.",
    en="Award {award_id} was presented at position {step_at} already.",
)

FOLDED = frozenset(
    {
        AwardProposed.NAME,
        AwardDeclined.NAME,
        AwardGranted.NAME,
        AwardAmended.NAME,
        AwardPresented.NAME,
        AwardRevoked.NAME,
    }
)
"""The events that change the state of an award."""


class Award(NamedTuple):
    """An award as amended; each position is that of the event that took the step, else None.

    `programme` is the stated one, None where it follows from the registrations or the default.
    """

    award_id: str
    award_form: str
    unit_id: str
    recipient_unit_id: str | None
    plan_year: int
    programme: str | None
    registration_ids: tuple[str, ...]
    occurred_on: date
    precision: Precision
    proposed_at: int | None = None
    declined_at: int | None = None
    granted_at: int | None = None
    presented_at: int | None = None
    revoked_at: int | None = None


def evolve(state: Award | None, event: RecordedEvent) -> Award | None:
    """Return the award after one more event of its stream."""
    payload = event.payload
    if isinstance(payload, AwardProposed | AwardGranted):
        return _described(state, payload, event.position)
    if state is None:
        return None
    match payload:
        case AwardDeclined():
            state = state._replace(declined_at=event.position)
        case AwardAmended(changes=changes):
            state = amended(state, changes)
        case AwardPresented():
            state = state._replace(presented_at=event.position)
        case AwardRevoked():
            state = state._replace(revoked_at=event.position)
    return state


def _described(state: Award | None, payload: AwardProposed | AwardGranted, position: int) -> Award:
    granted = isinstance(payload, AwardGranted)
    return Award(
        award_id=payload.award_id,
        award_form=payload.award_form,
        unit_id=payload.unit_id,
        recipient_unit_id=payload.recipient.unit_id,
        plan_year=payload.plan_year,
        programme=payload.programme or (state.programme if state else None),
        registration_ids=registrations_of(payload),
        occurred_on=payload.occurred_on,
        precision=payload.occurred_precision,
        proposed_at=(state.proposed_at if state else None) if granted else position,
        granted_at=position if granted else None,
    )


def registrations_of(payload: AwardProposed | AwardGranted) -> tuple[str, ...]:
    """Return the registrations for which an award is proposed or granted."""
    return tuple(payload.basis.registration_ids or ()) if payload.basis else ()


def amended(state: Award, changes: AwardChanges) -> Award:
    """Return the award with the changes made; a stated null clears an optional field."""
    stated = changes.stated()
    recipient, basis = stated.get("recipient"), stated.get("basis")
    return state._replace(
        award_form=stated.get("award_form", state.award_form),
        unit_id=stated.get("unit_id", state.unit_id),
        recipient_unit_id=recipient.unit_id if recipient else state.recipient_unit_id,
        plan_year=stated.get("plan_year", state.plan_year),
        programme=stated.get("programme", state.programme),
        registration_ids=tuple(basis.registration_ids or ()) if basis else state.registration_ids,
        occurred_on=stated.get("occurred_on", state.occurred_on),
        precision=stated.get("occurred_precision", state.precision) or Precision.DAY,
    )


def may_be_proposed(award: Award | None) -> Problem | None:
    """Accept a proposal whose id is new."""
    return None if award is None else Problem(AWARD_ID_USED, _last_step(award))


def may_be_granted(award: Award | None) -> Problem | None:
    """Accept the grant of an award that is new or proposed."""
    if award is None or (award.granted_at is None and award.declined_at is None):
        return None
    return Problem(AWARD_SETTLED, _last_step(award))


def may_be_declined(award: Award) -> Problem | None:
    """Accept the refusal of an award that is still a proposal."""
    if award.granted_at is None and award.declined_at is None:
        return None
    return Problem(AWARD_NOT_OPEN, _last_step(award))


def is_in_force(award: Award) -> Problem | None:
    """Accept an event that needs an award granted and not revoked."""
    if award.granted_at is None:
        return Problem(AWARD_NOT_GRANTED, _last_step(award))
    if award.revoked_at is not None:
        return Problem(AWARD_REVOKED, _last_step(award))
    return None


def may_be_presented(award: Award) -> Problem | None:
    """Accept the presentation of an award that is in force and not yet presented."""
    if award.presented_at is None:
        return is_in_force(award)
    stated = {"award_id": award.award_id, "step_at": award.presented_at}
    return is_in_force(award) or Problem(AWARD_PRESENTED, stated)


def _last_step(award: Award) -> dict[str, object]:
    """Return the last step of the award, as event name and position."""
    steps = (
        (AwardRevoked.NAME, award.revoked_at),
        (AwardPresented.NAME, award.presented_at),
        (AwardGranted.NAME, award.granted_at),
        (AwardDeclined.NAME, award.declined_at),
        (AwardProposed.NAME, award.proposed_at),
    )
    step, position = next(reached for reached in steps if reached[1] is not None)
    return {"award_id": award.award_id, "step": step, "step_at": position}
