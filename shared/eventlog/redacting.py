"""Puts redacted records in the place of the ones recorded, by the redactions in the log itself.

This needs the owner's rights. The log's triggers refuse every other change.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from shared.eventlog.tables import EVENTS
from shared.events.catalogue import CATALOGUE
from shared.events.payloads.redaction import EventRedacted
from shared.events.redacted_record import REDACTED_TYPES, is_right, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from shared.eventlog.protocol import Reader
    from shared.eventlog.sql import SqlEventLog, SqlReader
    from shared.events.recorded import RecordedEvent


class ReplacedRecord(NamedTuple):
    """A record that was replaced: its position, and that of the redaction."""

    position: int
    redaction: int


def redactions_of(log: Reader, event: RecordedEvent) -> list[EventRedacted]:
    """Return the redactions of an event, in order."""
    payloads = (e.payload for e in log.streams([event.subject]) if e.type in REDACTED_TYPES)
    found = (each for each in payloads if isinstance(each, EventRedacted))
    return [each for each in found if each.position == event.position]


def is_as_recorded(log: Reader, event: RecordedEvent) -> bool:
    """Return whether the record of an event is the one of its digest, or that of a redaction."""
    if sha256(event.body).digest() == event.digest:
        return True
    return is_right(event.body, event.position, event.digest, redactions_of(log, event))


def replace_records(log: SqlEventLog) -> Sequence[ReplacedRecord]:
    """Replace every record that a redaction in the log is for, in one transaction.

    Running it again changes nothing.
    """
    with log.owner_session() as (reader, connection):
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        return list(_replaced(reader, connection))


def _replaced(reader: SqlReader, connection: Connection) -> Iterator[ReplacedRecord]:
    for redaction in reader.of_types(REDACTED_TYPES):
        payload = redaction.payload
        assert isinstance(payload, EventRedacted)  # noqa: S101  by its type
        (event,) = reader.read(payload.position - 1, 1)
        wanted = payload.record.removeprefix("sha256:")
        if sha256(event.body).hexdigest() == wanted or _came_later(reader, event, payload):
            continue
        of = CATALOGUE[event.type].payload
        record = redacted(event.body, event.digest, payload.texts, of)
        at = EVENTS.c.position == event.position
        connection.execute(EVENTS.update().where(at).values(body=record))
        yield ReplacedRecord(event.position, redaction.position)


def _came_later(reader: SqlReader, event: RecordedEvent, payload: EventRedacted) -> bool:
    """Return whether the record is that of a later redaction already."""
    redactions = redactions_of(reader, event)
    later = redactions[redactions.index(payload) + 1 :]
    found = f"sha256:{sha256(event.body).hexdigest()}"
    return any(each.record == found for each in later)


def forget_old_pages(connection: Connection) -> None:
    """Rewrite the file of a SQLite database, so that no page of the past stays in it.

    The connection is in no transaction; raises when others keep the file busy.
    """
    indexes = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE %fts5%'"
    for (name,) in connection.exec_driver_sql(indexes).all():
        connection.execute(text(f"INSERT INTO {name}({name}) VALUES ('optimize')"))  # noqa: S608
    connection.exec_driver_sql("VACUUM")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
