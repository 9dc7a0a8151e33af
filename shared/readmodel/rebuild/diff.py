"""Two fills of a read model side by side: rows that pair are equal, of others each key is read.

Each key's rows have a SHA-256, in two streams in the order of the key, merged and never loaded;
what differs has a name, by which a person can accept it.
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
"""So many differences are kept to be shown; all are counted."""

_CHUNK = 5_000
_NOTHING = "—"


class RowDifference(NamedTuple):
    """One thing that is otherwise in the new fill: `awards/award/a-1`, and what each side has."""

    name: str
    kind: str
    old: str
    new: str


class _Rows(NamedTuple):
    """How many rows a key has on one side, and the SHA-256 of them."""

    rows: int
    digest: bytes


class ComparisonSide(NamedTuple):
    """One of the two fills: the read model on its tables, and in which schema those are found."""

    model: ReadModel
    generation: int
    schema: str | None = None

    @property
    def key(self) -> str:
        """Return the name under which its checkpoint and its quarantine stand."""
        return generations.key_of(self.model.name, self.generation)


@dataclass
class ComparisonReport:
    """What a comparison found; `accept` are names or patterns such as `awards/*`."""

    accept: Sequence[str] = ()
    rows: Counter[str] = field(default_factory=Counter)
    accepted: list[RowDifference] = field(default_factory=list)
    unaccepted: list[RowDifference] = field(default_factory=list)
    accepted_total: int = 0
    unaccepted_total: int = 0

    @property
    def compared(self) -> int:
        """Return how many rows of the new fill were compared."""
        return self.rows.total()

    @property
    def total(self) -> int:
        """Return how many differences there are."""
        return self.accepted_total + self.unaccepted_total

    def note(self, name: str, kind: str, old: object, new: object) -> None:
        """Take note of a difference: all are counted, the first of them are kept."""
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
    """Compares two fills on one connection, on which both stand still."""

    def __init__(
        self,
        connection: Connection,
        old: ComparisonSide,
        new: ComparisonSide,
        findings: ComparisonReport,
    ) -> None:
        self._connection = connection
        self._old = old
        self._new = new
        self._findings = findings
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
        """Compare everything, and the shape of the tables; both stand at a position and there only.

        Figures are sums of rows: only where some of those differ are they looked at.
        """
        before = self._findings.total
        self._shapes()
        self._quarantines(until)
        pairing = RowMatching(self._connection)
        for old, new in self._pairs():
            self._rows_of(pairing, old, new, until)
            on_progress(self._findings.compared)
        if self._findings.total != before:
            self._sums(until)

    def rest(self, after: int, until: int) -> None:
        """Compare what came after a position.

        What a fold remembers without positions was compared where both stood together before.
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
        old, new = (self._aside(side, after, until) for side in (self._old, self._new))
        for subject in sorted(old.keys() | new.keys()):
            if old.get(subject) != new.get(subject):
                sides = old.get(subject, _NOTHING), new.get(subject, _NOTHING)
                self._note(subject, "quarantine", *sides)

    def _aside(self, side: ComparisonSide, after: int, until: int) -> dict[str, str]:
        """Return what is set aside of a fill, and why."""
        table = QUARANTINE.c
        query = select(table.subject, table.position, table.reason).where(
            table.read_model == side.key, table.position > after, table.position <= until
        )
        options = {"schema_translate_map": {None: side.schema}}
        rows = self._connection.execute(query, execution_options=options)
        return {subject: f"{position}: {reason}" for subject, position, reason in rows}

    def _rows_of(
        self, pairing: RowMatching, old: ComparableRows, new: ComparableRows, until: int
    ) -> None:
        """Compare rows where they stand; only those of keys that do not pair are read."""
        shared = self._shape(new, self._new)
        key = frozenset(column.name for column in new.table.primary_key)
        words = frozenset().union(*(shared[table] for table in new.words.values()))
        only: Collection[Any] | None = None
        if key <= shared[new.table] and pairing.same_numbers(old, new, words):
            columns = shared[new.table] - (new.left_out - {new.key})
            if pairing.same(old.table, new.table, columns):
                self._findings.rows[new.kind] += pairing.count(new.table)
                return
            only = pairing.differing(old.table, new.table, columns, new.key)
        rows = self._digested(old, new, 0, until, only)
        self._findings.rows[new.kind] += rows if only is None else pairing.count(new.table)

    def _digested(
        self,
        old: ComparableRows,
        new: ComparableRows,
        after: int,
        until: int,
        only: Collection[Any] | None = None,
    ) -> int:
        """Compare the digests of each key; return how many rows the new fill has of them."""
        sides = (
            self._digests(content, after, until, side, only)
            for content, side in ((old, self._old), (new, self._new))
        )
        rows = 0
        for key, ours, theirs in _merged(*sides):
            if ours != theirs:
                self._note(key, new.kind, _said(ours), _said(theirs))
            rows += theirs.rows if theirs else 0
        return rows

    def _shape(self, content: ComparableRows, side: ComparisonSide) -> dict[Table, frozenset[str]]:
        """Return which columns both fills have of the tables that a kind of rows needs."""
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
        """Yield for each key how many rows there are, and the SHA-256 of them in any order."""
        shape = self._shape(content, side)
        query = content.query(self._connection, shape, after, until, only)
        # Not the driver's own rows: a stream of the server holds its first ones back from them.
        rows = self._connection.execute(query, execution_options={"yield_per": _CHUNK})
        for key, group in groupby(rows, itemgetter(0)):
            encoded = sorted(orjson.dumps(tuple(row[1:]), default=_bytes) for row in group)
            yield key, _Rows(len(encoded), sha256(b"\n".join(encoded)).digest())

    def _note(self, thing: str, kind: str, old: object, new: object) -> None:
        self._findings.note(f"{self._name}/{thing}", kind, old, new)


def _merged(
    old: Iterator[tuple[str, _Rows]], new: Iterator[tuple[str, _Rows]]
) -> Iterator[tuple[str, _Rows | None, _Rows | None]]:
    """Yield every key of either side, in order, with what each side has."""
    ours, theirs = next(old, None), next(new, None)
    while ours is not None or theirs is not None:
        if theirs is None or (ours is not None and ours[0] < theirs[0]):
            assert ours is not None  # noqa: S101  one of the two is there
            yield ours[0], ours[1], None
            ours = next(old, None)
        elif ours is None or theirs[0] < ours[0]:
            yield theirs[0], None, theirs[1]
            theirs = next(new, None)
        else:
            yield ours[0], ours[1], theirs[1]
            ours, theirs = next(old, None), next(new, None)


def _said(rows: _Rows | None) -> str:
    return f"{rows.rows} × {rows.digest.hex()[:12]}" if rows else _NOTHING


def _there(is_there: bool) -> str:  # noqa: FBT001  the one thing to say
    return "there" if is_there else _NOTHING


def _bytes(value: Any) -> str:  # noqa: ANN401  what JSON has no form for: records
    return bytes(value).hex()
