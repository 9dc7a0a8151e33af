"""The rules of registrations: registered once a year, corrected with a reason, withdrawn."""

from collections.abc import Iterable
from datetime import date

from services.registry.domain.decision_state import RegistryState
from shared.errors import Problem, declare
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.registrations import ModelAmended, ModelRegistered
from shared.rules.common_rules import Days, day_sent, days_of, do_not_exist, not_in_force, not_yet
from shared.rules.registration import (
    Registration,
    amended,
    contradicts,
    known_registration,
    registered,
    withdrawn,
)
from shared.vocabulary import OriginKind, RegistrationKind, TaxonomyKind

REGISTRATION_ID_USED = declare(
    "registration_id_used",
    409,
    vi="Mã đăng ký {registration_id} đã dùng tại vị trí {registered_at}.",
    en="The registration id {registration_id} was used at position {registered_at}.",
)
MODEL_REGISTERED_FOR_YEAR = declare(
    "model_registered_for_year",
    409,
    vi="Mô hình {model_id} đã có đăng ký {other_id} cho năm {plan_year} (vị trí "
    "{registered_at}), chưa rút.",
    en="Model {model_id} has registration {other_id} for {plan_year} already (position "
    "{registered_at}), which is not withdrawn.",
)
NO_EARLIER_REGISTRATION = declare(
    "no_earlier_registration",
    409,
    vi="Đăng ký duy trì mô hình {model_id} cho năm {plan_year}, nhưng trong sổ không có đăng ký "
    "còn hiệu lực của năm trước đó (trừ khi origin.kind là legacy).",
    en="Model {model_id} is registered as maintained for {plan_year}, but no standing "
    "registration of an earlier year is known (needed unless origin.kind is legacy).",
)
RECOGNIZED_REGISTRATION = declare(
    "recognized_registration",
    409,
    vi="Đăng ký {registration_id} đang được công nhận ở mức {tier} (vị trí {recognized_at}): "
    "hãy hủy công nhận trước khi rút.",
    en="Registration {registration_id} is recognized in the tier {tier} (position "
    "{recognized_at}): revoke that before it is withdrawn.",
)


def register(payload: ModelRegistered, facts: RegistryState) -> Problem | None:
    """Accept a registration whose id is new and whose model is free in that year."""
    known = facts.registration(payload.registration_id)
    if known is not None:
        return Problem(
            REGISTRATION_ID_USED,
            {"registration_id": known.registration_id, "registered_at": known.registered_at},
        )
    return _fits(registered(payload, 0), facts)


def amend(event: ReceivedEvent, payload: ModelAmended, facts: RegistryState) -> Problem | None:
    """Accept a correction of a registration in force if the changed part could be registered."""
    current = known_registration(payload.registration_id, facts)
    return (
        withdrawn(current)
        or contradicts(payload, current)
        or _touched(current, amended(current, payload.changes), day_sent(event), facts)
    )


def _touched(
    before: Registration, after: Registration, sent_on: date, facts: RegistryState
) -> Problem | None:
    """Check only what a correction changes; later events never invalidate the rest.

    A unit is checked with its day, and a code with the unit and the day on which it is in force.
    """
    moved = after.unit_id != before.unit_id
    redated = after.occurred_on != before.occurred_on
    if redated and (problem := not_yet(after.occurred_on, sent_on)):
        return problem
    days = _days(after)
    if (moved or days != _days(before)) and (
        problem := do_not_exist([after.unit_id], days, facts.territory)
    ):
        return problem
    coded = [
        (kind, code)
        for kind, code, earlier in zip(_CODED, _codes(after), _codes(before), strict=True)
        if moved or redated or code != earlier
    ]
    if problem := _not_in_force(after, coded, facts):
        return problem
    kept = (after.kind, after.origin) == (before.kind, before.origin)
    return None if kept else _maintained(after, facts)


def withdraw(registration: Registration) -> Problem | None:
    """Accept the withdrawal of a registration in force that is not recognized."""
    if registration.tier is None:
        return None
    return Problem(
        RECOGNIZED_REGISTRATION,
        {
            "registration_id": registration.registration_id,
            "tier": registration.tier,
            "recognized_at": registration.recognized_at,
        },
    )


def _fits(wanted: Registration, facts: RegistryState) -> Problem | None:
    coded = zip(_CODED, _codes(wanted), strict=True)
    return (
        _model_is_taken(wanted, facts)
        or _not_in_force(wanted, coded, facts)
        or _maintained(wanted, facts)
    )


def _model_is_taken(wanted: Registration, facts: RegistryState) -> Problem | None:
    life = facts.life(wanted.model_id)
    for year in life.years if life else ():
        if year.plan_year != wanted.plan_year or year.registration_id == wanted.registration_id:
            continue
        if known_registration(year.registration_id, facts).withdrawn_at is None:
            return Problem(
                MODEL_REGISTERED_FOR_YEAR,
                {
                    "model_id": wanted.model_id,
                    "plan_year": wanted.plan_year,
                    "other_id": year.registration_id,
                    "registered_at": year.registered_at,
                },
            )
    return None


_CODED = (TaxonomyKind.FIELD, TaxonomyKind.BLOCK)


def _codes(of: Registration) -> tuple[str, str]:
    return of.field_code, of.block_code


def _days(of: Registration) -> tuple[Days, ...]:
    return days_of(of.occurred_on, of.precision, of.plan_year)


def _not_in_force(
    wanted: Registration, coded: Iterable[tuple[TaxonomyKind, str]], facts: RegistryState
) -> Problem | None:
    for kind, code in coded:
        problem = not_in_force(
            code,
            kind,
            unit_id=wanted.unit_id,
            day=wanted.occurred_on,
            taxonomies=facts.taxonomies,
            territory=facts.territory,
        )
        if problem is not None:
            return problem
    return None


def _maintained(wanted: Registration, facts: RegistryState) -> Problem | None:
    if wanted.kind is not RegistrationKind.MAINTAINED or wanted.origin is OriginKind.LEGACY:
        return None
    life = facts.life(wanted.model_id)
    for year in life.years if life else ():
        earlier = year.plan_year < wanted.plan_year
        if earlier and known_registration(year.registration_id, facts).withdrawn_at is None:
            return None
    return Problem(
        NO_EARLIER_REGISTRATION,
        {"model_id": wanted.model_id, "plan_year": wanted.plan_year},
    )
