"""The registry's decider: it folds map, taxonomies, organisations, registrations and models."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, cast

from services.registry.domain import model_lifecycle, rules, speaking
from services.registry.domain.model_lifecycle import ModelLifecycle
from services.registry.domain.organizations import OrganizationRegister
from services.registry.domain.unit_references import UnitReference, references_to_unit
from shared.deciders.stream_cache import STREAMS_KEPT, StreamFold
from shared.deciders.stream_decider import (
    StreamDecider,
    latest_of,
    provided_registration,
    provided_units,
)
from shared.errors import Problem
from shared.eventlog.protocol import Reader, Reference
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.organizations import OrganizationDefined, PlanIssued
from shared.events.payloads.outcomes import OutcomeReported
from shared.events.payloads.payload import Payload
from shared.events.payloads.registrations import ModelRegistered
from shared.events.recorded import RecordedEvent
from shared.rules import registration
from shared.rules.registration import Registration
from shared.rules.retraction import name_of
from shared.vocabulary import Family


class RegistryDecider(StreamDecider):
    """Decides the registry's events: the map, taxonomies, plans, registrations and outcomes."""

    family = Family.REGISTRY
    in_memory: ClassVar[tuple[str, ...]] = (*StreamDecider.in_memory, "organization/")

    def __init__(self, *, streams_kept: int = STREAMS_KEPT) -> None:
        kinds = {
            "registration": StreamFold(registration.evolve, registration.FOLDED),
            "model": StreamFold(model_lifecycle.evolve, model_lifecycle.FOLDED),
            "plan": latest_of(PlanIssued),
            "outcome": latest_of(OutcomeReported),
        }
        lookups = {"naming": find_naming, "tier": find_recognized}
        super().__init__(kinds, lookups, streams_kept=streams_kept)

    def take_back(self, events: Sequence[RecordedEvent]) -> bool:
        """Forget events that were folded last and were not committed; False: start again.

        Lists bring organisations by the hundred, so their definitions need no start.
        """
        defined = [event for event in events if isinstance(event.payload, OrganizationDefined)]
        others = [e for e in events if not isinstance(e.payload, OrganizationDefined)]
        if not super().take_back(others):
            return False
        self.organizations.take_back(defined)
        if events:
            self.position = events[0].position - 1
        return True

    def life(self, model_id: str) -> ModelLifecycle | None:
        """Return the life cycle of a model, None when it was never registered."""
        return cast("ModelLifecycle | None", self._cache.state(f"model/{model_id}"))

    def recognized_in(self, tier: str) -> tuple[Registration, ...]:
        """Return the registrations for which a tier is in force."""
        return cast("tuple[Registration, ...]", self._cache.answer(f"tier/{tier}"))

    def organization_unit(self, org_id: str) -> str | None:
        """Return the unit of an organisation as last defined, None if it is not defined."""
        organization = self.organizations.get(org_id, self.position)
        definition = organization and organization.definition
        return definition.unit_id if definition else None

    def references_to(self, unit_id: str) -> tuple[UnitReference, ...]:
        """Return the events in force that name a unit."""
        return cast("tuple[UnitReference, ...]", self._cache.answer(f"naming/{unit_id}"))

    def streams_of(self, event: ReceivedEvent) -> Iterable[str]:
        """Return the registrations and the model that the event names."""
        payload = event.payload
        for registration_id in rules.registrations_named(payload):
            yield f"registration/{registration_id}"
        if isinstance(payload, ModelRegistered):
            yield event.subject
            yield f"model/{payload.model_id}"
        elif self.authority.began and isinstance(payload, PlanIssued | OutcomeReported):
            yield event.subject
        elif (model_id := rules.model_named(payload)) is not None:
            yield f"model/{model_id}"

    def unknown(self, event: ReceivedEvent) -> Iterable[Reference]:
        """Return the units, registrations and the model that are missing from the log."""
        return (Reference(*named) for named in rules.unknown(event.payload, self))

    def problem(self, event: ReceivedEvent) -> Problem | None:
        """Return the rule that the event breaks, or None."""
        return rules.decide(event, self)

    def written_about(self, payload: Payload) -> Iterable[str]:
        """Return the units that an event writes about, with those of what it changes."""
        return speaking.written_about(payload, self)

    def new_ids(self, payload: Payload) -> Iterable[str]:
        """Return the ids that begin with this event."""
        return speaking.new_ids(payload, self)

    def provides(self, event: RecordedEvent) -> Iterable[Reference]:
        """Return the units, or the registration and its model, that exist from this event on."""
        registered = provided_registration(event)
        if registered and isinstance(event.payload, ModelRegistered):
            return (*registered, Reference("model", event.payload.model_id))
        return provided_units(event)

    def _forget(self) -> None:
        super()._forget()
        self.organizations = OrganizationRegister()

    def _remember(self, events: Sequence[RecordedEvent]) -> None:
        super()._remember(events)
        self.organizations.fold(events)


def find_naming(log: Reader, unit_id: str) -> tuple[UnitReference, ...]:
    """Return the events in force that name a unit: a full scan, for retractions only."""
    subjects = {event.subject for event in log.naming(unit_id)}
    whole = [s for s in subjects if not s.startswith(("unit/", "reorganization/"))]
    return references_to_unit(unit_id, log.streams(whole)) if whole else ()


def find_recognized(log: Reader, tier: str) -> tuple[Registration, ...]:
    """Return the registrations for which a tier is in force: a full scan, for retractions only."""
    subjects = {e.subject for e in log.naming(tier) if e.subject.startswith("registration/")}
    states: dict[str, Registration | None] = dict.fromkeys(subjects)
    for event in log.streams(subjects) if subjects else ():
        if name_of(event.type) in registration.FOLDED:
            states[event.subject] = registration.evolve(states[event.subject], event)
    return tuple(state for state in states.values() if state is not None and state.tier == tier)
