"""The contract's rules for each type of registry event: one row, one case."""

from collections.abc import Iterator

from services.registry.domain import model_lifecycle
from services.registry.domain import registration as registering
from services.registry.domain.decision_state import RegistryState
from services.registry.domain.retraction import retract
from services.registry.domain.units import breaks_map
from shared.errors import Problem
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.outcomes import OutcomeReported
from shared.events.payloads.payload import Payload
from shared.events.payloads.persons import PersonErased
from shared.events.payloads.registrations import (
    ModelAmended,
    ModelDiscontinued,
    ModelRegistered,
    ModelReplicated,
    RegistrationWithdrawn,
)
from shared.events.payloads.retraction import EventRetracted
from shared.rules.common_rules import UNIT_EVENTS, broken_common_rule
from shared.rules.registration import (
    Registration,
    contradicts,
    known_registration,
    unknown_references,
    withdrawn,
)
from shared.rules.retraction import key_of, named_anew


def registrations_named(payload: Payload) -> tuple[str, ...]:
    """Return the registrations that must be known before this event."""
    match payload:
        case ModelRegistered(previous_registration_id=previous):
            return (previous,) if previous else ()
        case ModelAmended(registration_id=amended, changes=changes):
            previous = changes.previous_registration_id
            return (amended, previous) if previous else (amended,)
        case RegistrationWithdrawn(registration_id=named):
            return (named,)
        case OutcomeReported(registration_id=named):
            return (named,) if named else ()
        case _:
            return ()


def model_named(payload: Payload) -> str | None:
    """Return the model that must be known before this event."""
    match payload:
        case ModelDiscontinued(model_id=model_id):
            return model_id
        case ModelReplicated(source_model_id=model_id):
            return model_id
        case _:
            return None


def unknown(payload: Payload, facts: RegistryState) -> Iterator[tuple[str, str]]:
    """Return every reference that the log does not hold, as kind and id."""
    yield from unknown_references(payload, registrations_named(payload), facts)
    model_id = model_named(payload)
    if model_id is not None and facts.life(model_id) is None:
        yield "model", model_id


def decide(event: ReceivedEvent, facts: RegistryState) -> Problem | None:
    """Return the first rule that an event breaks; everything it names must be known."""
    return _common_rules(event, facts) or _own_rules(event, facts)


def _common_rules(event: ReceivedEvent, facts: RegistryState) -> Problem | None:
    """Check the row "any"; a correction's own day does not apply to the units it only repeats."""
    payload = event.payload
    match payload:
        case PersonErased():
            # The unit may have ended since its list named the person.
            return broken_common_rule(event, facts.territory, unit_ids=())
        case ModelAmended():
            # A stated unit is the registration's own, and a changed one has a day of its own.
            return broken_common_rule(event, facts.territory, unit_ids=())
        case EventRetracted():
            named = named_anew(payload, facts.recorded(key_of(payload)))
            return broken_common_rule(event, facts.territory, unit_ids=named)
        case _:
            return broken_common_rule(
                event, facts.territory, plan_year=_derived_year(payload, facts)
            )


def _own_rules(event: ReceivedEvent, facts: RegistryState) -> Problem | None:
    problem: Problem | None = None
    match event.payload:
        case ModelRegistered() as payload:
            problem = registering.register(payload, facts)
        case ModelAmended() as payload:
            problem = registering.amend(event, payload, facts)
        case RegistrationWithdrawn(registration_id=registration_id) as payload:
            registration = known_registration(registration_id, facts)
            problem = _of_known(payload, registration) or registering.withdraw(registration)
        case OutcomeReported(registration_id=str() as registration_id) as payload:
            problem = _of_known(payload, known_registration(registration_id, facts))
        case ModelDiscontinued(model_id=model_id):
            life = facts.life(model_id)
            problem = model_lifecycle.discontinued(life) if life else None
        case EventRetracted() as payload:
            problem = retract(event, payload, facts)
        case payload if isinstance(payload, UNIT_EVENTS):
            problem = breaks_map(event, facts.territory)
    return problem


def _of_known(payload: Payload, registration: Registration) -> Problem | None:
    return withdrawn(registration) or contradicts(payload, registration)


def _derived_year(payload: Payload, facts: RegistryState) -> int | None:
    match payload:
        case RegistrationWithdrawn(registration_id=named):
            return known_registration(named, facts).plan_year
        case OutcomeReported(registration_id=str() as named):
            return known_registration(named, facts).plan_year
        case _:
            return None
