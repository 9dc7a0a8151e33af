"""Organisations as they were defined, replaced and succeeded; labels in every other event."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from shared.events.decoding import payload_of
from shared.events.payloads.organizations import OrganizationDefined, OrganizationSucceeded
from shared.events.payloads.retraction import EventRetracted
from shared.events.recorded import RecordedEvent
from shared.rules.retraction import key_of

if TYPE_CHECKING:
    from shared.events.envelope import EventKey


class Organization(NamedTuple):
    """An organisation as it stands at a position; one may be named before it is defined."""

    org_id: str
    definition: OrganizationDefined | None
    position: int
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass(slots=True)
class _Said:
    """One event, undecoded: a hundred thousand decoded ones would burden the collector."""

    position: int
    type: str
    body: bytes
    retracted_at: int | None = None

    def stands(self, position: int) -> bool:
        gone = self.retracted_at is not None and self.retracted_at <= position
        return self.position <= position and not gone

    def defined(self) -> OrganizationDefined | None:
        payload = payload_of(self.type, self.body)
        return payload if isinstance(payload, OrganizationDefined) else None


class _Succession(NamedTuple):
    said: _Said
    predecessors: tuple[str, ...]
    successor: str


class OrganizationRegister:
    """Every organisation that has an event of its own, as known at any position."""

    def __init__(self) -> None:
        self._definitions: dict[str, list[_Said]] = {}
        self._successions: dict[str, list[_Succession]] = {}
        self._by_key: dict[EventKey, _Said] = {}
        self._sorted: list[str] | None = None

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Take in events of organisations, in order of position; others are ignored."""
        for event in events:
            if event.subject.startswith("organization/"):
                self._take(event)

    def listed(self, position: int, *, after: str = "", limit: int) -> Sequence[Organization]:
        """Return up to `limit` organisations that stand at a position, by id, after an id."""
        if self._sorted is None:
            self._sorted = sorted(self._definitions.keys() | self._successions.keys())
        ids = islice(self._sorted, bisect_right(self._sorted, after), None)
        found = (self.get(org_id, position) for org_id in ids)
        return list(islice((each for each in found if each is not None), limit))

    def get(self, org_id: str, position: int) -> Organization | None:
        """Return one organisation as it stands at a position, None when nothing is said of it."""
        defined = [s for s in self._definitions.get(org_id, ()) if s.stands(position)]
        followed = [s for s in self._successions.get(org_id, ()) if s.said.stands(position)]
        if not defined and not followed:
            return None
        before = (p for s in followed if s.successor == org_id for p in s.predecessors)
        after = (s.successor for s in followed if org_id in s.predecessors)
        latest = (*defined[-1:], *(s.said for s in followed))
        return Organization(
            org_id=org_id,
            definition=defined[-1].defined() if defined else None,
            position=max(said.position for said in latest),
            predecessors=tuple(dict.fromkeys(before)),
            successors=tuple(dict.fromkeys(after)),
        )

    def _take(self, event: RecordedEvent) -> None:
        payload = event.payload
        if isinstance(payload, EventRetracted):
            taken = self._by_key.get(key_of(payload))
            if taken is not None:
                taken.retracted_at = event.position
            return
        said = _Said(event.position, event.type, event.body)
        self._by_key[event.key] = said
        self._sorted = None
        match payload:
            case OrganizationDefined(org_id=org_id):
                self._definitions.setdefault(org_id, []).append(said)
            case OrganizationSucceeded(predecessors=predecessors, successor=successor):
                succession = _Succession(said, tuple(predecessors), successor)
                for org_id in dict.fromkeys((successor, *predecessors)):
                    self._successions.setdefault(org_id, []).append(succession)
