"""Databases opened for reading only: the server itself refuses any change."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, make_url

from shared.eventlog.dialects import dialect_for
from shared.eventlog.sql import SqlReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

PATIENCE_SECONDS = 5


@contextmanager
def looking(url: str) -> Iterator[Connection]:
    """Give a connection that can only read; nothing is created, not even a file."""
    engine = _sqlite(url) if url.startswith("sqlite") else _postgres(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def reader_on(url: str, connection: Connection) -> SqlReader:
    """Return a reader of the log over a read-only connection."""
    # The dialect connects only when it is asked to, which does not happen here.
    return SqlReader(dialect_for(url, None), lambda: nullcontext(connection))


def _sqlite(url: str) -> Engine:
    path = Path(make_url(url).database or "").resolve()
    # A file that is not open has no WAL file next to it, and a reader must not leave one there.
    opened = Path(f"{path}-wal").exists()
    how = "mode=ro" if opened else "immutable=1"
    return create_engine(f"sqlite:///file:{path}?{how}&uri=true")


def _postgres(url: str) -> Engine:
    options = (
        f"-c default_transaction_read_only=on -c statement_timeout={PATIENCE_SECONDS * 60_000}"
    )
    connect = {"options": options, "connect_timeout": PATIENCE_SECONDS}
    address = make_url(url)
    if address.query.get("target_session_attrs") == "read-write":
        # A session that must not write is no session with read-write, even on the primary.
        address = address.update_query_dict({"target_session_attrs": "primary"})
    return create_engine(
        address,
        connect_args={**connect, "application_name": "dvk-doctor"},
        isolation_level="AUTOCOMMIT",
    )
