"""The consumer of one read model: events in order and exactly once, however Redis delivers.

The stream is a hint. Entries are used only if they continue the checkpoint's position and chain,
and the log has the chain of the last of them; otherwise events are read from the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from shared.errors import LedgerError
from shared.eventlog.checkpoint import CheckpointConflict, LogMismatch, LogPosition, after, follows
from shared.events.recorded import from_feed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent

GROUP = 2_000


class Entry(NamedTuple):
    """One entry of `dvk:events` as delivered: its id, and the bytes of its field `event`."""

    id: bytes
    item: bytes


class Target(Protocol):
    """A consumer's target, such as a read model: it commits rows and checkpoint together."""

    def checkpoint(self) -> tuple[int, bytes]:
        """Return the position and the chain of the last event applied."""
        ...

    def apply(self, events: Sequence[RecordedEvent], checkpoint: LogPosition) -> None:
        """Apply events that directly follow the checkpoint, and move it, in one transaction.

        Raises `CheckpointConflict`, and stores nothing, when the checkpoint is no longer the one
        before the first event.
        """
        ...


def _ignore() -> None:
    """Ignore a gap."""


class Consumer:
    """Applies the events of one log to one target."""

    def __init__(
        self,
        log: Reader,
        target: Target,
        *,
        group: int = GROUP,
        on_hole: Callable[[], None] = _ignore,
    ) -> None:
        self._log = log
        self._target = target
        self._group = group
        self._on_hole = on_hole

    def step(self, entries: Sequence[Entry] = ()) -> int:
        """Apply one group, from the entries or else from the log; return how many events.

        0 means that the target is at the head of the log. Raises `LogMismatch` when the log has
        another history than the target has read: then no event may be applied any more.
        """
        checkpoint = LogPosition(*self._target.checkpoint())
        events = self._continuing(checkpoint, entries)
        if events and not self._is_of_the_log(after(events)):
            self._on_hole()
            events = ()
        events = events or self._from_log(checkpoint)
        if not events:
            return 0
        try:
            self._target.apply(events, after(events))
        except CheckpointConflict:
            return 0  # a second consumer applied them; the next step continues after them
        return len(events)

    def _continuing(
        self, checkpoint: LogPosition, entries: Sequence[Entry]
    ) -> Sequence[RecordedEvent]:
        """Return the events of the entries up to the first gap."""
        events: list[RecordedEvent] = []
        for entry in entries:
            event = _read(entry)
            if event is not None and event.position <= checkpoint.position:
                continue  # delivered again
            if event is None or _leaves_a_hole(checkpoint, event):
                self._on_hole()
                break
            events.append(event)
            checkpoint = LogPosition(event.position, event.chain)
        return events

    def _is_of_the_log(self, reached: LogPosition) -> bool:
        """Return whether the log has the chain of a position, which covers all events before it.

        Anyone who can write to Redis can make entries that continue a chain.
        """
        place = self._log.at(reached.position)
        return place is not None and place.chain == reached.chain

    def _from_log(self, checkpoint: LogPosition) -> Sequence[RecordedEvent]:
        events = self._log.read(checkpoint.position, self._group)
        reached = checkpoint
        for event in events:
            if not follows(reached, event):
                raise LogMismatch(reached)
            reached = LogPosition(event.position, event.chain)
        if not events:
            place = self._log.at(checkpoint.position)
            if place is None or place.chain != checkpoint.chain:
                raise LogMismatch(checkpoint)
        return events


def _leaves_a_hole(checkpoint: LogPosition, event: RecordedEvent) -> bool:
    """Return whether events are missing between the checkpoint and an event of the stream."""
    return not follows(checkpoint, event)


def _read(entry: Entry) -> RecordedEvent | None:
    """Return the event of an entry, None when it cannot be read or its digest is wrong."""
    try:
        return from_feed(entry.item)
    except (LedgerError, ValueError):
        return None
