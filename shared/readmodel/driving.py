"""The driver's own connection, for what SQLAlchemy has no word for; it fails as SQLAlchemy does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@contextmanager
def driven(connection: Connection, statement: str) -> Iterator[Any]:
    """Give psycopg's connection for one statement.

    Raises SQLAlchemy's errors: a server that goes or is full in the middle is an OperationalError.
    """
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101  a connection in use has its driver
    try:
        yield raw
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement,
            None,
            error,
            psycopg.Error,
            connection_invalidated=raw.closed,
            dialect=connection.dialect,
        ) from error
