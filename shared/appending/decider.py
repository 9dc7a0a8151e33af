"""What a service brings to the log: pure rules, and a state that is folded at the head."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shared.appending.outcomes import Parked, Refused
from shared.errors import Problem, declare
from shared.eventlog.protocol import Reader, Reference
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family

STREAM_SET_ASIDE = declare(
    "stream_set_aside",
    503,
    vi="Chuỗi {subject} đang bị cách ly: dịch vụ này không đọc được sự kiện ở vị trí {position} "
    "của sổ cái. Chưa có gì được ghi; hãy gửi lại sau khi người vận hành đã xử lý.",
    en="The stream {subject} is set aside: this service cannot read the event at position "
    "{position} of the log. Nothing was stored; send again when the operator has mended it.",
)
DECISION_FAULT = declare(
    "decision_fault",
    500,
    vi="Sổ cái gặp lỗi của chính mình khi xét sự kiện này; chưa có gì được ghi và lỗi đã được ghi "
    "lại. Hãy báo cho người vận hành.",
    en="The ledger failed on this event by a fault of its own, which is logged; nothing was "
    "stored. Tell its operator.",
)


class QuarantinedStream(NamedTuple):
    """A stream that this service cannot read from `position` on, so nothing is decided on it.

    Position 0 stands for an event that is parked, and in no log yet.
    """

    subject: str
    position: int
    event_type: str
    reason: str
    events_held: int = 1


class StreamQuarantined(Exception):  # noqa: N818  a signal: this one event cannot be decided now
    """The rules ask for a stream that cannot be read."""

    def __init__(self, held: QuarantinedStream) -> None:
        super().__init__(held.subject)
        self.held = held

    @property
    def problem(self) -> Problem:
        """Return what the publisher is told: the same event may be sent again later."""
        stated = {"subject": self.held.subject, "position": self.held.position}
        return Problem(STREAM_SET_ASIDE, stated)


@dataclass(frozen=True, slots=True)
class Undecided:
    """The event cannot be decided now, by no fault of its own: nothing is kept of it."""

    problem: Problem
    held: QuarantinedStream


def reason_of(error: Exception) -> str:
    """Return in one line why something could not be read or decided."""
    return f"{type(error).__name__}: {error}"[:2_000]


@dataclass(frozen=True, slots=True)
class Accept:
    """The event keeps every rule."""


Decision = Accept | Parked | Refused


class NotLoaded(Exception):  # noqa: N818  a signal to the appender, not an error
    """The rules ask for streams that are not in memory: load them and decide again."""

    def __init__(self, *subjects: str) -> None:
        super().__init__(*subjects)
        self.subjects = subjects


class Decider(Protocol):
    """Decides the events of one family on a state that stands at the head of the log.

    `decide` is pure: it raises `NotLoaded` for a stream that is not in memory, and is asked again,
    and `StreamQuarantined` for one that cannot be read. `start` and `load` quarantine what cannot
    be read; `fold` raises what it meets, and then the decider is started again.
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

    def take(self, log: Reader, streams: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Bring streams into memory from all their events; what cannot be read is set aside."""
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

    def held(self) -> Sequence[QuarantinedStream]:
        """Return the streams that cannot be read, as far as anybody has asked for them."""
        ...
