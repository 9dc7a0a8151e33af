"""Keys and grants as known at a position, folded on demand from the copies of their events."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from shared.trust.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.readmodels.parts.event_copies import EventCopies
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.store import Store

SNAPSHOTS_KEPT = 4


class AuthoritySnapshot(NamedTuple):
    """The authority at a position, and its events up to there by position."""

    authority: Authority
    events: Mapping[int, RecordedEvent]


class AuthoritySnapshots:
    """A cache of snapshots; the table is read only for positions not cached yet."""

    def __init__(self, store: Store, model: EventCopies) -> None:
        self._store = store
        self._model = model
        self._lock = threading.Lock()
        self._reached = 0
        self._positions: list[int] = []
        self._events: list[RecordedEvent] = []
        self._snapshots: OrderedDict[int, AuthoritySnapshot] = OrderedDict()

    def at(self, position: int) -> AuthoritySnapshot:
        """Return the snapshot as known at a position that the read models have reached."""
        with self._lock:
            if position > self._reached:
                self._follow(position)
            known = bisect_right(self._positions, position)
            snapshot = self._snapshots.get(known)
            if snapshot is None:
                snapshot = self._snapshots[known] = _folded(self._events[:known])
                while len(self._snapshots) > SNAPSHOTS_KEPT:
                    self._snapshots.popitem(last=False)
            self._snapshots.move_to_end(known)
            return snapshot

    def _follow(self, position: int) -> None:
        events = self._model.recent.between(self._reached, position)
        if events is None:
            with self._store.reading() as connection:
                events = self._model.between(connection, self._reached, position)
        self._events += events
        self._positions += [event.position for event in events]
        self._reached = position


def _folded(events: Sequence[RecordedEvent]) -> AuthoritySnapshot:
    authority = Authority()
    authority.fold(events)
    return AuthoritySnapshot(authority, {event.position: event for event in events})
