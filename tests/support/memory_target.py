"""A target of a consumer, for tests: it keeps events and its checkpoint in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.bus.consumer import Entry
from shared.bus.streams import entry_id
from shared.eventlog.checkpoint import BEGINNING, CheckpointConflict, LogPosition
from shared.events.recorded import feed_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.events.recorded import RecordedEvent


class Shelf:
    """Keeps what it is given, whole or not at all, by compare-and-set."""

    def __init__(self) -> None:
        self.events: list[RecordedEvent] = []
        self.runs: list[int] = []
        self._checkpoint = BEGINNING

    @property
    def positions(self) -> list[int]:
        """Return the positions of what was taken in, in that order."""
        return [event.position for event in self.events]

    def checkpoint(self) -> LogPosition:
        """Return how far it has come."""
        return self._checkpoint

    def apply(self, events: Sequence[RecordedEvent], checkpoint: LogPosition) -> None:
        """Take in a run that directly follows."""
        if events[0].position != self._checkpoint.position + 1:
            raise CheckpointConflict
        self.events.extend(events)
        self.runs.append(len(events))
        self._checkpoint = checkpoint


def entries(events: Iterable[RecordedEvent]) -> list[Entry]:
    """Return events as the stream delivers them."""
    return [Entry(entry_id(e.position).encode(), feed_item(e)) for e in events]
