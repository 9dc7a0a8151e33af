"""The result of a group: outcomes of submitted events, and of parked ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.appending.decider import QuarantinedStream
from shared.appending.outcomes import Outcome
from shared.eventlog.protocol import Head, ParkedEvent
from shared.events.envelope import EventKey

OnSettled = Callable[[Sequence[tuple[ParkedEvent, Outcome]]], None]


@dataclass(slots=True)
class BatchResult:
    """Result of one group, for answers, receipts and metrics."""

    outcomes: list[Outcome] = field(default_factory=list)
    released: list[tuple[ParkedEvent, Outcome]] = field(default_factory=list)
    accepted: int = 0
    duplicates: int = 0
    parked: int = 0
    refused: int = 0
    held: int = 0
    """Events to send again: their streams cannot be read, or too many events are parked."""
    faults: int = 0
    """Events answered with 500: the rules failed on them."""
    quarantined: dict[EventKey, QuarantinedStream] = field(default_factory=dict)
    """Parked events that could not be decided although their references exist now."""


@dataclass(frozen=True, slots=True)
class CommitReport:
    """One committed group for metrics: its result, the head, and the duration."""

    settled: BatchResult
    head: Head
    seconds: float
