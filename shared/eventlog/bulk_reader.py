"""Reading long stretches of the log for whoever wants some kinds of events only.

A rebuild reads every event once. Of kinds that nobody wants it needs to know that they are there,
and not what they say; and what is read so often is read without the ceremony of single reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, LargeBinary, case, literal, select

from shared.database.errors import unavailable_as
from shared.eventlog.dialects import LOG_UNAVAILABLE, dialect_for
from shared.eventlog.sql import SqlEventLog
from shared.eventlog.tables import EVENT_COLUMNS, EVENTS, TYPE, event_of
from shared.events.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent


class SqlScan:
    """Reads the log of a deployment on a connection of its own.

    An event of another kind than `wanted` (names without version) comes without its record, every
    event without its digest.
    """

    def __init__(self, log: SqlEventLog, wanted: Collection[str]) -> None:
        self._engine = dialect_for(log.url.render_as_string(hide_password=False), None).reader
        left_out = [each.type for each in CATALOGUE.values() if each.name not in wanted]
        nothing = literal(b"", LargeBinary)
        instead: dict[ColumnElement[Any], ColumnElement[Any]] = {
            EVENTS.c.digest: nothing,
            EVENTS.c.body: case((TYPE.in_(left_out), nothing), else_=EVENTS.c.body),
        }
        columns = (instead.get(column, column) for column in EVENT_COLUMNS)
        self._query = select(*columns).order_by(EVENTS.c.position)

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return up to `limit` events after a position, in order."""
        # Positions are contiguous. As a range it is seen to be small without any statistics.
        last = after + limit
        query = self._query.where(EVENTS.c.position > after, EVENTS.c.position <= last)
        with unavailable_as(LOG_UNAVAILABLE), self._engine.connect() as connection:
            result = connection.execute(query)
            assert result.cursor is not None  # noqa: S101  a query has its rows
            return [event_of(row) for row in result.cursor.fetchall()]

    def close(self) -> None:
        """Give the connection back."""
        self._engine.dispose()


def scan_of(log: Reader, wanted: Collection[str]) -> SqlScan | Reader:
    """Return the quickest way to read all of a log for whoever wants these events."""
    return SqlScan(log, wanted) if isinstance(log, SqlEventLog) else log
