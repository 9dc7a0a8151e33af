"""The state on which the rules of the registry decide; streams are loaded when asked for."""

from typing import Protocol

from services.registry.domain.model_lifecycle import ModelLifecycle
from services.registry.domain.unit_references import UnitReference
from shared.events.payloads.payload import Payload
from shared.rules.registration import Registration, RegistrationState


class RegistryState(RegistrationState, Protocol):
    """The head of the log, as far as the registry decides on it."""

    def life(self, model_id: str) -> ModelLifecycle | None:
        """Return the life cycle of a model, None when it was never registered."""
        ...

    def recognized_in(self, tier: str) -> tuple[Registration, ...]:
        """Return the registrations for which a tier is in force."""
        ...

    def organization_unit(self, org_id: str) -> str | None:
        """Return the unit of an organisation as last defined, None if it is not defined."""
        ...

    def earlier(self, subject: str) -> Payload | None:
        """Return the latest statement of a stream, None for a new one."""
        ...

    def references_to(self, unit_id: str) -> tuple[UnitReference, ...]:
        """Return the events in force that name a unit."""
        ...
