"""Streams of the log as small states in memory: as many as fit, the least recently used go first.

What is not in memory is asked for with `NotLoaded` and read from the log; so memory is bounded
and a decision never rests on a stream that is not at the head. A stream that cannot be read is set
aside by itself: whoever asks for it gets `StreamQuarantined`.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.appending.decider import NotLoaded, QuarantinedStream, StreamQuarantined, reason_of
from shared.errors import Unavailable
from shared.eventlog.protocol import Reader
from shared.events.recorded import RecordedEvent
from shared.rules.retraction import name_of

STREAMS_KEPT = 200_000

State = Any
"""What an `evolve` returns: a frozen value, or None for a stream that says nothing yet."""

Evolve = Callable[[State, RecordedEvent], State]


@dataclass(frozen=True, slots=True)
class StreamFold:
    """How streams of one kind are folded; only events of these names are decoded for them."""

    evolve: Evolve
    names: frozenset[str]


Lookup = Callable[[Reader, str], object]
"""Answers a question to the log that is not a stream, such as "event/<source>|<id>"."""


@dataclass(slots=True)
class _CachedStream:
    kind: StreamFold
    state: State
    until: int


class StreamCache:
    """States of streams by subject, and answers of lookups, which the next event makes stale.

    `kinds` and `lookups` are by what stands before the slash of a subject.
    """

    def __init__(
        self,
        kinds: Mapping[str, StreamFold],
        lookups: Mapping[str, Lookup],
        *,
        limit: int = STREAMS_KEPT,
    ) -> None:
        self._kinds = kinds
        self._lookups = lookups
        self._limit = limit
        self._kept: OrderedDict[str, _CachedStream] = OrderedDict()
        self._answers: dict[str, object] = {}
        self._by_model = "model" in kinds
        self.held: dict[str, QuarantinedStream] = {}
        """The streams that cannot be read; they are as bounded as those that can."""

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._answers.clear()
        self.held.clear()

    def state(self, subject: str) -> State:
        """Return the state of a stream.

        Raises NotLoaded when it is not in memory, SetAside when it cannot be read.
        """
        kept = self._kept.get(subject)
        if kept is None:
            if (held := self.held.get(subject)) is not None:
                raise StreamQuarantined(held)
            raise NotLoaded(subject)
        self._kept.move_to_end(subject)
        return kept.state

    def answer(self, question: str) -> Any:  # noqa: ANN401  each lookup has its own answer
        """Return what a lookup found; raises NotLoaded when an event came since it was asked.

        Raises SetAside when it met something that cannot be read.
        """
        if question not in self._answers:
            raise NotLoaded(question)
        answer = self._answers[question]
        if isinstance(answer, QuarantinedStream):
            raise StreamQuarantined(answer)
        return answer

    def missing(self, subjects: Iterable[str]) -> Collection[str]:
        """Return the streams among these that are not in memory; what lookups answer is none."""
        absent = (s for s in subjects if s not in self._kept and s not in self.held)
        # In the order of asking: what is used last must be forgotten last.
        return list(dict.fromkeys(s for s in absent if _kind(s) in self._kinds))

    def take(self, log: Reader, subjects: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Bring streams into memory from all their events, in order of position.

        If one of them cannot be read, each is read alone.
        """
        self._begin(subjects)
        try:
            self._take(events, frozenset(subjects))
        except Exception:  # noqa: BLE001  whatever it is, it belongs to one of these streams
            for subject in subjects:
                self._load_alone(log, subject)

    def load(self, log: Reader, subjects: Iterable[str]) -> None:
        """Read streams that are not in memory, in one go, and ask the lookups."""
        asked = dict.fromkeys(subjects)
        for subject in asked:
            lookup = self._lookups.get(_kind(subject))
            if lookup is not None:
                self._answers[subject] = _asked(lookup, log, subject)
        wanted = self.missing(asked)
        if wanted:
            self.take(log, wanted, log.streams(wanted))

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Bring the streams in memory forward; this alone may drop some of them."""
        self._answers.clear()
        self._take(events, None)
        if self.held:
            self._hold_more(events)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def drop(self, events: Sequence[RecordedEvent]) -> None:
        """Forget the streams of events that were folded and are not in the log after all."""
        self._answers.clear()
        for event in events:
            for subject in self._streams_of(event):
                self._kept.pop(subject, None)

    def _begin(self, subjects: Iterable[str]) -> None:
        for subject in subjects:
            self._kept[subject] = _CachedStream(self._kinds[_kind(subject)], None, 0)

    def _load_alone(self, log: Reader, subject: str) -> None:
        """Read one stream event by event, and set it aside at the first that cannot be read."""
        self._begin([subject])
        events = log.streams([subject])
        for place, event in enumerate(events):
            try:
                self._take([event], frozenset({subject}))
            except Exception as error:  # noqa: BLE001  it is the reason why the stream is held
                del self._kept[subject]
                held = QuarantinedStream(
                    subject, event.position, event.type, reason_of(error), len(events) - place
                )
                self.held[subject] = held
                return

    def _hold_more(self, events: Sequence[RecordedEvent]) -> None:
        for event in events:
            held = self.held.get(event.subject)
            if held is not None:
                self.held[event.subject] = held._replace(events_held=held.events_held + 1)
        while len(self.held) > self._limit:
            del self.held[next(iter(self.held))]

    def _take(self, events: Sequence[RecordedEvent], only: frozenset[str] | None) -> None:
        for event in events:
            for subject in self._streams_of(event):
                if only is not None and subject not in only:
                    continue
                kept = self._kept.get(subject)
                if kept is None or event.position <= kept.until:
                    continue
                kept.until = event.position
                if name_of(event.type) in kept.kind.names:
                    kept.state = kept.kind.evolve(kept.state, event)

    def _streams_of(self, event: RecordedEvent) -> tuple[str, ...]:
        if not self._by_model or event.linked is None:
            return (event.subject,)
        return event.subject, event.linked


def _asked(lookup: Lookup, log: Reader, question: str) -> object:
    try:
        return lookup(log, question.partition("/")[2])
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001  whoever asks this gets it as the answer
        return QuarantinedStream(question, 0, "", reason_of(error))


def _kind(subject: str) -> str:
    return subject.partition("/")[0]
