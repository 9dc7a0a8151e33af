"""What every reader of the log keeps: the place up to which it has read, with the chain there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.events.envelope import NO_CHAIN, link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.events.recorded import RecordedEvent


class LogPosition(NamedTuple):
    """Everything up to `position` is taken in; `chain` (32 bytes) tells which log it was."""

    position: int
    chain: bytes


BEGINNING = LogPosition(0, NO_CHAIN)


class CheckpointConflict(Exception):  # noqa: N818  a signal to look again, not an error
    """Somebody else has moved the checkpoint since it was read; nothing was stored."""


class LogMismatch(Exception):  # noqa: N818  the sentence is what the operator reads
    """The log does not hold what the checkpoint was made of: it was restored to another state."""

    def __init__(self, checkpoint: LogPosition) -> None:
        super().__init__(
            f"the log has another history than the one read up to position {checkpoint.position} "
            f"(chain {checkpoint.chain.hex()[:16]}…): was it restored to an older state? "
            "Restore the right log, or rebuild the read models from this one."
        )
        self.checkpoint = checkpoint


def follows(checkpoint: LogPosition, event: RecordedEvent) -> bool:
    """Tell whether an event is the very next one of the same log."""
    return event.position == checkpoint.position + 1 and _is_chained(checkpoint, event)


def _is_chained(checkpoint: LogPosition, event: RecordedEvent) -> bool:
    """Tell whether an event is chained to what was read: another log's events are not."""
    return event.chain == link(checkpoint.chain, event.position, event.recorded_us, event.digest)


def after(events: Sequence[RecordedEvent]) -> LogPosition:
    """Return the checkpoint behind the last of some events."""
    return LogPosition(events[-1].position, events[-1].chain)
