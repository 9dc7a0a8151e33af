"""The state of a registration for the rules: the latest value of each field, and its status.

Two services decide on it; each folds it from the log itself, by this one definition.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple, Protocol

from shared.errors import Problem, declare
from shared.events.envelope import EventKey
from shared.events.payloads.payload import Payload
from shared.events.payloads.registrations import (
    ModelAmended,
    ModelRegistered,
    RegistrationChanges,
    RegistrationWithdrawn,
)
from shared.events.payloads.reviews import ModelRecognized, RecognitionRevoked
from shared.events.recorded import RecordedEvent
from shared.rules.common_rules import unknown_units
from shared.rules.retraction import Recorded
from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies
from shared.vocabulary import DEFAULT_PROGRAMME, OriginKind, Precision, RegistrationKind

REGISTRATION_WITHDRAWN = declare(
    "registration_withdrawn",
    409,
    vi="Đăng ký {registration_id} đã được rút tại vị trí {withdrawn_at}.",
    en="Registration {registration_id} was withdrawn at position {withdrawn_at}.",
)
DERIVED_FIELD_DIFFERS = declare(
    "derived_field_differs",
    409,
    vi="{field} được ghi là {stated}, nhưng theo {derived_from} thì là {derived}.",
    en="{field} is stated as {stated}, but by {derived_from} it is {derived}.",
)

TIERS_WITHOUT_TAXONOMY = ("recognized", "exemplary")
"""The tiers where no taxonomy defines others (events.md, ModelRecognized)."""

FOLDED = frozenset(
    {
        ModelRegistered.NAME,
        ModelAmended.NAME,
        RegistrationWithdrawn.NAME,
        ModelRecognized.NAME,
        RecognitionRevoked.NAME,
    }
)
"""The events that change a registration's state; others are never decoded for it."""


class Registration(NamedTuple):
    """A registration as amended; positions are those of the events that set its status, or None.

    A tuple, because one is created for every event: a frozen dataclass takes ten times as long.
    """

    registration_id: str
    model_id: str
    plan_year: int
    programme: str
    unit_id: str
    occurred_on: date
    precision: Precision
    kind: RegistrationKind
    origin: OriginKind | None
    field_code: str
    block_code: str
    registered_at: int
    withdrawn_at: int | None = None
    tier: str | None = None
    recognized_at: int | None = None
    recognized_on: date | None = None


def evolve(state: Registration | None, event: RecordedEvent) -> Registration | None:
    """Return the registration after one more event of its stream."""
    payload = event.payload
    if isinstance(payload, ModelRegistered):
        return registered(payload, event.position)
    if state is None:
        return None
    match payload:
        case ModelAmended(changes=changes):
            state = amended(state, changes)
        case RegistrationWithdrawn():
            state = state._replace(withdrawn_at=event.position)
        case ModelRecognized(tier=tier, occurred_on=day):
            state = state._replace(tier=tier, recognized_at=event.position, recognized_on=day)
        case RecognitionRevoked():
            state = state._replace(tier=None, recognized_at=None, recognized_on=None)
    return state


def registered(payload: ModelRegistered, position: int) -> Registration:
    """Return the registration created by an event at a position."""
    return Registration(
        registration_id=payload.registration_id,
        model_id=payload.model_id,
        plan_year=payload.plan_year,
        programme=payload.programme or DEFAULT_PROGRAMME,
        unit_id=payload.unit_id,
        occurred_on=payload.occurred_on,
        precision=payload.occurred_precision,
        kind=payload.registration_kind,
        origin=payload.origin.kind if payload.origin else None,
        field_code=payload.field_code,
        block_code=payload.block_code,
        registered_at=position,
    )


def amended(state: Registration, changes: RegistrationChanges) -> Registration:
    """Return the registration with the changes applied; a null clears an optional field."""
    stated = changes.stated()
    origin = changes.origin.kind if changes.origin else None
    return state._replace(
        unit_id=stated.get("unit_id", state.unit_id),
        occurred_on=stated.get("occurred_on", state.occurred_on),
        precision=stated.get("occurred_precision", state.precision) or Precision.DAY,
        kind=stated.get("registration_kind", state.kind),
        origin=origin if "origin" in stated else state.origin,
        field_code=stated.get("field_code", state.field_code),
        block_code=stated.get("block_code", state.block_code),
    )


def withdrawn(registration: Registration) -> Problem | None:
    """Refuse an event on a withdrawn registration."""
    if registration.withdrawn_at is None:
        return None
    return Problem(
        REGISTRATION_WITHDRAWN,
        {
            "registration_id": registration.registration_id,
            "withdrawn_at": registration.withdrawn_at,
        },
    )


def contradicts(payload: Payload, registration: Registration) -> Problem | None:
    """Refuse a stated unit, year or programme that is not that of the registration."""
    origin = f"registration/{registration.registration_id}"
    return (
        differs("unit_id", payload.unit_id, registration.unit_id, origin)
        or differs("plan_year", payload.plan_year, registration.plan_year, origin)
        or differs("programme", payload.programme, registration.programme, origin)
    )


def differs(
    name: str, stated: str | int | None, derived: str | int, derived_from: str
) -> Problem | None:
    """Refuse a stated value that is not the derived one; None never differs."""
    if stated is None or stated == derived:
        return None
    return Problem(
        DERIVED_FIELD_DIFFERS,
        {"field": name, "stated": stated, "derived": derived, "derived_from": derived_from},
    )


class RegistrationState(Protocol):
    """The head of the log, as far as both services that know registrations decide on it."""

    territory: Territory
    taxonomies: Taxonomies

    def registration(self, registration_id: str) -> Registration | None:
        """Return the current state of a registration, None when it is unknown."""

    def recorded(self, key: EventKey) -> Recorded | None:
        """Return an event of the log by its key, and whether it was retracted."""


def known_registration(registration_id: str, facts: RegistrationState) -> Registration:
    """Return a registration whose existence was checked with the event's references."""
    registration = facts.registration(registration_id)
    if registration is None:
        message = f"registration {registration_id} was to be known before its rules are asked"
        raise LookupError(message)
    return registration


def unknown_references(
    payload: Payload, registration_ids: Iterable[str], facts: RegistrationState
) -> Iterator[tuple[str, str]]:
    """Yield the named units and registrations that the log does not hold, as kind and id."""
    for unit_id in unknown_units(payload, facts.territory):
        yield "unit", unit_id
    for registration_id in dict.fromkeys(registration_ids):
        if facts.registration(registration_id) is None:
            yield "registration", registration_id
