"""Streams of the log as small states in memory: as many as fit, the least recently used go first.

What is not in memory is asked for with `NotLoaded` and read from the log; so memory is bounded
and a decision never rests on a stream that is not at the head.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.deciding.retracting import name_of
from shared.eventlog.deciding import NotLoaded
from shared.eventlog.protocol import Reader
from shared.events.catalogue import linked_stream
from shared.events.envelope import RecordedEvent
from shared.events.registrations import ModelRegistered

STREAMS_KEPT = 200_000

State = Any
"""What an `evolve` returns: a frozen value, or None for a stream that says nothing yet."""

Evolve = Callable[[State, RecordedEvent], State]


@dataclass(frozen=True, slots=True)
class StreamKind:
    """How streams of one kind are folded; only events of these names are decoded for them."""

    evolve: Evolve
    names: frozenset[str]


Lookup = Callable[[Reader, str], object]
"""Answers a question to the log that is not a stream, such as "event/<source>|<id>"."""


@dataclass(slots=True)
class _Kept:
    kind: StreamKind
    state: State
    until: int


class StreamCache:
    """States of streams by subject, and answers of lookups, which the next event makes stale.

    `kinds` and `lookups` are by what stands before the slash of a subject.
    """

    def __init__(
        self,
        kinds: Mapping[str, StreamKind],
        lookups: Mapping[str, Lookup],
        *,
        limit: int = STREAMS_KEPT,
    ) -> None:
        self._kinds = kinds
        self._lookups = lookups
        self._limit = limit
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._answers: dict[str, object] = {}
        self._by_model = "model" in kinds

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._answers.clear()

    def state(self, subject: str) -> State:
        """Return the state of a stream; raises NotLoaded when it is not in memory."""
        kept = self._kept.get(subject)
        if kept is None:
            raise NotLoaded(subject)
        self._kept.move_to_end(subject)
        return kept.state

    def answer(self, question: str) -> Any:  # noqa: ANN401  each lookup has its own answer
        """Return what a lookup found; raises NotLoaded when an event came since it was asked."""
        if question not in self._answers:
            raise NotLoaded(question)
        return self._answers[question]

    def missing(self, subjects: Iterable[str]) -> Collection[str]:
        """Return the streams among these that are not in memory; what lookups answer is none."""
        absent = (subject for subject in subjects if subject not in self._kept)
        # In the order of asking: what is used last must be forgotten last.
        return list(dict.fromkeys(s for s in absent if _kind(s) in self._kinds))

    def take(self, subjects: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Bring streams into memory from all their events, in order of position."""
        for subject in subjects:
            self._kept[subject] = _Kept(self._kinds[_kind(subject)], None, 0)
        self._take(events, frozenset(subjects))

    def load(self, log: Reader, subjects: Iterable[str]) -> None:
        """Read streams that are not in memory, in one go, and ask the lookups."""
        asked = dict.fromkeys(subjects)
        for subject in asked:
            lookup = self._lookups.get(_kind(subject))
            if lookup is not None:
                self._answers[subject] = lookup(log, subject.partition("/")[2])
        wanted = self.missing(asked)
        if wanted:
            self.take(wanted, log.streams(wanted))

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Bring the streams in memory forward; this alone may drop some of them."""
        self._answers.clear()
        self._take(events, None)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

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
        if not self._by_model or name_of(event.type) != ModelRegistered.NAME:
            return (event.subject,)
        linked = linked_stream(event.payload)
        return (event.subject,) if linked is None else (event.subject, linked)


def _kind(subject: str) -> str:
    return subject.partition("/")[0]
