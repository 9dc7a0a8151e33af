"""The state on which the rules of the registry decide; streams are loaded when asked for."""

from typing import Protocol

from services.registry.domain.model_lifecycle import ModelLifecycle
from services.registry.domain.unit_references import UnitReference
from shared.events.envelope import EventKey
from shared.rules.registration import Registration
from shared.rules.retraction import Recorded
from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies


class RegistryState(Protocol):
    """The head of the log, as far as the registry decides on it."""

    territory: Territory
    taxonomies: Taxonomies

    def registration(self, registration_id: str) -> Registration | None:
        """Return the current state of a registration, None when it is unknown."""
        ...

    def life(self, model_id: str) -> ModelLifecycle | None:
        """Return the life cycle of a model, None when it was never registered."""
        ...

    def recorded(self, key: EventKey) -> Recorded | None:
        """Return an event of the log by its key, and whether it was retracted."""
        ...

    def recognized_in(self, tier: str) -> tuple[Registration, ...]:
        """Return the registrations for which a tier is in force."""
        ...

    def references_to(self, unit_id: str) -> tuple[UnitReference, ...]:
        """Return the events in force that name a unit."""
        ...


def known_registration(registration_id: str, facts: RegistryState) -> Registration:
    """Return a registration whose existence was checked with the event's references."""
    registration = facts.registration(registration_id)
    if registration is None:
        message = f"registration {registration_id} was to be known before its rules are asked"
        raise LookupError(message)
    return registration
