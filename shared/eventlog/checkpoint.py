"""Checkpoints of readers: the position up to which the log was read, and its chain there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.events.envelope import NO_CHAIN, link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.events.recorded import RecordedEvent


class LogPosition(NamedTuple):
    """All events up to `position` were read; `chain` (32 bytes) identifies the log's history."""

    position: int
    chain: bytes


BEGINNING = LogPosition(0, NO_CHAIN)


class CheckpointConflict(Exception):  # noqa: N818  a signal to look again, not an error
    """The checkpoint was moved by another process since it was read; nothing was stored."""


class LogMismatch(Exception):  # noqa: N818  the sentence is what the operator reads
    """The log does not contain the history of the checkpoint: another state was restored."""

    def __init__(self, checkpoint: LogPosition) -> None:
        super().__init__(
            f"the log has another history than the one read up to position {checkpoint.position} "
            f"(chain {checkpoint.chain.hex()[:16]}…): was it restored to an older state? "
            "Restore the right log, or rebuild the read models from this one."
        )
        self.checkpoint = checkpoint


def follows(checkpoint: LogPosition, event: RecordedEvent) -> bool:
    """Return whether an event is the next one of the same log."""
    return event.position == checkpoint.position + 1 and _is_chained(checkpoint, event)


def _is_chained(checkpoint: LogPosition, event: RecordedEvent) -> bool:
    """Return whether the chain of an event continues the checkpoint's, as only this log's can."""
    return event.chain == link(checkpoint.chain, event.position, event.recorded_us, event.digest)


def after(events: Sequence[RecordedEvent]) -> LogPosition:
    """Return the checkpoint after some events."""
    return LogPosition(events[-1].position, events[-1].chain)
