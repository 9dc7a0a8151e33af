"""The catalogue of all events of the contract, by type and by family."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic_core import SchemaValidator, core_schema

from shared.events.payloads import (
    authority,
    awards,
    figures,
    inspections,
    officers,
    organizations,
    outcomes,
    periods,
    persons,
    redaction,
    registrations,
    retraction,
    reviews,
    taxonomies,
    units,
)
from shared.events.payloads.payload import RECORDED_AS, Payload
from shared.vocabulary import Family


@dataclass(frozen=True)
class EventType:
    """One version of an event: its CloudEvents type, its payload class, its services."""

    name: str
    version: int
    payload: type[Payload]
    families: frozenset[Family]

    @property
    def type(self) -> str:
        """Return the CloudEvents type, such as `dvk.ModelRegistered.v1`."""
        return f"dvk.{self.name}.v{self.version}"

    @cached_property
    def validator(self) -> SchemaValidator:
        """Return the compiled validator of the data: strict, and closed to unknown fields."""
        return self.payload.__pydantic_validator__  # type: ignore[return-value]

    @cached_property
    def record_validator(self) -> SchemaValidator:
        """Return the compiled validator of a record, which keeps only the data."""
        data = core_schema.typed_dict_field(_as_recorded(self.payload.__pydantic_core_schema__))
        record = core_schema.typed_dict_schema({"data": data})
        # Otherwise the classes' prebuilt validators would be used: those of acceptance.
        return SchemaValidator(record, None, _use_prebuilt=False)


def _as_recorded(schema: Any) -> Any:  # noqa: ANN401  a core schema
    """Return a core schema with the patterns for recorded texts."""
    if isinstance(schema, dict):
        known = {"pattern": RECORDED_AS.get(schema.get("pattern", ""), schema.get("pattern"))}
        return {key: known.get(key) or _as_recorded(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_as_recorded(each) for each in schema]
    return schema


_ACCEPTED_BY: Mapping[Family, tuple[type[Payload], ...]] = {
    Family.REGISTRY: (
        units.UnitOpened,
        units.UnitRenamed,
        units.UnitMoved,
        units.UnitClosed,
        units.UnitsReorganized,
        organizations.OrganizationDefined,
        organizations.OrganizationSucceeded,
        taxonomies.TaxonomyPublished,
        organizations.PlanIssued,
        registrations.ModelRegistered,
        registrations.ModelAmended,
        registrations.RegistrationWithdrawn,
        registrations.ModelDiscontinued,
        registrations.ModelReplicated,
        outcomes.OutcomeReported,
        persons.PersonErased,
        *authority.AUTHORITY_EVENTS,
        *officers.OFFICER_EVENTS,
        retraction.EventRetracted,
        redaction.EventRedacted,
    ),
    Family.EVALUATION: (
        inspections.InspectionPlanned,
        inspections.InspectionConducted,
        reviews.EligibilityAssessed,
        reviews.ReviewSessionHeld,
        reviews.ModelEvaluated,
        reviews.ModelRecognized,
        reviews.RecognitionDeclined,
        reviews.RecognitionRevoked,
        awards.AwardProposed,
        awards.AwardDeclined,
        awards.AwardGranted,
        awards.AwardAmended,
        awards.AwardPresented,
        awards.AwardRevoked,
        awards.ExemplarCommended,
        retraction.EventRetracted,
        redaction.EventRedacted,
    ),
    Family.REPORTING: (
        figures.FigureAsserted,
        periods.PeriodClosed,
        periods.PeriodReopened,
        retraction.EventRetracted,
        redaction.EventRedacted,
    ),
}


def _listed() -> dict[str, EventType]:
    families: dict[type[Payload], set[Family]] = {}
    for family, payloads in _ACCEPTED_BY.items():
        for payload in payloads:
            families.setdefault(payload, set()).add(family)
    known = (
        EventType(payload.NAME, payload.VERSION, payload, frozenset(accepting))
        for payload, accepting in families.items()
    )
    return {event.type: event for event in known}


CATALOGUE: Mapping[str, EventType] = _listed()


def types_of(family: Family) -> tuple[str, ...]:
    """Return the CloudEvents types that a service accepts, in the order of the contract."""
    return tuple(name for name, event in CATALOGUE.items() if family in event.families)
