"""Bulk reads of the log with the records of some event types only.

A rebuild reads every event once. Of the types it does not fold it needs the positions and not the
records, and at this volume it avoids the overhead of single reads.
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
    """Reads a log in SQL on its own connection.

    Events not named in `wanted` (names without version) come without their records, all events
    without their digests.
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
        # Positions are contiguous; for a range the planner needs no statistics to see it is small.
        last = after + limit
        query = self._query.where(EVENTS.c.position > after, EVENTS.c.position <= last)
        with unavailable_as(LOG_UNAVAILABLE), self._engine.connect() as connection:
            result = connection.execute(query)
            assert result.cursor is not None  # noqa: S101  a query has its rows
            return [event_of(row) for row in result.cursor.fetchall()]

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()


def scan_of(log: Reader, wanted: Collection[str]) -> SqlScan | Reader:
    """Return the fastest scan of a log with the records of these events."""
    return SqlScan(log, wanted) if isinstance(log, SqlEventLog) else log
