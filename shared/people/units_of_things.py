"""The units of a model, an award or an organisation, as its events state them."""

from collections.abc import Iterator

from shared.events.payloads.payload import Payload
from shared.events.payloads.registrations import ModelAmended
from shared.people.officer_roles import RoleSource


def units_of(log: RoleSource, kind: str, identifier: str) -> list[str]:
    """Return the units in which a thing is now: of a model, those of all its registrations.

    It is empty for an unknown thing.
    """
    subjects = {f"{kind}/{identifier}"}
    if kind == "model":
        subjects |= {
            event.subject
            for event in log.streams(subjects)
            if event.subject.startswith("registration/")
        }
    latest: dict[str, str] = {}
    for event in log.streams(subjects):
        for unit_id in _stated(event.payload):
            latest[event.subject] = unit_id
    return sorted(set(latest.values()))


def _stated(payload: Payload) -> Iterator[str]:
    if payload.unit_id is not None:
        yield payload.unit_id
    if isinstance(payload, ModelAmended) and payload.changes.unit_id is not None:
        yield payload.changes.unit_id
