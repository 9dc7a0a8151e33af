"""COPY into PostgreSQL, whose end need not be waited for.

The server takes rows in more slowly than they are sent. Whoever folds a run goes on meanwhile: what
the server says of a COPY is heard before anything else is asked of it, or before the commit.
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

    from sqlalchemy import Connection, Engine

_LEAVES = "dvk_leaves"
_UNHEARD = "dvk_unheard"


def pipelined(connection: Connection) -> Connection:
    """Let each COPY on a connection of an engine that `hears` be left to the server.

    What the server refuses of it is raised by a later statement, or by the commit.
    """
    return connection.execution_options(**{_LEAVES: True})


def install_pipeline_errors(engine: Engine) -> None:
    """See that no connection of an engine asks before it has heard how its last COPY ended."""

    def before(connection: Connection, *_statement: object) -> None:
        _hear(connection)

    def before_rollback(connection: Connection) -> None:
        with suppress(Exception):  # whatever it is, nothing of it stands
            _hear(connection)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", before)
    event.listen(engine, "rollback", before_rollback)


def copy_in(connection: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    """Send rows by a COPY."""
    _hear(connection)
    leaves = connection.get_execution_options().get(_LEAVES, False)
    with raw_cursor(connection, statement) as driver, driver.cursor() as cursor:
        writer = _LeavingWriter(cursor, leaves=leaves)
        with cursor.copy(statement, writer=writer) as copy:
            for row in rows:
                copy.write_row(row)
    if writer.left:
        connection.info[_UNHEARD] = statement


class _LeavingWriter(LibpqWriter):
    """Sends a COPY to its end and, if it `leaves`, does not wait for the answer."""

    def __init__(self, cursor: psycopg.Cursor[Any], *, leaves: bool) -> None:
        super().__init__(cursor)
        self._leaves = leaves
        self.left = False

    def finish(self, exc: BaseException | None = None) -> None:
        self.left = exc is None and self._leaves and self._pgconn.put_copy_end(None) == 1
        if self.left:
            # All of it must be on its way: nothing else would send what libpq still holds.
            self.connection.wait(generators.send(self._pgconn))
        else:
            super().finish(exc)


def _hear(connection: Connection) -> None:
    statement = connection.info.pop(_UNHEARD, None)
    if statement is None:
        return
    with raw_cursor(connection, statement) as driver:
        (result,) = driver.wait(generators.fetch_many(driver.pgconn))
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)
