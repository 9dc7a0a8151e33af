"""What a service brings to the log: pure rules, and a state that is folded at the head."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.errors import Problem
from shared.eventlog.protocol import Reader, Reference
from shared.events.envelope import ReceivedEvent, RecordedEvent
from shared.vocabulary import Family


@dataclass(frozen=True, slots=True)
class Accept:
    """The event keeps every rule."""


@dataclass(frozen=True, slots=True)
class Park:
    """The event names what is not known yet."""

    waiting_for: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Refuse:
    """A rule says no."""

    problem: Problem


Decision = Accept | Park | Refuse


class NotLoaded(Exception):  # noqa: N818  a signal to the appender, not an error
    """The rules ask for streams that are not in memory: load them and decide again."""

    def __init__(self, *subjects: str) -> None:
        super().__init__(*subjects)
        self.subjects = subjects


class Decider(Protocol):
    """Decides the events of one family on a state that stands at the head of the log.

    `decide` is pure: it raises `NotLoaded` for a stream that is not at hand, and is asked again.
    """

    family: Family

    def start(self, log: Reader) -> None:
        """Forget everything and fold what must always be in memory, to the head of the log."""
        ...

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Take in recorded events of any service, in order; unloaded streams stay unloaded."""
        ...

    def missing(self, events: Sequence[ReceivedEvent]) -> Collection[str]:
        """Return the streams that deciding these will ask for and that are not in memory."""
        ...

    def take(self, streams: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Bring streams into memory from all their events."""
        ...

    def load(self, log: Reader, subjects: Iterable[str]) -> None:
        """Bring streams into memory, as they stand at the head of the log."""
        ...

    def streams(self, event: ReceivedEvent) -> Iterable[str]:
        """Return the streams that deciding this event will probably ask for."""
        ...

    def decide(self, event: ReceivedEvent) -> Decision:
        """Decide one event."""
        ...

    def provides(self, event: RecordedEvent) -> Iterable[Reference]:
        """Return the references that exist from this event on."""
        ...
