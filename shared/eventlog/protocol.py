"""Protocols of the event log, for the logs in SQL and in memory (tested in tests/contract)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shared.errors import Problem
from shared.events.envelope import NO_CHAIN, EventKey, ReceivedEvent
from shared.events.recorded import RecordedEvent


class Head(NamedTuple):
    """A position in the log, with the chain there and the time of recording (microseconds)."""

    position: int
    chain: bytes
    recorded_us: int


START = Head(0, NO_CHAIN, 0)


class Reference(NamedTuple):
    """A reference of an event to something not yet known, such as ("registration", "r-1")."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A recorded event with a key: its position, chain and content."""

    position: int
    chain: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """An event that waits for references; `number` is its place in the order of arrival."""

    number: int
    event: ReceivedEvent
    waiting_for: tuple[Reference, ...]
    since_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """A refusal by rule, as `/refused` lists it."""

    number: int
    key: EventKey
    type: str
    subject: str
    problem: Problem
    at_us: int
    origin: tuple[str, int] | None = None
    """The ledger that it was forwarded from, and its position there."""

    @classmethod
    def of(cls, event: ReceivedEvent, problem: Problem, at_us: int) -> "RefusedEvent":
        """Return the refusal of an event, before the store numbers it."""
        origin = event.origin and (event.origin.ledger, event.origin.position)
        return cls(0, event.key, event.type, event.subject, problem, at_us, origin)


@dataclass(frozen=True, slots=True)
class OriginHead:
    """How far a ledger that forwards to this one was received: `chain` is that at `position`.

    `recorded_us` is the time of recording there, `received_us` when a request last came from there;
    `head` is the position that the other ledger was at then. The counts are of the answers when
    events were received. `problem` is what stops the ledger since `problem_us`. Up to `shared` the
    ledger is a copy of this log: only what follows came from it.
    """

    ledger: str
    position: int = 0
    chain: bytes = NO_CHAIN
    recorded_us: int = 0
    head: int = 0
    received_us: int = 0
    recorded: int = 0
    duplicates: int = 0
    parked: int = 0
    refused: int = 0
    problem: Problem | None = None
    problem_us: int | None = None
    shared: int = 0


class OriginChains(NamedTuple):
    """The chains at positions of another ledger, from `first` on."""

    first: int
    chains: tuple[bytes, ...]


class LookupRequest(NamedTuple):
    """The lookup of a group: `most` events after a position, keys, versions and streams."""

    after: int
    most: int
    keys: Sequence[EventKey]
    subjects: AbstractSet[str]
    streams: Collection[str]


class LookupResult(NamedTuple):
    """The answer to a `LookupRequest`: events by position; a new stream has version 0.

    `streams` has the events of all those streams; `any_parked` is True if any event is parked.
    """

    after: Sequence[RecordedEvent]
    known: Mapping[EventKey, StoredEvent]
    versions: Mapping[str, int]
    streams: Sequence[RecordedEvent]
    any_parked: bool


class Reader(Protocol):
    """Reads of the log; they never block an append."""

    def head(self) -> Head:
        """Return the head of the log, `START` if it is empty."""
        ...

    def at(self, position: int) -> Head | None:
        """Return the head as of a position, `START` for 0, None beyond the head."""
        ...

    def last_recorded_until(self, moment_us: int) -> Head:
        """Return the head as of a time."""
        ...

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return up to `limit` events with positions after `after`, in order."""
        ...

    def streams(self, subjects: Iterable[str]) -> Sequence[RecordedEvent]:
        """Return all events of these subjects or linked to them, in order of position."""
        ...

    def under(self, *prefixes: str, after: int = 0) -> Sequence[RecordedEvent]:
        """Return the events after a position whose subject begins with one of the prefixes."""
        ...

    def naming(self, identifier: str) -> Sequence[RecordedEvent]:
        """Return all events whose record holds the identifier as a JSON string (a full scan)."""
        ...

    def find(self, key: EventKey) -> RecordedEvent | None:
        """Return the event with this key, or None."""
        ...


class AppendSession(Reader, Protocol):
    """One transaction under the append lock; what it inserts is visible to its own reads."""

    def look(self, wanted: LookupRequest) -> LookupResult:
        """Answer all questions of a group at once."""
        ...

    def known(self, keys: Iterable[EventKey]) -> Mapping[EventKey, StoredEvent]:
        """Return the recorded events with these keys."""
        ...

    def versions(self, subjects: Iterable[str]) -> Mapping[str, int]:
        """Return how many events each subject holds (0 for a new stream)."""
        ...

    def insert(self, events: Sequence[tuple[RecordedEvent, int]]) -> None:
        """Append events with their versions in their streams; positions follow the head."""
        ...

    def park(self, parked: Sequence[ParkedEvent]) -> None:
        """Store parked events in order of arrival; the store numbers them."""
        ...

    def wait_on(self, number: int, waiting_for: Sequence[Reference]) -> None:
        """Replace the references that a parked event waits for."""
        ...

    def unpark(self, numbers: Iterable[int]) -> None:
        """Delete parked events that were released or refused."""
        ...

    def count_parked(self, source: str | None = None) -> int:
        """Return the number of parked events of this family, or of one source."""
        ...

    def parked_with(self, keys: Iterable[EventKey]) -> Mapping[EventKey, ParkedEvent]:
        """Return the parked events with these keys."""
        ...

    def parked_for(self, references: Iterable[Reference]) -> Sequence[ParkedEvent]:
        """Return events parked for any of these references, in order of arrival."""
        ...

    def parked_until(self, moment_us: int) -> Sequence[ParkedEvent]:
        """Return parked events that expire by a moment, in order of arrival."""
        ...

    def refuse(self, refused: Sequence[RefusedEvent]) -> None:
        """Store refusals by rule; the store numbers them."""
        ...

    def forget_refused(self, before_us: int) -> None:
        """Delete refusals older than a moment."""
        ...

    def origin(self, ledger: str) -> OriginHead | None:
        """Return the head of a ledger that forwards to this one, None if nothing came from it."""
        ...

    def origin_chains(self, ledger: str, position: int) -> OriginChains | None:
        """Return chains at a position of such a ledger and its neighbours.

        None beyond its head, and before the first position that came.
        """
        ...

    def move_origin(self, head: OriginHead, chains: OriginChains | None) -> None:
        """Store the head of such a ledger, and the chains of the positions new to this log."""
        ...


class EventLog(Reader, Protocol):
    """The log of one service, which may append its own family only."""

    def append_session(self) -> AbstractContextManager[AppendSession]:
        """Take the append lock; leaving without an error commits, with one rolls back."""
        ...

    def list_parked(self, after: int, limit: int, source: str | None) -> Sequence[ParkedEvent]:
        """Return parked events after a number, in order of arrival."""
        ...

    def find_parked(self, key: EventKey) -> ParkedEvent | None:
        """Return the parked event with this key, or None."""
        ...

    def count_parked(self) -> int:
        """Return the number of parked events of this family."""
        ...

    def list_refused(
        self, after: int, limit: int, source: str | None, ledger: str | None = None
    ) -> Sequence[RefusedEvent]:
        """Return refusals, oldest first, after a number; of a ledger only those it forwarded."""
        ...

    def find_refused(self, key: EventKey) -> RefusedEvent | None:
        """Return the latest refusal of the event with this key, or None."""
        ...

    def list_origins(self) -> Sequence[OriginHead]:
        """Return the ledgers that forward to this one, by name."""
        ...
