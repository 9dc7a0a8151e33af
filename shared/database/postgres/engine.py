"""PostgreSQL connections, and direct access to the driver under SQLAlchemy.

The driver is used where SQLAlchemy has no API, and under the append lock, where its overhead for a
small statement is as long as the server's work.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import Format
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError

READ_ONLY = {"default_transaction_read_only": "on"}
"""The setting of sessions that must not write, on whatever server they are."""
IDLE_SECONDS = 1.0
"""The idle time after which a connection is checked before use."""
_NOTICES_A_LOST_MACHINE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A machine that vanishes says nothing: without these a connection to it hangs for minutes."""


class BinaryCursor(psycopg.Cursor[Any]):
    """A cursor with binary results: as text a record takes twice the bytes, and is parsed again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  psycopg's
        super().__init__(*args, **kwargs)
        self.format = Format.BINARY


def postgres_engine(
    url: str,
    *,
    name: str,
    settings: Mapping[str, object],
    **options: Any,  # noqa: ANN401  SQLAlchemy's
) -> Engine:
    """Return an engine with an application name and session settings.

    `options` are those of `create_engine`. A connection to a machine that vanished breaks within
    15 s, or as the address says.
    """
    session = " ".join(f"-c {setting}={value}" for setting, value in settings.items())
    stated = make_url(url).query
    connect_args: dict[str, object] = {
        **{name: value for name, value in _NOTICES_A_LOST_MACHINE.items() if name not in stated},
        "options": session,
        "application_name": name,
    }
    # An error with the values of its statement would bring names and digests into logs.
    engine = create_engine(url, connect_args=connect_args, hide_parameters=True, **options)
    event.listen(engine, "connect", _answered_in_binary)
    return engine


def _answered_in_binary(connection: Any, _record: Any) -> None:  # noqa: ANN401  the pool's types
    connection.cursor_factory = BinaryCursor


@contextmanager
def raw_cursor(connection: Connection, statement: str) -> Iterator[Any]:
    """Yield psycopg's connection for one statement.

    Errors are SQLAlchemy's: a server that stops or is full halfway is an OperationalError.
    """
    raw = connection.connection.driver_connection
    assert raw is not None  # noqa: S101  a connection in use has its driver
    try:
        yield raw
    except psycopg.Error as error:
        if raw.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement,
            None,
            error,
            psycopg.Error,
            connection_invalidated=raw.closed,
            dialect=connection.dialect,
        ) from error


def is_standby(connection: Connection) -> bool:
    """Return whether the server of a connection replays another's log, so that it only reads."""
    raw = connection.connection.driver_connection
    # The server states it by itself, from PostgreSQL 14 on.
    return (
        isinstance(raw, psycopg.Connection) and raw.info.parameter_status("in_hot_standby") == "on"
    )


def ask_after_idling(engine: Engine) -> None:
    """Replace a connection that broke while idle, before it is used.

    A check at each use would double the round trips. A connection that breaks between two uses
    fails its next statement, as one does that breaks in use: 503, and the caller retries.
    """

    def returned(_connection: Any, record: Any) -> None:  # noqa: ANN401  the pool's own types
        record.info["idle_since"] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401
        since = record.info.get("idle_since")
        if since is None or time.monotonic() - since < IDLE_SECONDS:
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except psycopg.Error as error:
            raise DisconnectionError(str(error)) from error

    event.listen(engine, "checkin", returned)
    event.listen(engine, "checkout", taken)
