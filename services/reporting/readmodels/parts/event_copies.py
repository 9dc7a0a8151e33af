"""Copies of events for state that is folded in memory on read: the map and the taxonomies."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text, func, select

from services.reporting.readmodels.parts.redactions import REDACTED
from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE, POSITION
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import NO_CHAIN, EventKey
from shared.events.payloads.redaction import EventRedacted
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import digest_of, redacted
from shared.readmodel.comparable_rows import ComparableRows
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent
from shared.readmodel.generations import prefix_of
from shared.readmodel.recent_rows import RecentRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


class EventCopies:
    """A read model that stores the events of some subjects, whole and in order."""

    version = 1

    def __init__(
        self,
        name: str,
        events: frozenset[str],
        prefixes: tuple[str, ...],
        prefix: str | None = None,
        *,
        redactable: bool = True,
    ) -> None:
        """Store events of subjects with one of `prefixes`, in tables with `prefix`.

        Those that are `redactable` are replaced as their redactions state.
        """
        self.name = name
        self.events = events | {RETRACTED, *((REDACTED,) if redactable else ())}
        self._prefixes = prefixes
        self.metadata = MetaData()
        self.table = Table(
            f"{prefix or prefix_of(name)}events",
            self.metadata,
            Column("position", POSITION, primary_key=True, autoincrement=False),
            Column("source", Text, nullable=False),
            Column("event_id", Text, nullable=False),
            Column("type", Text, nullable=False),
            Column("subject", BYTEWISE, nullable=False),
            Column("recorded_us", BigInteger, nullable=False),
            Column("record", LargeBinary, nullable=False),
        )
        self.recent: RecentRows[RecordedEvent] = RecentRows(attrgetter("position"))

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Store the events with one of the prefixes."""
        kept = [fact.event for fact in facts if fact.subject.startswith(self._prefixes)]
        self.recent.put(kept)
        insert(connection, self.table, [_row(event) for event in kept])
        redactions = _redactions(facts, self._prefixes)
        if redactions:
            for redaction in redactions:
                self._redact(redaction, connection)
            # What is cached of them is read again.
            self.recent.forget()
            self.recent.put(self.between(connection, kept[0].position - 1, kept[-1].position))

    def _redact(self, redaction: EventRedacted, connection: Connection) -> None:
        """Replace the record of a stored event."""
        table = self.table
        at = table.c.position == redaction.position
        for row in connection.execute(select(table).where(at)).all():
            event = _event(row)
            digest = digest_of(event.body)
            record = redacted(event.body, digest, redaction.texts, CATALOGUE[event.type].payload)
            connection.execute(table.update().where(at).values(record=record))

    def forget(self) -> None:
        """Drop the cached events."""
        self.recent.forget()

    def committed(self, after: int, until: int) -> None:
        """Publish the new events to the caches of the reads."""
        self.recent.committed(after, until)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared: every event, to the byte."""
        return (ComparableRows("events", self.table, "subject", began="position"),)

    def sums(self, _connection: Connection, _until: int) -> Mapping[str, int]:
        """Return nothing: events are not summed."""
        return {}

    def last_position(self, connection: Connection, until: int) -> int:
        """Return the position of the last event stored up to a position, 0 if there is none."""
        table = self.table.c
        last = connection.scalar(select(func.max(table.position)).where(table.position <= until))
        return int(last or 0)

    def between(self, connection: Connection, after: int, until: int) -> list[RecordedEvent]:
        """Return the events stored after one position and up to another, in order."""
        table = self.table.c
        query = select(self.table).where(table.position > after, table.position <= until)
        return [_event(row) for row in connection.execute(query.order_by(table.position))]


def _redactions(facts: Sequence[DecodedEvent], prefixes: tuple[str, ...]) -> list[EventRedacted]:
    """Return the redactions among events, which are decoded only if there is one."""
    of_these = (f for f in facts if f.name == REDACTED and f.subject.startswith(prefixes))
    return [e for fact in of_these if isinstance(e := fact.event.payload, EventRedacted)]


def _row(event: RecordedEvent) -> tuple[Any, ...]:
    source, event_id = event.key
    return (
        event.position,
        source,
        event_id,
        event.type,
        event.subject,
        event.recorded_us,
        event.body,
    )


def _event(row: Any) -> RecordedEvent:  # noqa: ANN401  a row of the table above
    position, source, event_id, type_, subject, recorded_us, record = row
    return RecordedEvent(
        position=position,
        key=EventKey(source, event_id),
        type=type_,
        subject=subject,
        recorded_us=recorded_us,
        digest=b"",
        chain=NO_CHAIN,
        body=bytes(record),
    )
