"""Connections to PostgreSQL that were not used for a while are asked whether they still stand."""

import time
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

IDLE_SECONDS = 1.0


def ask_after_idling(engine: Engine) -> None:
    """Replace a connection that broke while it lay idle, before anybody uses it.

    Asking at each use would double the ways to the server. One that breaks between two uses shows
    in the statement, as a connection does that breaks under it: 503, and it is asked again.
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
