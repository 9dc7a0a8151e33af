"""An LRU cache of streams of the log, folded to small states.

A stream not in memory raises `NotLoaded` and is then read from the log; so memory is bounded and a
decision never uses a stream that is not at the head. A stream that cannot be read is quarantined by
itself: its state raises `StreamQuarantined`.
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
"""The result of an `evolve`: a frozen value, or None for a stream without state yet."""

Evolve = Callable[[State, RecordedEvent], State]


@dataclass(frozen=True, slots=True)
class StreamFold:
    """The fold of streams of one kind; only events of these names are decoded for it."""

    evolve: Evolve
    names: frozenset[str]


Lookup = Callable[[Reader, str], object]
"""A query of the log other than for a stream, such as "event/<source>|<id>"."""


@dataclass(slots=True)
class _CachedStream:
    kind: StreamFold
    state: State
    until: int


class StreamCache:
    """States of streams by subject, and results of lookups, which the next event invalidates.

    `kinds` and `lookups` are keyed by the part of a subject before the slash.
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
        """The unreadable streams, bounded like the cache."""

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Clear the cache."""
        self._kept.clear()
        self._answers.clear()
        self.held.clear()

    def state(self, subject: str) -> State:
        """Return the state of a stream.

        Raises NotLoaded if it is not in memory, StreamQuarantined if it cannot be read.
        """
        kept = self._kept.get(subject)
        if kept is None:
            if (held := self.held.get(subject)) is not None:
                raise StreamQuarantined(held)
            raise NotLoaded(subject)
        self._kept.move_to_end(subject)
        return kept.state

    def answer(self, question: str) -> Any:  # noqa: ANN401  each lookup has its own type
        """Return the result of a lookup; raises NotLoaded after the next event.

        Raises StreamQuarantined if the lookup read a record that cannot be read.
        """
        if question not in self._answers:
            raise NotLoaded(question)
        answer = self._answers[question]
        if isinstance(answer, QuarantinedStream):
            raise StreamQuarantined(answer)
        return answer

    def missing(self, subjects: Iterable[str]) -> Collection[str]:
        """Return the streams among these that are not in memory; lookups are no streams."""
        absent = (s for s in subjects if s not in self._kept and s not in self.held)
        # In the order of use, so that the last used is evicted last.
        return list(dict.fromkeys(s for s in absent if _kind(s) in self._kinds))

    def take(self, log: Reader, subjects: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Load streams from all their events, in order of position.

        If one of them cannot be read, each is read alone.
        """
        self._begin(subjects)
        try:
            self._take(events, frozenset(subjects))
        except Exception:  # noqa: BLE001  the error is of one of these streams
            for subject in subjects:
                self._load_alone(log, subject)

    def load(self, log: Reader, subjects: Iterable[str]) -> None:
        """Read streams that are not in memory, in one query, and run the lookups."""
        asked = dict.fromkeys(subjects)
        for subject in asked:
            lookup = self._lookups.get(_kind(subject))
            if lookup is not None:
                self._answers[subject] = _asked(lookup, log, subject)
        wanted = self.missing(asked)
        if wanted:
            self.take(log, wanted, log.streams(wanted))

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Fold events into the cached streams; only this method evicts streams."""
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
        """Read one stream event by event, and quarantine it at the first unreadable one."""
        self._begin([subject])
        events = log.streams([subject])
        for index, event in enumerate(events):
            try:
                self._take([event], frozenset({subject}))
            except Exception as error:  # noqa: BLE001  the reason of the quarantine
                del self._kept[subject]
                held = QuarantinedStream(
                    subject, event.position, event.type, reason_of(error), len(events) - index
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
    except Exception as error:  # noqa: BLE001  becomes the result of the lookup
        return QuarantinedStream(question, 0, "", reason_of(error))


def _kind(subject: str) -> str:
    return subject.partition("/")[0]
