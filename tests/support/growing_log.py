"""A log in memory that grows without rules, for tests of whatever reads a log."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from shared.clock import MICROSECONDS
from shared.events.envelope import link
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import unit
from tests.support.memory_log import MemoryEventLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.eventlog.protocol import EventLog

_names = count(1)
START_US = 1_767_225_600 * MICROSECONDS  # 2026-01-01T00:00:00Z


class GrowingLog:
    """Appends made-up units; every event has a subject of its own."""

    def __init__(self, events: Sequence[RecordedEvent] = ()) -> None:
        self.log: EventLog = MemoryEventLog().as_family(Family.REGISTRY)
        self._insert(events)

    def grow(self, by: int) -> None:
        """Append some events."""
        head = self.log.head()
        events = []
        position, chain = head.position, head.chain
        for _ in range(by):
            received = unit(f"u{next(_names)}", name="Xã Bình Văn")
            position += 1
            recorded_us = START_US + position
            chain = link(chain, position, recorded_us, received.digest)
            events.append(
                RecordedEvent(
                    position=position,
                    key=received.key,
                    type=received.type,
                    subject=received.subject,
                    recorded_us=recorded_us,
                    digest=received.digest,
                    chain=chain,
                    body=received.body,
                )
            )
        self._insert(events)

    def restored_to(self, position: int) -> GrowingLog:
        """Return another log with the history of this one up to a position."""
        return GrowingLog(self.log.read(0, position))

    def _insert(self, events: Sequence[RecordedEvent]) -> None:
        with self.log.append_session() as session:
            session.insert([(event, 1) for event in events])
