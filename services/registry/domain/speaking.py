"""The units that a registry event writes about, with those of what it changes; its new ids.

These are the units that its publisher must have a right for (ADR 16).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.registry.domain.decision_state import RegistryState
from shared.events.payloads.organizations import (
    OrganizationDefined,
    OrganizationSucceeded,
    PlanIssued,
)
from shared.events.payloads.outcomes import OutcomeReported
from shared.events.payloads.payload import Payload
from shared.events.payloads.registrations import (
    ModelAmended,
    ModelDiscontinued,
    ModelRegistered,
    ModelReplicated,
    RegistrationWithdrawn,
)
from shared.events.payloads.taxonomies import TaxonomyPublished
from shared.rules.common_rules import UNIT_EVENTS
from shared.rules.registration import known_registration


def written_about(payload: Payload, facts: RegistryState) -> Iterable[str]:
    """Return the units that an event writes about; all its references are known.

    A target of a replication is merely named: its own unit may report it.
    """
    # By the type itself: a decision must not cost a row of instance checks.
    kind = type(payload)
    if kind in _OF_THE_MAP:
        return payload.unit_ids()  # not a unit that it opens
    stated = () if payload.unit_id is None else (payload.unit_id,)
    further = _FURTHER.get(kind)
    return stated if further is None else (*stated, *further(payload, facts))


def _of_registration(
    payload: ModelAmended | RegistrationWithdrawn, facts: RegistryState
) -> Iterator[str]:
    yield known_registration(payload.registration_id, facts).unit_id
    if isinstance(payload, ModelAmended) and payload.changes.unit_id is not None:
        yield payload.changes.unit_id


def _of_succession(payload: OrganizationSucceeded, facts: RegistryState) -> Iterator[str]:
    return _of_organizations((*payload.predecessors, payload.successor), facts)


def _of_taxonomy(payload: TaxonomyPublished, _facts: RegistryState) -> tuple[str]:
    return (payload.jurisdiction_unit_id,)


def _of_plan(payload: PlanIssued, facts: RegistryState) -> Iterator[str]:
    yield from _of_organizations((payload.org_id,), facts)
    yield from _of_earlier(payload, facts)


def _of_replication(payload: ModelReplicated, facts: RegistryState) -> Sequence[str]:
    return _of_model(payload.source_model_id, facts) if payload.unit_id is None else ()


def _of_outcome(payload: OutcomeReported, facts: RegistryState) -> Iterator[str]:
    yield from _of_named_registration(payload, facts)
    yield from _of_earlier(payload, facts)


_OF_THE_MAP = frozenset(UNIT_EVENTS)
_FURTHER: Mapping[type[Payload], Callable[[Any, RegistryState], Iterable[str]]] = {
    OrganizationDefined: lambda payload, facts: _of_organizations((payload.org_id,), facts),
    OrganizationSucceeded: _of_succession,
    TaxonomyPublished: _of_taxonomy,
    PlanIssued: _of_plan,
    ModelRegistered: lambda payload, facts: _of_model(payload.model_id, facts),
    ModelAmended: _of_registration,
    RegistrationWithdrawn: _of_registration,
    ModelDiscontinued: lambda payload, facts: _of_model(payload.model_id, facts),
    ModelReplicated: _of_replication,
    OutcomeReported: _of_outcome,
}
"""The units beyond the stated one, by the type of the data."""


def new_ids(payload: Payload, facts: RegistryState) -> Iterator[str]:
    """Yield the ids that begin with an event."""
    match payload:
        case OrganizationDefined(org_id=org_id) if facts.organization_unit(org_id) is None:
            yield org_id
        case ModelRegistered(registration_id=registration_id, model_id=model_id):
            yield registration_id
            if facts.life(model_id) is None:
                yield model_id
        case OutcomeReported(outcome_id=outcome_id) if facts.earlier(payload.subject()) is None:
            yield outcome_id


def _of_organizations(org_ids: Iterable[str], facts: RegistryState) -> Iterator[str]:
    units = (facts.organization_unit(org_id) for org_id in org_ids)
    return (unit_id for unit_id in units if unit_id is not None)


def _of_model(model_id: str, facts: RegistryState) -> Sequence[str]:
    life = facts.life(model_id)
    if life is None:
        return ()
    return [known_registration(year.registration_id, facts).unit_id for year in life.years]


def _of_named_registration(payload: OutcomeReported, facts: RegistryState) -> Iterator[str]:
    if payload.registration_id is not None:
        yield known_registration(payload.registration_id, facts).unit_id


def _of_earlier(payload: Payload, facts: RegistryState) -> Iterator[str]:
    """Yield the units of the statement that this one replaces."""
    earlier = facts.earlier(payload.subject())
    if earlier is not None and earlier.unit_id is not None:
        yield earlier.unit_id
    if isinstance(earlier, OutcomeReported):
        yield from _of_named_registration(earlier, facts)
