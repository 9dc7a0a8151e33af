"""The cursors of subscriptions, in a small SQLite file of their own: `subscriptions.db`.

A cursor is the last position that was delivered. A delivery is stored before it is sent
(`pending`, its last position), so that after a crash the same range is sent again under the same
id: a delivery may come twice, and none is lost.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from services.console.local.data_directory import alone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CURSORS_FILE = "subscriptions.db"


@dataclass
class Cursor:
    """The state of one subscription; times are seconds since 1970.

    `sent_on` is the day of the last digest. `verified` is the address that agreed to deliveries,
    at most `rate` a minute (0: any number). `is_off` is set when the receiver was gone (410).
    `judged_on` is the last day whose signals were delivered, `pending_on` that of a pending digest.
    """

    kind: str
    name: str
    position: int
    pending: int | None = None
    sent_on: str | None = None
    failures: int = 0
    retry_at: float = 0
    verified: str | None = None
    rate: int = 0
    is_off: int = 0
    judged_on: str | None = None
    pending_on: str | None = None


_COLUMNS = [each.name for each in fields(Cursor)]
_TABLE = """CREATE TABLE IF NOT EXISTS cursors (
    kind TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, pending INTEGER,
    sent_on TEXT, failures INTEGER NOT NULL, retry_at REAL NOT NULL, verified TEXT,
    rate INTEGER NOT NULL, is_off INTEGER NOT NULL, judged_on TEXT, pending_on TEXT,
    PRIMARY KEY (kind, name)) STRICT"""


class Cursors:
    """The cursors of one kind; every change is committed before the method returns."""

    def __init__(self, connection: sqlite3.Connection, kind: str) -> None:
        self._connection = connection
        self._kind = kind

    def get(self, name: str) -> Cursor | None:
        """Return the cursor of a subscription, None for a new one."""
        query = f"SELECT {', '.join(_COLUMNS)} FROM cursors WHERE kind = ? AND name = ?"  # noqa: S608
        row = self._connection.execute(query, (self._kind, name)).fetchone()
        return None if row is None else Cursor(*row)

    def begin(self, name: str, position: int) -> Cursor:
        """Return the cursor of a new subscription, which begins after a position."""
        cursor = Cursor(self._kind, name, position)
        self.save(cursor)
        return cursor

    def save(self, cursor: Cursor) -> None:
        """Store a cursor."""
        places = ", ".join(f":{each}" for each in _COLUMNS)
        statement = f"INSERT OR REPLACE INTO cursors ({', '.join(_COLUMNS)}) VALUES ({places})"  # noqa: S608  own names
        with self._connection:
            self._connection.execute(statement, asdict(cursor))


@contextmanager
def open_cursors(home: Path, kind: str) -> Iterator[Cursors]:
    """Open the cursors of a kind, for one process at a time; raises `CannotStart` for a second."""
    with (
        alone(
            home / f"{kind}.lock",
            f"Một lệnh khác đang gửi ({kind}) trên thư mục {home}.",
            f"Another process already delivers {kind} on {home}.",
        ),
        closing(sqlite3.connect(home / CURSORS_FILE)) as connection,
    ):
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        _add_missing_columns(connection)
        yield Cursors(connection, kind)


def _add_missing_columns(connection: sqlite3.Connection) -> None:
    """Bring a file of an earlier commit up to date; its cursors stay."""
    known = {row[1] for row in connection.execute("PRAGMA table_info(cursors)")}
    for name in ("judged_on", "pending_on"):
        if name not in known:
            connection.execute(f"ALTER TABLE cursors ADD COLUMN {name} TEXT")
