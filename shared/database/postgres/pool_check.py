"""Check of pooled PostgreSQL connections that were idle for a while."""

import time
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

IDLE_SECONDS = 1.0


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
