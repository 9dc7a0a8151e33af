"""Organisations as defined, replaced and succeeded; other events use them as labels only."""

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
    """The state of an organisation at a position; it may be named before it is defined."""

    org_id: str
    definition: OrganizationDefined | None
    position: int
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass(slots=True)
class _UndecodedEvent:
    """One event, undecoded: a hundred thousand decoded ones would burden the garbage collector."""

    position: int
    type: str
    body: bytes
    retracted_at: int | None = None

    def is_in_force(self, position: int) -> bool:
        retracted = self.retracted_at is not None and self.retracted_at <= position
        return self.position <= position and not retracted

    def defined(self) -> OrganizationDefined | None:
        payload = payload_of(self.type, self.body)
        return payload if isinstance(payload, OrganizationDefined) else None


class _Succession(NamedTuple):
    event: _UndecodedEvent
    predecessors: tuple[str, ...]
    successor: str


class OrganizationRegister:
    """Every organisation that has an event of its own, as known at any position."""

    def __init__(self) -> None:
        self._definitions: dict[str, list[_UndecodedEvent]] = {}
        self._successions: dict[str, list[_Succession]] = {}
        self._by_key: dict[EventKey, _UndecodedEvent] = {}
        self._sorted: list[str] | None = None

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Fold events of organisations, in order of position; others are ignored."""
        for event in events:
            if event.subject.startswith("organization/"):
                self._take(event)

    def take_back(self, definitions: Sequence[RecordedEvent]) -> None:
        """Forget definitions that were folded last and were not committed."""
        for event in reversed(definitions):
            org_id = event.subject.partition("/")[2]
            self._definitions[org_id].pop()
            if not self._definitions[org_id]:
                del self._definitions[org_id]
            del self._by_key[event.key]
        self._sorted = None

    def listed(self, position: int, *, after: str = "", limit: int) -> Sequence[Organization]:
        """Return up to `limit` organisations known at a position, by id, after an id."""
        if self._sorted is None:
            self._sorted = sorted(self._definitions.keys() | self._successions.keys())
        ids = islice(self._sorted, bisect_right(self._sorted, after), None)
        found = (self.get(org_id, position) for org_id in ids)
        return list(islice((each for each in found if each is not None), limit))

    def get(self, org_id: str, position: int) -> Organization | None:
        """Return the state of an organisation at a position, None when no event names it."""
        defined = [each for each in self._definitions.get(org_id, ()) if each.is_in_force(position)]
        succeeded = [
            each for each in self._successions.get(org_id, ()) if each.event.is_in_force(position)
        ]
        if not defined and not succeeded:
            return None
        before = (p for each in succeeded if each.successor == org_id for p in each.predecessors)
        after = (each.successor for each in succeeded if org_id in each.predecessors)
        latest = (*defined[-1:], *(each.event for each in succeeded))
        return Organization(
            org_id=org_id,
            definition=defined[-1].defined() if defined else None,
            position=max(event.position for event in latest),
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
        undecoded = _UndecodedEvent(event.position, event.type, event.body)
        self._by_key[event.key] = undecoded
        self._sorted = None
        match payload:
            case OrganizationDefined(org_id=org_id):
                self._definitions.setdefault(org_id, []).append(undecoded)
            case OrganizationSucceeded(predecessors=predecessors, successor=successor):
                succession = _Succession(undecoded, tuple(predecessors), successor)
                for org_id in dict.fromkeys((successor, *predecessors)):
                    self._successions.setdefault(org_id, []).append(succession)
