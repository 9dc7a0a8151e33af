"""The log in SQL: SQLAlchemy Core on SQLite or PostgreSQL."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    bindparam,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from shared.database.columns import among
from shared.database.errors import unavailable_as
from shared.eventlog.append_lookup import looking_of
from shared.eventlog.bulk_insert import insert
from shared.eventlog.dialects import LOG_UNAVAILABLE, Dialect, dialect_for
from shared.eventlog.migrations import migrate, require_migrated
from shared.eventlog.origin_store import OriginStore
from shared.eventlog.parked_events import ParkedEventStore
from shared.eventlog.protocol import (
    START,
    AppendSession,
    Head,
    LookupRequest,
    LookupResult,
    OriginHead,
    ParkedEvent,
    RefusedEvent,
    StoredEvent,
)
from shared.eventlog.seal_store import SealStore
from shared.eventlog.tables import EVENT, EVENTS, TYPE, event_of
from shared.events.envelope import EventKey
from shared.events.payloads.redaction import EventRedacted
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import REDACTED_TYPES
from shared.vocabulary import Family

CHUNK = 5_000
_HEAD = select(EVENTS.c.position, EVENTS.c.chain, EVENTS.c.recorded_us)
_RUN = EVENT.where(EVENTS.c.position > bindparam("after"), EVENTS.c.position <= bindparam("last"))


class SqlReader:
    """Reads on a pooled connection for each call, or on that of the append session."""

    _retries = True
    """A read may be retried, except within a broken transaction."""

    def __init__(self, dialect: Dialect, connected: Callable[[], Any]) -> None:
        self._dialect = dialect
        self._connected = connected

    def _rows(
        self, query: Select[*tuple[Any, ...]], values: Mapping[str, object] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        with unavailable_as(LOG_UNAVAILABLE):
            try:
                return self._asked(query, values)
            except DBAPIError as error:
                if not (error.connection_invalidated and self._retries):
                    raise
            return self._asked(query, values)  # on a new connection

    def _asked(
        self, query: Select[*tuple[Any, ...]], values: Mapping[str, object] | None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        with self._connected() as connection:
            return connection.execute(query, values).all()  # type: ignore[no-any-return]

    def head(self) -> Head:
        """Return the head of the log."""
        rows = self._rows(_HEAD.order_by(EVENTS.c.position.desc()).limit(1))
        return _head(rows[0]) if rows else START

    def at(self, position: int) -> Head | None:
        """Return the head as of a position, None beyond the head."""
        if position == 0:
            return START
        rows = self._rows(_HEAD.where(EVENTS.c.position == position))
        return _head(rows[0]) if rows else None

    def last_recorded_until(self, moment_us: int) -> Head:
        """Return the head as of a time, by binary search: times never decrease."""
        low, high = START, self.head()
        if high.recorded_us <= moment_us:
            return high
        while high.position - low.position > 1:
            middle = self.at((low.position + high.position) // 2)
            if middle is None:
                break
            low, high = (middle, high) if middle.recorded_us <= moment_us else (low, middle)
        return low

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return up to `limit` events after a position."""
        # Positions are contiguous; for a range the planner needs no statistics to see it is small.
        return [event_of(row) for row in self._rows(_RUN, {"after": after, "last": after + limit})]

    def streams(self, subjects: Iterable[str]) -> Sequence[RecordedEvent]:
        """Return all events of these subjects or linked to them, in order of position."""
        found: dict[int, RecordedEvent] = {}
        for chunk in _chunks(sorted(set(subjects))):
            own = among(self._dialect.reader, EVENTS.c.subject, chunk)
            for row in self._rows(EVENT.where(own)):
                found[row[0]] = event_of(row)
            # Only models have events of other subjects linked to them (RecordedEvent.linked).
            models = [subject for subject in chunk if subject.startswith("model/")]
            if models:
                linked = among(self._dialect.reader, EVENTS.c.linked, models)
                for row in self._rows(EVENT.where(linked)):
                    found[row[0]] = event_of(row)
        return [found[position] for position in sorted(found)]

    def under(self, *prefixes: str, after: int = 0) -> Sequence[RecordedEvent]:
        """Return the events after a position whose subject begins with one of the prefixes."""
        query = EVENT.where(EVENTS.c.position > after, or_(*map(_begins_with, prefixes)))
        return [event_of(row) for row in self._rows(query)]

    def naming(self, identifier: str) -> Sequence[RecordedEvent]:
        """Return all events whose record holds the identifier as a JSON string; reads every row."""
        needle = f'"{identifier}"'.encode()
        if self._dialect.reader.dialect.name == "sqlite":
            holds = func.instr(EVENTS.c.body, needle) > 0
        else:
            holds = func.position(text(":needle IN body").bindparams(needle=needle)) > 0
        return [event_of(row) for row in self._rows(EVENT.where(holds))]

    def find(self, key: EventKey) -> RecordedEvent | None:
        """Return the event with this key, or None."""
        same = (EVENTS.c.source == key.source) & (EVENTS.c.event_id == key.id)
        rows = self._rows(EVENT.where(same))
        return event_of(rows[0]) if rows else None

    def of_types(self, types: Collection[str]) -> Sequence[RecordedEvent]:
        """Return all events of some types, in order; reads every row."""
        return [event_of(row) for row in self._rows(EVENT.where(TYPE.in_(types)))]


class SqlSession(SqlReader, ParkedEventStore, OriginStore):
    """One append transaction; its reads see what it has inserted."""

    _retries = False

    def __init__(self, dialect: Dialect, connection: Connection, family: Family) -> None:
        SqlReader.__init__(self, dialect, lambda: nullcontext(connection))
        ParkedEventStore.__init__(self, connection, family)
        OriginStore.__init__(self, connection)
        self._family = family
        self._lookup = looking_of(dialect.reader.dialect.name, family)

    def look(self, wanted: LookupRequest) -> LookupResult:
        """Answer all questions of a group in one statement."""
        with unavailable_as(LOG_UNAVAILABLE):
            return self._lookup.look(self._connection, wanted)

    def known(self, keys: Iterable[EventKey]) -> Mapping[EventKey, StoredEvent]:
        """Return the recorded events with these keys."""
        with unavailable_as(LOG_UNAVAILABLE):
            return self._lookup.known(self._connection, keys)

    def versions(self, subjects: Iterable[str]) -> Mapping[str, int]:
        """Return how many events each subject holds."""
        counts = dict.fromkeys(subjects, 0)
        for chunk in _chunks(list(counts)):
            query = (
                select(EVENTS.c.subject, func.max(EVENTS.c.stream_version))
                .where(among(self._dialect.reader, EVENTS.c.subject, chunk))
                .group_by(EVENTS.c.subject)
            )
            counts.update((subject, version) for subject, version in self._rows(query))
        return counts

    def insert(self, events: Sequence[tuple[RecordedEvent, int]]) -> None:
        """Append events with their versions in their streams."""
        if events:
            with unavailable_as(LOG_UNAVAILABLE):
                insert(self._connection, self._family, events)


class SqlEventLog(SqlReader):
    """The log as one service (`family`) appends to it, or read-only (None)."""

    def __init__(self, dialect: Dialect, family: Family | None) -> None:
        super().__init__(dialect, dialect.reader.connect)
        self.url = dialect.reader.url
        self._family = family

    @property
    def engine(self) -> Engine:
        """Return the engine of all reads."""
        return self._dialect.reader

    @contextmanager
    def append_session(self) -> Iterator[AppendSession]:
        """Take the append lock; leaving without an error commits."""
        with unavailable_as(LOG_UNAVAILABLE), self._dialect.locked(answers=True) as connection:
            yield SqlSession(self._dialect, connection, self._own())

    @contextmanager
    def owner_session(self) -> Iterator[tuple[SqlReader, Connection]]:
        """Take the append lock without appending; what is done there needs the owner's rights."""
        with unavailable_as(LOG_UNAVAILABLE), self._dialect.locked() as connection:
            yield SqlReader(self._dialect, lambda: nullcontext(connection)), connection

    def redacted_positions(self) -> tuple[list[int], int]:
        """Return the positions that redactions are for, and that of the last redaction (or 0)."""
        found = self.of_types(REDACTED_TYPES)
        payloads = (event.payload for event in found)
        positions = {each.position for each in payloads if isinstance(each, EventRedacted)}
        return sorted(positions), found[-1].position if found else 0

    @contextmanager
    def _parked_store(self) -> Iterator[ParkedEventStore]:
        with unavailable_as(LOG_UNAVAILABLE), self._connected() as connection:
            yield ParkedEventStore(connection, self._own())

    def list_parked(self, after: int, limit: int, source: str | None) -> Sequence[ParkedEvent]:
        """Return parked events after a number, in order of arrival."""
        with self._parked_store() as store:
            return store.list_parked(after, limit, source)

    def find_parked(self, key: EventKey) -> ParkedEvent | None:
        """Return the parked event with this key, or None."""
        with self._parked_store() as store:
            return store.parked_with([key]).get(key)

    def list_refused(
        self, after: int, limit: int, source: str | None, ledger: str | None = None
    ) -> Sequence[RefusedEvent]:
        """Return refusals, oldest first, after a number; of a ledger only those it forwarded."""
        with self._parked_store() as store:
            return store.list_refused(after, limit, source, ledger)

    def find_refused(self, key: EventKey) -> RefusedEvent | None:
        """Return the latest refusal of the event with this key, or None."""
        with self._parked_store() as store:
            return store.find_refused(key)

    def count_parked(self) -> int:
        """Return the number of parked events of this family."""
        with self._parked_store() as store:
            return store.count_parked()

    def list_origins(self) -> Sequence[OriginHead]:
        """Return the ledgers that forward to this one, by name."""
        with unavailable_as(LOG_UNAVAILABLE), self._connected() as connection:
            return OriginStore(connection).list_origins()

    def seals(self, origin: str) -> SealStore:
        """Return the seals of the log under an origin, on the same connections."""
        return SealStore(self._dialect, origin)

    def _own(self) -> Family:
        if self._family is None:
            message = "this log was opened for reading only"
            raise PermissionError(message)
        return self._family

    def close(self) -> None:
        """Close the connections."""
        self._dialect.reader.dispose()
        self._dialect.writer.dispose()


def open_log(url: str, *, family: Family | None, reads_only: bool = False) -> SqlEventLog:
    """Open a log by its database address, and migrate its tables.

    With `reads_only` nothing is migrated: raises `Unavailable` for tables of an older release.
    """
    log = SqlEventLog(dialect := dialect_for(url, family, reads_only=reads_only), family)
    try:
        with unavailable_as(LOG_UNAVAILABLE):
            if reads_only:
                require_migrated(dialect)
            else:
                migrate(dialect)
    except BaseException:
        log.close()
        raise
    return log


def _head(row: Row[*tuple[Any, ...]]) -> Head:
    return Head(row[0], bytes(row[1]), row[2])


def _begins_with(prefix: str) -> ColumnElement[bool]:
    beyond = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return (EVENTS.c.subject >= prefix) & (EVENTS.c.subject < beyond)


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
