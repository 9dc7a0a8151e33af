"""COPY into PostgreSQL over SQLAlchemy's connection, failing as every other statement fails."""

from collections.abc import Iterable, Sequence

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def copy_in(
    connection: Connection,
    statement: str,
    rows: Iterable[Sequence[object]],
) -> None:
    """Send rows to a `COPY … FROM STDIN`.

    Raises SQLAlchemy's errors: a server that goes or is full in the middle is an OperationalError.
    """
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101  a connection in use has its driver
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement,
            None,
            error,
            psycopg.Error,
            connection_invalidated=raw.closed,
            dialect=connection.dialect,
        ) from error
