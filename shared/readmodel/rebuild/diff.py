"""Comparison of two generations of a read model: rows matched by the database, the rest by digest.

The rows of each key get a SHA-256, in two streams ordered by key, which are merged and never loaded
whole; each difference has a name, by which an operator can accept it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import select

from shared.readmodel import generations
from shared.readmodel.quarantine import QUARANTINE
from shared.readmodel.rebuild.row_matching import RowMatching

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from sqlalchemy import Connection, Table

    from shared.readmodel.comparable_rows import ComparableRows
    from shared.readmodel.protocol import ReadModel

LISTED = 1_000
"""Most differences kept for display; all are counted."""

_CHUNK = 5_000
_NOTHING = "—"


class RowDifference(NamedTuple):
    """A difference in the new generation: its name, as `awards/award/a-1`, and both sides."""

    name: str
    kind: str
    old: str
    new: str


class _Rows(NamedTuple):
    """The number of rows of a key on one side, and their SHA-256."""

    rows: int
    digest: bytes


class ComparisonSide(NamedTuple):
    """One side of a comparison: the read model on its tables, and their schema."""

    model: ReadModel
    generation: int
    schema: str | None = None

    @property
    def key(self) -> str:
        """Return the name of its checkpoint and its quarantine."""
        return generations.key_of(self.model.name, self.generation)


@dataclass
class ComparisonReport:
    """The result of a comparison; `accept` has names or patterns such as `awards/*`."""

    accept: Sequence[str] = ()
    rows: Counter[str] = field(default_factory=Counter)
    accepted: list[RowDifference] = field(default_factory=list)
    unaccepted: list[RowDifference] = field(default_factory=list)
    accepted_total: int = 0
    unaccepted_total: int = 0

    @property
    def compared(self) -> int:
        """Return the number of rows of the new generation that were compared."""
        return self.rows.total()

    @property
    def total(self) -> int:
        """Return the number of differences."""
        return self.accepted_total + self.unaccepted_total

    def note(self, name: str, kind: str, old: object, new: object) -> None:
        """Add a difference: all are counted, the first ones are kept."""
        difference = RowDifference(name, kind, str(old), str(new))
        if any(fnmatchcase(name, pattern) for pattern in self.accept):
            self.accepted_total += 1
            kept = self.accepted
        else:
            self.unaccepted_total += 1
            kept = self.unaccepted
        if len(kept) < LISTED:
            kept.append(difference)


class Comparison:
    """Compares two generations on one connection, whose snapshot does not change."""

    def __init__(
        self,
        connection: Connection,
        old: ComparisonSide,
        new: ComparisonSide,
        report: ComparisonReport,
    ) -> None:
        self._connection = connection
        self._old = old
        self._new = new
        self._report = report
        self._name = new.model.name
        self._columns = tuple(
            generations.columns(connection, self._name, side.generation, side.schema)
            for side in (old, new)
        )
        self._shared = {
            table: self._columns[0][table] & self._columns[1][table]
            for table in self._columns[0].keys() & self._columns[1].keys()
        }

    def whole(self, until: int, on_progress: Callable[[int], None]) -> None:
        """Compare all rows and the schemas of both generations, which are at the same position.

        Figures are sums of rows, so they are compared only if rows differ.
        """
        before = self._report.total
        self._shapes()
        self._quarantines(until)
        matching = RowMatching(self._connection)
        for old, new in self._pairs():
            self._rows_of(matching, old, new, until)
            on_progress(self._report.compared)
        if self._report.total != before:
            self._sums(until)

    def rest(self, after: int, until: int) -> None:
        """Compare the changes after a position.

        Rows without positions were compared where both were at the same position before.
        """
        if after == until:
            return
        self._quarantines(until, after)
        for old, new in self._pairs():
            if new.began is not None:
                self._digested(old, new, after, until)

    def _pairs(self) -> Iterator[tuple[ComparableRows, ComparableRows]]:
        """Yield each kind of rows on both sides, if both have the tables and columns for it."""
        old = {content.kind: content for content in self._old.model.contents()}
        for content in self._new.model.contents():
            needs = content.needs().items()
            if all(columns <= self._columns_of(table) for table, columns in needs):
                yield old[content.kind], content

    def _columns_of(self, table: Table) -> frozenset[str]:
        return self._shared.get(self._short(table), frozenset())

    def _short(self, table: Table) -> str:
        return table.name.removeprefix(generations.prefix_of(self._name, self._new.generation))

    def _shapes(self) -> None:
        old, new = self._columns
        for table in sorted(old.keys() ^ new.keys()):
            self._note(f"shape/{table}", "shape", _there(table in old), _there(table in new))
        for table in sorted(self._shared):
            for column in sorted(old[table] ^ new[table]):
                sides = _there(column in old[table]), _there(column in new[table])
                self._note(f"shape/{table}.{column}", "shape", *sides)

    def _sums(self, until: int) -> None:
        tables = self._new.model.metadata.sorted_tables
        if any({*table.columns.keys()} - self._columns_of(table) for table in tables):
            return  # tables of another shape cannot be summed by this definition
        old, new = (side.model.sums(self._connection, until) for side in (self._old, self._new))
        for name in sorted(old.keys() | new.keys()):
            if old.get(name, 0) != new.get(name, 0):
                self._note(f"sums/{name}", "sums", old.get(name, 0), new.get(name, 0))

    def _quarantines(self, until: int, after: int = 0) -> None:
        old, new = (self._quarantined(side, after, until) for side in (self._old, self._new))
        for subject in sorted(old.keys() | new.keys()):
            if old.get(subject) != new.get(subject):
                sides = old.get(subject, _NOTHING), new.get(subject, _NOTHING)
                self._note(subject, "quarantine", *sides)

    def _quarantined(self, side: ComparisonSide, after: int, until: int) -> dict[str, str]:
        """Return the quarantined subjects of one side, and why."""
        table = QUARANTINE.c
        query = select(table.subject, table.position, table.reason).where(
            table.read_model == side.key, table.position > after, table.position <= until
        )
        options = {"schema_translate_map": {None: side.schema}}
        rows = self._connection.execute(query, execution_options=options)
        return {subject: f"{position}: {reason}" for subject, position, reason in rows}

    def _rows_of(
        self, matching: RowMatching, old: ComparableRows, new: ComparableRows, until: int
    ) -> None:
        """Compare rows in the database; read only those of keys that do not match."""
        shared = self._shape(new, self._new)
        key = frozenset(column.name for column in new.table.primary_key)
        words = frozenset().union(*(shared[table] for table in new.words.values()))
        only: Collection[Any] | None = None
        if key <= shared[new.table] and matching.same_numbers(old, new, words):
            columns = shared[new.table] - (new.left_out - {new.key})
            if matching.same(old.table, new.table, columns):
                self._report.rows[new.kind] += matching.count(new.table)
                return
            only = matching.differing(old.table, new.table, columns, new.key)
        rows = self._digested(old, new, 0, until, only)
        self._report.rows[new.kind] += rows if only is None else matching.count(new.table)

    def _digested(
        self,
        old: ComparableRows,
        new: ComparableRows,
        after: int,
        until: int,
        only: Collection[Any] | None = None,
    ) -> int:
        """Compare the digests of each key; return the number of rows in the new generation."""
        sides = (
            self._digests(content, after, until, side, only)
            for content, side in ((old, self._old), (new, self._new))
        )
        rows = 0
        for key, left, right in _merged(*sides):
            if left != right:
                self._note(key, new.kind, _summary(left), _summary(right))
            rows += right.rows if right else 0
        return rows

    def _shape(self, content: ComparableRows, side: ComparisonSide) -> dict[Table, frozenset[str]]:
        """Return the columns that both sides have of the tables that a kind of rows needs."""
        prefix = generations.prefix_of(self._name, side.generation)
        return {table: self._shared[table.name.removeprefix(prefix)] for table in content.needs()}

    def _digests(
        self,
        content: ComparableRows,
        after: int,
        until: int,
        side: ComparisonSide,
        only: Collection[Any] | None,
    ) -> Iterator[tuple[str, _Rows]]:
        """Yield for each key the number of its rows, and their SHA-256 independent of order."""
        shape = self._shape(content, side)
        query = content.query(self._connection, shape, after, until, only)
        # SQLAlchemy's rows: on a server-side cursor the driver's own would miss the first ones.
        rows = self._connection.execute(query, execution_options={"yield_per": _CHUNK})
        for key, group in groupby(rows, itemgetter(0)):
            encoded = sorted(orjson.dumps(tuple(row[1:]), default=_bytes) for row in group)
            yield key, _Rows(len(encoded), sha256(b"\n".join(encoded)).digest())

    def _note(self, name: str, kind: str, old: object, new: object) -> None:
        self._report.note(f"{self._name}/{name}", kind, old, new)


def _merged(
    old: Iterator[tuple[str, _Rows]], new: Iterator[tuple[str, _Rows]]
) -> Iterator[tuple[str, _Rows | None, _Rows | None]]:
    """Yield every key of either side, in order, with the rows of each side."""
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None  # noqa: S101  at least one is present
            yield left[0], left[1], None
            left = next(old, None)
        elif left is None or right[0] < left[0]:
            yield right[0], None, right[1]
            right = next(new, None)
        else:
            yield left[0], left[1], right[1]
            left, right = next(old, None), next(new, None)


def _summary(rows: _Rows | None) -> str:
    return f"{rows.rows} × {rows.digest.hex()[:12]}" if rows else _NOTHING


def _there(is_there: bool) -> str:  # noqa: FBT001  its only parameter
    return "there" if is_there else _NOTHING


def _bytes(value: Any) -> str:  # noqa: ANN401  values without a JSON form
    return bytes(value).hex()
