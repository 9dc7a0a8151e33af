"""The log in memory, for simulations and for rules: the same promises as SQL, without a disk."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

from shared.eventlog.protocol import (
    START,
    AppendSession,
    Head,
    LookupRequest,
    LookupResult,
    OriginChains,
    OriginHead,
    ParkedEvent,
    Reference,
    RefusedEvent,
    StoredEvent,
)
from shared.events.catalogue import CATALOGUE
from shared.events.decoding import content_of
from shared.events.envelope import EventKey
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family


@dataclass
class _Desk:
    parked: dict[int, ParkedEvent] = field(default_factory=dict)
    refused: list[RefusedEvent] = field(default_factory=list)
    last_number: int = 0


@dataclass
class _Store:
    """Everything that a commit makes true at once."""

    events: list[RecordedEvent] = field(default_factory=list)
    keys: dict[EventKey, int] = field(default_factory=dict)
    subjects: dict[str, list[int]] = field(default_factory=dict)
    linked: dict[str, list[int]] = field(default_factory=dict)
    desks: dict[Family, _Desk] = field(default_factory=lambda: {f: _Desk() for f in Family})
    origins: dict[str, OriginHead] = field(default_factory=dict)
    chains: dict[str, OriginChains] = field(default_factory=dict)

    def trial(self) -> "_Store":
        """Return a copy to write in: only what a session may change is copied."""
        return _Store(
            events=list(self.events),
            keys=dict(self.keys),
            subjects={subject: list(stream) for subject, stream in self.subjects.items()},
            linked={subject: list(stream) for subject, stream in self.linked.items()},
            desks={
                family: _Desk(dict(desk.parked), list(desk.refused), desk.last_number)
                for family, desk in self.desks.items()
            },
            origins=dict(self.origins),
            chains=dict(self.chains),
        )


class _MemoryReader:
    def __init__(self, store: _Store) -> None:
        self._store = store

    def head(self) -> Head:
        """Return the last place of the log."""
        return _head(self._store.events[-1]) if self._store.events else START

    def at(self, position: int) -> Head | None:
        """Return the place at a position, None beyond the head."""
        if position == 0:
            return START
        stored = self._store.events
        return _head(stored[position - 1]) if position <= len(stored) else None

    def last_recorded_until(self, moment_us: int) -> Head:
        """Return the last place recorded at or before a time."""
        until = [event for event in self._store.events if event.recorded_us <= moment_us]
        return _head(until[-1]) if until else START

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return up to `limit` events after a position."""
        return self._store.events[after : after + limit]

    def streams(self, subjects: Iterable[str]) -> Sequence[RecordedEvent]:
        """Return all events of these subjects or linked to them, in order of position."""
        found: set[int] = set()
        for subject in subjects:
            found.update(self._store.subjects.get(subject, ()))
            found.update(self._store.linked.get(subject, ()))
        return [self._store.events[position - 1] for position in sorted(found)]

    def under(self, *prefixes: str, after: int = 0) -> Sequence[RecordedEvent]:
        """Return the events after a position whose subject begins with one of the prefixes."""
        later = self._store.events[after:]
        return [event for event in later if event.subject.startswith(prefixes)]

    def naming(self, identifier: str) -> Sequence[RecordedEvent]:
        """Return all events whose record holds the identifier as a JSON string."""
        needle = f'"{identifier}"'.encode()
        return [event for event in self._store.events if needle in event.body]

    def find(self, key: EventKey) -> RecordedEvent | None:
        """Return the event with this key, or None."""
        position = self._store.keys.get(key)
        return None if position is None else self._store.events[position - 1]


class _MemorySession(_MemoryReader):
    def __init__(self, store: _Store, family: Family) -> None:
        super().__init__(store)
        self._family = family
        self._desk = store.desks[family]

    def look(self, wanted: LookupRequest) -> LookupResult:
        """Answer all that a group wants to know."""
        return LookupResult(
            after=self.read(wanted.after, wanted.most),
            known=self.known(wanted.keys),
            versions=self.versions(wanted.subjects),
            streams=self.streams(wanted.streams),
            any_parked=bool(self._desk.parked),
        )

    def known(self, keys: Iterable[EventKey]) -> Mapping[EventKey, StoredEvent]:
        """Return which of the keys stand in the log, and where."""
        events = [event for key in keys if (event := self.find(key)) is not None]
        return {e.key: StoredEvent(e.position, e.chain, content_of(e.body)) for e in events}

    def versions(self, subjects: Iterable[str]) -> Mapping[str, int]:
        """Return how many events each subject holds."""
        return {subject: len(self._store.subjects.get(subject, ())) for subject in subjects}

    def insert(self, events: Sequence[tuple[RecordedEvent, int]]) -> None:
        """Append events with their versions in their streams."""
        for event, version in events:
            if event.position != len(self._store.events) + 1 or event.key in self._store.keys:
                message = f"position {event.position} or its key does not follow the head"
                raise ValueError(message)
            if self._family not in CATALOGUE[event.type].families:
                message = f"{self._family} may not append {event.type}"
                raise PermissionError(message)
            stream = self._store.subjects.setdefault(event.subject, [])
            if version != len(stream) + 1:
                message = f"version {version} does not follow the stream {event.subject}"
                raise ValueError(message)
            stream.append(event.position)
            if event.linked is not None:
                self._store.linked.setdefault(event.linked, []).append(event.position)
            self._store.keys[event.key] = event.position
            self._store.events.append(event)

    def park(self, parked: Sequence[ParkedEvent]) -> None:
        """Keep events that wait."""
        for item in parked:
            self._desk.last_number += 1
            number = self._desk.last_number
            self._desk.parked[number] = replace(item, number=number)

    def wait_on(self, number: int, waiting_for: Sequence[Reference]) -> None:
        """Note that a parked event waits for something else now."""
        item = self._desk.parked[number]
        self._desk.parked[number] = replace(item, waiting_for=tuple(waiting_for))

    def unpark(self, numbers: Iterable[int]) -> None:
        """Forget parked events."""
        for number in numbers:
            self._desk.parked.pop(number, None)

    def count_parked(self, source: str | None = None) -> int:
        """Return how many events wait, or how many of a source."""
        return sum(source in (None, i.event.key.source) for i in self._desk.parked.values())

    def parked_with(self, keys: Iterable[EventKey]) -> Mapping[EventKey, ParkedEvent]:
        """Return which of the keys wait."""
        wanted = set(keys)
        return {i.event.key: i for i in self._desk.parked.values() if i.event.key in wanted}

    def parked_for(self, references: Iterable[Reference]) -> Sequence[ParkedEvent]:
        """Return what waits for any of these, in order of arrival."""
        wanted = set(references)
        return [item for item in self._desk.parked.values() if wanted & {*item.waiting_for}]

    def parked_until(self, moment_us: int) -> Sequence[ParkedEvent]:
        """Return what may wait no longer than that moment."""
        return [item for item in self._desk.parked.values() if item.until_us <= moment_us]

    def refuse(self, refused: Sequence[RefusedEvent]) -> None:
        """List refusals by rule."""
        for item in refused:
            self._desk.last_number += 1
            self._desk.refused.append(replace(item, number=self._desk.last_number))

    def forget_refused(self, before_us: int) -> None:
        """Drop refusals older than a moment."""
        self._desk.refused = [item for item in self._desk.refused if item.at_us >= before_us]

    def origin(self, ledger: str) -> OriginHead | None:
        """Return the head of a ledger that forwards, None if nothing came from it."""
        return self._store.origins.get(ledger)

    def origin_chains(self, ledger: str, position: int) -> OriginChains | None:
        """Return all chains of a ledger; None where there are none."""
        chains = self._store.chains.get(ledger)
        if chains is None or not chains.first <= position < chains.first + len(chains.chains):
            return None
        return chains

    def move_origin(self, head: OriginHead, chains: OriginChains | None) -> None:
        """Keep the head of a ledger, and the chains of what is new."""
        before = self._store.chains.get(head.ledger, chains)
        if before is not None and chains is not None:
            new = () if before is chains else chains.chains
            before = self._store.chains[head.ledger] = before._replace(chains=before.chains + new)
        shared = 0 if before is None else before.first - 1
        self._store.origins[head.ledger] = replace(head, shared=shared)


class FamilyLog(_MemoryReader):
    """The log in memory as one service sees it."""

    def __init__(self, log: "MemoryEventLog", family: Family) -> None:
        super().__init__(log.store)
        self._log = log
        self._family = family

    @contextmanager
    def append_session(self) -> Iterator[AppendSession]:
        """Take the append lock; leaving without an error commits."""
        with self._log.append_lock():
            trial = self._log.store.trial()
            yield _MemorySession(trial, self._family)
            self._log.store.__dict__.update(trial.__dict__)

    def list_parked(self, after: int, limit: int, source: str | None) -> Sequence[ParkedEvent]:
        """Return what waits, in order of arrival, after a number."""
        waiting = self._store.desks[self._family].parked.values()
        return [i for i in waiting if i.number > after and source in (None, i.event.key.source)][
            :limit
        ]

    def find_parked(self, key: EventKey) -> ParkedEvent | None:
        """Return the parked event with this key, or None."""
        waiting = self._store.desks[self._family].parked.values()
        return next((item for item in waiting if item.event.key == key), None)

    def count_parked(self) -> int:
        """Return how many events of this family wait."""
        return len(self._store.desks[self._family].parked)

    def list_refused(
        self, after: int, limit: int, source: str | None, ledger: str | None = None
    ) -> Sequence[RefusedEvent]:
        """Return refusals, oldest first, after a number; of a ledger only those it forwarded."""
        refused = self._store.desks[self._family].refused
        found = [i for i in refused if i.number > after and source in (None, i.key.source)]
        return [i for i in found if ledger in (None, i.origin and i.origin[0])][:limit]

    def find_refused(self, key: EventKey) -> RefusedEvent | None:
        """Return the latest refusal of the event with this key, or None."""
        refused = self._store.desks[self._family].refused
        return next((item for item in reversed(refused) if item.key == key), None)

    def list_origins(self) -> Sequence[OriginHead]:
        """Return the ledgers that forward, by name."""
        return [self._store.origins[name] for name in sorted(self._store.origins)]


class MemoryEventLog:
    """One log in memory that several services share."""

    def __init__(self) -> None:
        self.store = _Store()
        self.lock = threading.Lock()

    def append_lock(self) -> AbstractContextManager[object]:
        """Return the lock under which positions are given."""
        return self.lock

    def as_family(self, family: Family) -> FamilyLog:
        """Return the log as one service sees it."""
        return FamilyLog(self, family)


def _head(event: RecordedEvent) -> Head:
    return Head(event.position, event.chain, event.recorded_us)
