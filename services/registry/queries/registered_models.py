"""Views of the registry's write side: models, registrations and organisations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from services.registry.domain.organizations import Organization
from shared.eventlog.protocol import Reader
from shared.events.payloads.registrations import (
    ModelAmended,
    ModelDiscontinued,
    ModelRegistered,
    ModelReplicated,
)
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.taxonomies import TaxonomyPublished
from shared.events.recorded import RecordedEvent
from shared.rules.registration import Registration, evolve
from shared.rules.retraction import name_of, retracted_keys
from shared.vocabulary import DEFAULT_PROGRAMME, Precision, TaxonomyKind


def model_view(log: Reader, model_id: str) -> dict[str, object] | None:
    """Return a model with its registrations as amended, None when it was never registered."""
    life = log.streams([f"model/{model_id}"])
    registered = [e.subject for e in life if name_of(e.type) == ModelRegistered.NAME]
    if not registered:
        return None
    streams: dict[str, list[RecordedEvent]] = {}
    for event in log.streams(registered):
        streams.setdefault(event.subject, []).append(event)
    return {
        "model_id": model_id,
        "registrations": [registration_view(stream) for stream in streams.values()],
        **_life(life),
    }


def registration_view(stream: Iterable[RecordedEvent]) -> dict[str, object]:
    """Return a registration as amended by all events of its stream, with its status."""
    data: dict[str, object] = {}
    amended_at: list[int] = []
    state: Registration | None = None
    for event in stream:
        state = evolve(state, event)
        match event.payload:
            case ModelRegistered() as payload:
                data = {"programme": DEFAULT_PROGRAMME, **plain(payload)}
            case ModelAmended(changes=changes):
                data = _amended(data, {name: plain(to) for name, to in changes.stated().items()})
                amended_at.append(event.position)
    if state is None:
        return {}
    return {
        **data,
        "status": "registered" if state.withdrawn_at is None else "withdrawn",
        "registered_at": state.registered_at,
        "amended_at": amended_at,
        "withdrawn_at": state.withdrawn_at,
        "tier": state.tier,
    }


def organization_view(organization: Organization) -> dict[str, object]:
    """Return the view of an organisation."""
    definition = organization.definition
    stated = plain(definition) if definition is not None else {}
    names = ("name", "kind", "unit_id", "block_code", "side", "external_ids")
    return {
        "org_id": organization.org_id,
        **{name: stated.get(name) for name in names},
        "predecessors": list(organization.predecessors),
        "successors": list(organization.successors),
        "position": organization.position,
    }


def plain(value: object) -> Any:  # noqa: ANN401, PLR0911  JSON has any shape, each its case
    """Return typed data as JSON: with the contract's names, without absent fields."""
    match value:
        case BaseModel():
            named = {
                (info.alias or name): getattr(value, name)
                for name, info in type(value).model_fields.items()
            }
            return {name: plain(each) for name, each in named.items() if each is not None}
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return value


def _amended(data: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    result = {name: value for name, value in {**data, **changes}.items() if value is not None}
    return {"occurred_precision": Precision.DAY.value, **result}


def _life(stream: Iterable[RecordedEvent]) -> dict[str, object]:
    events = list(stream)
    retracted = retracted_keys(e for e in events if name_of(e.type) == EventRetracted.NAME)
    discontinued: dict[str, object] | None = None
    replications: list[dict[str, object]] = []
    for event in events:
        if event.key in retracted:
            continue
        match event.payload:
            case ModelRegistered():
                discontinued = None
            case ModelDiscontinued() as payload:
                discontinued = {**plain(payload), "position": event.position}
            case ModelReplicated() as payload:
                replications.append({**plain(payload), "position": event.position})
    return {"discontinued": discontinued, "replications": replications}


TAXONOMY_COLUMNS = (
    "taxonomy",
    "jurisdiction_unit_id",
    "version",
    "valid_from",
    "valid_to",
    "entries",
    "position",
)


def taxonomies_at(
    log: Reader, position: int, jurisdiction_unit_id: str | None, taxonomy: TaxonomyKind | None
) -> Sequence[dict[str, Any]]:
    """Return the versions in the log at a position and not retracted, in log order."""
    prefix = "taxonomy/" if jurisdiction_unit_id is None else f"taxonomy/{jurisdiction_unit_id}."
    events = [event for event in log.under(prefix) if event.position <= position]
    retractions = [event for event in events if name_of(event.type) == EventRetracted.NAME]
    retracted = retracted_keys(retractions)
    versions = [
        dict.fromkeys(TAXONOMY_COLUMNS)
        | {name: value for name, value in plain(event.payload).items() if name in TAXONOMY_COLUMNS}
        | {"position": event.position}
        for event in events
        if name_of(event.type) == TaxonomyPublished.NAME and event.key not in retracted
    ]
    return [
        version
        for version in versions
        if taxonomy in (None, version["taxonomy"])
        # An id may itself hold a dot, so the prefix of the subject is not enough.
        and jurisdiction_unit_id in (None, version["jurisdiction_unit_id"])
    ]
