"""The decider of a service: pure rules on a state that is folded to the head of the log."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shared.appending.outcomes import Parked, Refused
from shared.errors import Problem, declare
from shared.eventlog.protocol import Reader, Reference
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent
from shared.trust.authority import Authority
from shared.vocabulary import Family

STREAM_SET_ASIDE = declare(
    "stream_set_aside",
    503,
    vi="Chuỗi {subject} đang bị cách ly: dịch vụ này không đọc được sự kiện ở vị trí {position} "
    "của sổ cái. Chưa có gì được ghi; hãy gửi lại sau khi người vận hành đã xử lý.",
    en="The stream {subject} is in quarantine: this service cannot read the event at position "
    "{position} of the log. Nothing was stored; send again when the operator has repaired it.",
)
DECISION_FAULT = declare(
    "decision_fault",
    500,
    vi="Sổ cái gặp lỗi của chính mình khi xét sự kiện này; chưa có gì được ghi và lỗi đã được ghi "
    "lại. Hãy báo cho người vận hành.",
    en="The ledger failed on this event (internal error, logged); nothing was "
    "stored. Inform its operator.",
)


class QuarantinedStream(NamedTuple):
    """A stream that this service cannot read from `position` on; no event on it is decided.

    Position 0 means a parked event, which is not in the log yet.
    """

    subject: str
    position: int
    event_type: str
    reason: str
    events_held: int = 1


class StreamQuarantined(Exception):  # noqa: N818  a signal: this one event cannot be decided now
    """The rules need a stream that cannot be read."""

    def __init__(self, held: QuarantinedStream) -> None:
        super().__init__(held.subject)
        self.held = held

    @property
    def problem(self) -> Problem:
        """Return the problem for the publisher, who may send the same event again later."""
        params = {"subject": self.held.subject, "position": self.held.position}
        return Problem(STREAM_SET_ASIDE, params)


@dataclass(frozen=True, slots=True)
class Undecided:
    """The event cannot be decided now, through no fault of its own; nothing of it is kept."""

    problem: Problem
    held: QuarantinedStream


def reason_of(error: Exception) -> str:
    """Return one line that says why a record could not be read or decided."""
    return f"{type(error).__name__}: {error}"[:2_000]


@dataclass(frozen=True, slots=True)
class Accept:
    """The event satisfies every rule."""


Decision = Accept | Parked | Refused


class NotLoaded(Exception):  # noqa: N818  a signal to the appender, not an error
    """The rules need streams that are not in memory: load them and decide again."""

    def __init__(self, *subjects: str) -> None:
        super().__init__(*subjects)
        self.subjects = subjects


class Decider(Protocol):
    """Decides the events of one family on a state folded to the head of the log.

    `decide` is pure: it raises `NotLoaded` for a stream that is not in memory, and is then called
    again, and `StreamQuarantined` for one that cannot be read. `start` and `load` quarantine
    unreadable streams; `fold` lets errors through, and then the decider is started again.
    """

    family: Family
    authority: Authority
    """The keys and rights that are folded, which the door reads in other threads."""

    def start(self, log: Reader) -> None:
        """Reset, and fold everything that is always in memory up to the head of the log."""
        ...

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Fold recorded events of any service, in order; unloaded streams stay unloaded."""
        ...

    def take_back(self, events: Sequence[RecordedEvent]) -> bool:
        """Forget events that were folded last and were not committed; False: start again."""
        ...

    def missing(self, events: Sequence[ReceivedEvent]) -> Collection[str]:
        """Return the streams that deciding these events needs and that are not in memory."""
        ...

    def take(self, log: Reader, streams: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Load streams from all their events; unreadable streams are quarantined."""
        ...

    def load(self, log: Reader, subjects: Iterable[str]) -> None:
        """Load streams as of the head of the log."""
        ...

    def streams(self, event: ReceivedEvent) -> Iterable[str]:
        """Return the streams that deciding this event probably needs."""
        ...

    def decide(self, event: ReceivedEvent, recorded_us: int) -> Decision:
        """Decide one event that would be recorded at a time in microseconds."""
        ...

    def provides(self, event: RecordedEvent) -> Iterable[Reference]:
        """Return the references that this event brings into existence."""
        ...

    def held(self) -> Sequence[QuarantinedStream]:
        """Return the streams found unreadable so far."""
        ...
