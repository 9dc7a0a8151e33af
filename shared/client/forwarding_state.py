"""The state of the forwarding of a ledger to another: `forwarding.db`, a small SQLite file.

`dvk forward` writes it after the receipts of each batch; the pages of the ledger and `dvk forward
status` read it. It is a copy: the other ledger itself says how far it is, and what it refused.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

FORWARDING_FILE = "forwarding.db"
NOT_TAKEN = frozenset({"refused", "invalid"})
"""The statuses of events that the other ledger received and did not record."""
_TABLES = """
CREATE TABLE IF NOT EXISTS forwarding (
    only INTEGER PRIMARY KEY CHECK (only = 1), ledger TEXT NOT NULL, nation TEXT NOT NULL,
    position INTEGER NOT NULL, chain TEXT NOT NULL, head INTEGER NOT NULL,
    forwarded_us INTEGER NOT NULL, answered_us INTEGER NOT NULL, recorded_us INTEGER NOT NULL,
    shared INTEGER NOT NULL, stopped_code TEXT, stopped_vi TEXT, stopped_en TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS outcomes (
    status TEXT PRIMARY KEY, events INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refusals (
    position INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
    subject TEXT NOT NULL, code TEXT NOT NULL, vi TEXT NOT NULL, en TEXT NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS taken_again (
    position INTEGER PRIMARY KEY, at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refusals_read (
    family TEXT PRIMARY KEY, cursor TEXT
) STRICT
"""
_STILL_REFUSED = (
    "refusals WHERE NOT EXISTS (SELECT 1 FROM taken_again"
    " WHERE taken_again.position = refusals.position AND taken_again.at_us >= refusals.at_us)"
)
"""The other ledger goes on to list a refusal after the event was taken."""


class Stop(NamedTuple):
    """A reason for which nothing more is forwarded: a code, and a sentence in each language."""

    code: str
    vi: str
    en: str


class Refusal(NamedTuple):
    """An event that the other ledger refused, by its position in this one.

    `vi` and `en` are the reason; `at_us` is when it was refused, microseconds since 1970 UTC.
    """

    position: int
    source: str
    id: str
    type: str
    subject: str
    code: str
    vi: str
    en: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Forwarded:
    """How far a ledger is forwarded: `ledger` is its name there, `nation` the address.

    `position` and `chain` (hexadecimal) are of the last event with a receipt, `recorded_us` is when
    it was recorded here; `head` is the last position of this ledger. Times are microseconds since
    1970 UTC, 0 if it never happened: `forwarded_us` that of the last receipt, `answered_us` that of
    the other ledger's last answer. Up to position `shared` this ledger is a copy of the other, and
    nothing is forwarded. `counts` has the receipts by status, those of the first time;
    `taken_again` is how many refused events were taken when they were sent again.
    """

    ledger: str
    nation: str
    position: int = 0
    chain: str = "0" * 64
    head: int = 0
    forwarded_us: int = 0
    answered_us: int = 0
    recorded_us: int = 0
    shared: int = 0
    stop: Stop | None = None
    counts: Mapping[str, int] | None = None
    taken_again: int = 0

    @property
    def behind(self) -> int:
        """Return the number of events that have no receipt yet."""
        return max(0, self.head - self.position)


class ForwardingState:
    """The open file; every change is committed before the method returns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls, file: Path) -> Iterator[Self]:
        """Open the file to write it; it is made if it is missing."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, timeout=10)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_TABLES)
            yield cls(connection)

    def get(self) -> Forwarded | None:
        """Return how far the ledger is forwarded, None before the first time."""
        row = self._connection.execute(
            "SELECT ledger, nation, position, chain, head, forwarded_us, answered_us, recorded_us,"
            " shared, stopped_code, stopped_vi, stopped_en FROM forwarding"
        ).fetchone()
        if row is None:
            return None
        stop = None if row[-3] is None else Stop(*row[-3:])
        counts = dict(self._connection.execute("SELECT status, events FROM outcomes"))
        (again,) = self._connection.execute("SELECT count(*) FROM taken_again").fetchone()
        return replace(Forwarded(*row[:9]), stop=stop, counts=counts, taken_again=again)

    def begin(self, ledger: str, nation: str) -> Forwarded:
        """Return the state under this name; under another name the kept one is forgotten."""
        kept = self.get()
        if kept is not None and kept.ledger == ledger:
            return replace(kept, nation=nation)
        with self._connection:
            for table in ("forwarding", "outcomes", "refusals", "refusals_read", "taken_again"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  own names
        return Forwarded(ledger, nation)

    def save(self, state: Forwarded, statuses: Sequence[str] = ()) -> None:
        """Store how far it is, with the statuses of the receipts of a batch."""
        row = (
            state.ledger, state.nation, state.position, state.chain, state.head,
            state.forwarded_us, state.answered_us, state.recorded_us, state.shared,
            *(state.stop or (None, None, None)),
        )  # fmt: skip
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO forwarding VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            self._connection.executemany(
                "INSERT INTO outcomes VALUES (?, ?)"
                " ON CONFLICT (status) DO UPDATE SET events = events + excluded.events",
                Counter(statuses).items(),
            )

    def go_back(self, position: int, counts: Mapping[str, int]) -> None:
        """Forget what came after a position to which the other ledger was restored.

        `counts` has its own number of events by status.
        """
        with self._connection:
            for table in ("refusals", "taken_again"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE position > ?",  # noqa: S608  own names
                    (position,),
                )
            for table in ("refusals_read", "outcomes"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  own names
            self._connection.executemany("INSERT INTO outcomes VALUES (?, ?)", counts.items())

    def refusals_read(self, family: str) -> str | None:
        """Return the cursor of the last page of refusals of a service that was read."""
        query = "SELECT cursor FROM refusals_read WHERE family = ?"
        row = self._connection.execute(query, (family,)).fetchone()
        return None if row is None else row[0]

    def add_refusals(self, family: str, cursor: str | None, refusals: Sequence[Refusal]) -> None:
        """Store a page of refusals of a service, read with a cursor."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", refusals
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO refusals_read VALUES (?, ?)", (family, cursor)
            )

    def refusals(self, most: int) -> list[Refusal]:
        """Return the events that the other ledger refused, by position, the last first.

        Those that it took when they were sent again are left out.
        """
        rows = self._connection.execute(
            f"SELECT * FROM {_STILL_REFUSED} ORDER BY position DESC LIMIT ?",  # noqa: S608  own names
            (most,),
        )
        return [Refusal(*row) for row in rows]

    def refused_positions(self) -> list[int]:
        """Return the positions of all these events, in order."""
        rows = self._connection.execute(
            f"SELECT position FROM {_STILL_REFUSED} ORDER BY position"  # noqa: S608  own names
        )
        return [position for (position,) in rows]

    def take_again(self, positions: Iterable[int]) -> None:
        """Store that events, refused before, were taken when they were sent again."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO taken_again"
                " SELECT position, at_us FROM refusals WHERE position = ?",
                [(position,) for position in positions],
            )

    def last_taken(self, position: int) -> int:
        """Return the last position up to this one that was not refused, 0 if there is none."""
        rows = self._connection.execute(
            "SELECT position FROM refusals WHERE position <= ? ORDER BY position DESC", (position,)
        )
        for (refused,) in rows:
            if refused < position:
                break
            position -= 1
        return position


@contextmanager
def read_forwarding(file: Path) -> Iterator[ForwardingState | None]:
    """Open the file to read it; None if this ledger was never forwarded.

    A change that was cut off by a crash is rolled back, which only a file open for writing can be.
    """
    if not file.exists():
        yield None
        return
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=10)) as connection:
        yield ForwardingState(connection)
