"""Organisations as they were defined, replaced and succeeded; a label elsewhere, listed here."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.deciding.retracting import key_of
from shared.events.envelope import EventKey, RecordedEvent
from shared.events.organizations import OrganizationDefined, OrganizationSucceeded
from shared.events.retraction import EventRetracted


class Organization(NamedTuple):
    """An organisation as it stands at a position."""

    org_id: str
    definition: OrganizationDefined | None
    position: int
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass(slots=True)
class _Said:
    key: EventKey
    position: int
    payload: OrganizationDefined | OrganizationSucceeded
    retracted_at: int | None = None

    def stands(self, position: int) -> bool:
        gone = self.retracted_at is not None and self.retracted_at <= position
        return self.position <= position and not gone


@dataclass(slots=True)
class Organizations:
    """Every organisation named by an event of its own, as known at any position."""

    _defined: dict[str, list[_Said]] = field(default_factory=dict)
    _succeeded: dict[str, list[_Said]] = field(default_factory=dict)
    _by_key: dict[EventKey, _Said] = field(default_factory=dict)
    _changes: list[int] = field(default_factory=list)

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Take in events of organisations, in order of position; others are ignored."""
        for event in events:
            if event.subject.startswith("organization/"):
                self._take(event)

    def _take(self, event: RecordedEvent) -> None:
        match event.payload:
            case OrganizationDefined() as payload:
                said = _Said(event.key, event.position, payload)
                self._defined.setdefault(payload.org_id, []).append(said)
                self._by_key[event.key] = said
            case OrganizationSucceeded() as payload:
                said = _Said(event.key, event.position, payload)
                for org_id in {payload.successor, *payload.predecessors}:
                    self._succeeded.setdefault(org_id, []).append(said)
                self._by_key[event.key] = said
            case EventRetracted() as payload:
                if (taken := self._by_key.get(key_of(payload))) is not None:
                    taken.retracted_at = event.position
            case _:
                return
        self._changes.append(event.position)

    def changed_at(self, position: int) -> int:
        """Return the last position up to this one at which an organisation changed, 0 for none."""
        passed = bisect_right(self._changes, position)
        return self._changes[passed - 1] if passed else 0

    def at(self, position: int) -> Iterator[Organization]:
        """Return the organisations that stand at a position, by id."""
        for org_id in sorted(self._defined.keys() | self._succeeded.keys()):
            found = self.get(org_id, position)
            if found is not None:
                yield found

    def get(self, org_id: str, position: int) -> Organization | None:
        """Return one organisation as it stands at a position."""
        defined = [said for said in self._defined.get(org_id, ()) if said.stands(position)]
        followed = [said for said in self._succeeded.get(org_id, ()) if said.stands(position)]
        if not defined and not followed:
            return None
        successions = [
            said.payload for said in followed if isinstance(said.payload, OrganizationSucceeded)
        ]
        latest = defined[-1] if defined else None
        definition = latest.payload if latest else None
        return Organization(
            org_id=org_id,
            definition=definition if isinstance(definition, OrganizationDefined) else None,
            position=max(said.position for said in (*defined[-1:], *followed)),
            predecessors=_distinct(
                before for s in successions if s.successor == org_id for before in s.predecessors
            ),
            successors=_distinct(s.successor for s in successions if org_id in s.predecessors),
        )


def _distinct(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
