"""An export behind the interface of the log, for audits without a server."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from shared.eventlog.protocol import START, Head, StoredEvent
from shared.events.decoding import content_of
from shared.events.envelope import NO_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.reporting.audit.export_file import Export
    from shared.events.envelope import EventKey
    from shared.events.recorded import RecordedEvent


class ExportLog:
    """Reads a verified export; positions outside its selection are valid all the same."""

    def __init__(self, export: Export) -> None:
        self._export = export

    def head(self) -> Head:
        """Return the head of the log at the time of the selection."""
        return self._export.manifest.head

    def at(self, position: int) -> Head | None:
        """Return the head as of a position; the chain is known for the last position only."""
        if position > self.head().position:
            return None
        if position == self.head().position:
            return self.head()
        before = bisect_right(self._export.positions, position)
        if not before:
            return Head(position, NO_CHAIN, 0)
        return Head(position, NO_CHAIN, self._export.times[before - 1])

    def last_recorded_until(self, moment_us: int) -> Head:
        """Return the last selected event recorded at or before a time, as a head."""
        if moment_us >= self.head().recorded_us:
            return self.head()
        before = bisect_right(self._export.times, moment_us)
        if not before:
            return START
        return Head(self._export.positions[before - 1], NO_CHAIN, self._export.times[before - 1])

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return up to `limit` selected events after a position."""
        first = bisect_right(self._export.positions, after)
        last = min(first + limit, len(self._export.positions))
        if first == last:
            return []
        return list(self._export.events(after, self._export.positions[last - 1]))

    def streams(self, subjects: Iterable[str]) -> Sequence[RecordedEvent]:
        """Return the selected events of subjects, in order."""
        positions = sorted(
            p for subject in set(subjects) for p in self._by_subject.get(subject, ())
        )
        return [event for position in positions for event in self.read(position - 1, 1)]

    def under(self, *prefixes: str, after: int = 0) -> Sequence[RecordedEvent]:
        """Return the selected events whose subject begins with one of the prefixes."""
        return [e for e in self._export.events(after) if e.subject.startswith(prefixes)]

    def naming(self, identifier: str) -> Sequence[RecordedEvent]:
        """Return the selected events whose record holds the identifier as a JSON string."""
        needle = f'"{identifier}"'.encode()
        return [event for event in self._export.events() if needle in event.body]

    def known(self, keys: Iterable[EventKey]) -> Mapping[EventKey, StoredEvent]:
        """Return which of the keys were selected, with their positions."""
        wanted = set(keys)
        return {
            event.key: StoredEvent(event.position, event.chain, content_of(event.body))
            for event in self._export.events()
            if event.key in wanted
        }

    def find(self, key: EventKey) -> RecordedEvent | None:
        """Return the selected event with this key."""
        return next((event for event in self._export.events() if event.key == key), None)

    @cached_property
    def _by_subject(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for event in self._export.events():
            found.setdefault(event.subject, []).append(event.position)
        return found
