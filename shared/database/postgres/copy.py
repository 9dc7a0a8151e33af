"""COPY into PostgreSQL without waiting for its result.

The server stores rows more slowly than they are sent, so folding continues meanwhile. The result of
a COPY is read before the next statement on the connection, or before the commit.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import generators
from psycopg.copy import LibpqWriter
from psycopg.pq import ExecStatus
from sqlalchemy import event

from shared.database.postgres.engine import raw_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg.abc import Buffer
    from sqlalchemy import Connection, Engine

_DEFERRED = "dvk_deferred"
_PENDING = "dvk_pending"


def pipelined(connection: Connection) -> Connection:
    """Return the connection with each COPY pipelined; see `install_pipeline_errors`.

    An error of a COPY is raised by the next statement, or by the commit.
    """
    return connection.execution_options(**{_DEFERRED: True})


def install_pipeline_errors(engine: Engine) -> None:
    """Have each connection of an engine read the result of its last COPY before it goes on."""

    def before(connection: Connection, *_statement: object) -> None:
        _read_result(connection)

    def before_rollback(connection: Connection) -> None:
        with suppress(Exception):  # nothing of the transaction is kept
            _read_result(connection)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", before)
    event.listen(engine, "rollback", before_rollback)


def copy_in(connection: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    """Send rows by COPY."""
    _read_result(connection)
    deferred = connection.get_execution_options().get(_DEFERRED, False)
    with raw_cursor(connection, statement) as driver, driver.cursor() as cursor:
        writer = _DeferringWriter(cursor, deferred=deferred)
        with cursor.copy(statement, writer=writer) as copy:
            for row in rows:
                copy.write_row(row)
    if writer.pending:
        connection.info[_PENDING] = statement


def copy_csv(connection: Connection, table: str, contents: Buffer) -> None:
    """Send the rows of a table as CSV: all columns in order, null as nothing between commas."""
    statement = f"COPY {table} FROM STDIN (FORMAT csv)"
    with (
        raw_cursor(connection, statement) as driver,
        driver.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        copy.write(contents)


class _DeferringWriter(LibpqWriter):
    """Sends a whole COPY and, if `deferred`, does not wait for its result."""

    def __init__(self, cursor: psycopg.Cursor[Any], *, deferred: bool) -> None:
        super().__init__(cursor)
        self._deferred = deferred
        self.pending = False

    def finish(self, exc: BaseException | None = None) -> None:
        self.pending = exc is None and self._deferred and self._pgconn.put_copy_end(None) == 1
        if self.pending:
            # Flush libpq's buffer: nothing else would send the rest.
            self.connection.wait(generators.send(self._pgconn))
        else:
            super().finish(exc)


def _read_result(connection: Connection) -> None:
    statement = connection.info.pop(_PENDING, None)
    if statement is None:
        return
    with raw_cursor(connection, statement) as driver:
        (result,) = driver.wait(generators.fetch_many(driver.pgconn))
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)
