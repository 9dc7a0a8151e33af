"""Two fills of a read model side by side: streams in the order of the key, merged, never loaded.

Each key's rows have a SHA-256; what differs has a name, by which a person can accept it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shared.readmodel import generations, quarantine
from shared.readmodel.store import raw_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Table

    from shared.readmodel.contents import Content
    from shared.readmodel.protocol import ReadModel

LISTED = 1_000
"""So many differences are kept to be shown; all are counted."""

_CHUNK = 5_000
_NOTHING = "—"


class Difference(NamedTuple):
    """One thing that is otherwise in the new fill: `awards/award/a-1`, and what each side has."""

    name: str
    kind: str
    old: str
    new: str


class _Rows(NamedTuple):
    """How many rows a key has on one side, and the SHA-256 of them."""

    rows: int
    digest: bytes


class Side(NamedTuple):
    """One of the two fills: the read model on its tables, and the name of its checkpoint."""

    model: ReadModel
    generation: int

    @property
    def key(self) -> str:
        """Return the name under which its checkpoint and its quarantine stand."""
        return generations.key_of(self.model.name, self.generation)


@dataclass
class Findings:
    """What a comparison found; `accept` are names or patterns such as `awards/*`."""

    accept: Sequence[str] = ()
    keys: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    accepted: list[Difference] = field(default_factory=list)
    unaccepted: list[Difference] = field(default_factory=list)
    accepted_total: int = 0
    unaccepted_total: int = 0

    def note(self, name: str, kind: str, old: object, new: object) -> None:
        """Take note of a difference: all are counted, the first of them are kept."""
        difference = Difference(name, kind, str(old), str(new))
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

    def __init__(self, connection: Connection, old: Side, new: Side, findings: Findings) -> None:
        self._connection = connection
        self._old = old
        self._new = new
        self._findings = findings
        self._name = new.model.name
        self._columns = tuple(
            generations.columns(connection, self._name, side.generation) for side in (old, new)
        )
        self._shared = {
            table: self._columns[0][table] & self._columns[1][table]
            for table in self._columns[0].keys() & self._columns[1].keys()
        }

    def whole(self, until: int, told: Callable[[int], None]) -> None:
        """Compare everything as of a position, and the shape of the tables."""
        self._shapes()
        self._sums(until)
        self._quarantines(until)
        for old, new in self._pairs():
            if new.began is not None:
                self._rows(old, new, 0, until, told)

    def rest(self, after: int, until: int) -> None:
        """Compare what came after a position, and what the folds remember where both stand."""
        self._quarantines(until, after)
        for old, new in self._pairs():
            self._rows(old, new, after, until, _nobody)

    def _pairs(self) -> Iterator[tuple[Content, Content]]:
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
        aside = quarantine.load(self._connection)
        old, new = (
            {
                each.subject: f"{each.position}: {each.reason}"
                for each in aside
                if each.read_model == side.key and after < each.position <= until
            }
            for side in (self._old, self._new)
        )
        for subject in sorted(old.keys() | new.keys()):
            if old.get(subject) != new.get(subject):
                sides = old.get(subject, _NOTHING), new.get(subject, _NOTHING)
                self._note(subject, "quarantine", *sides)

    def _rows(
        self, old: Content, new: Content, after: int, until: int, told: Callable[[int], None]
    ) -> None:
        sides = (
            self._digests(content, after, until, side)
            for content, side in ((old, self._old), (new, self._new))
        )
        findings = self._findings
        for key, ours, theirs in _merged(*sides):
            if ours != theirs:
                self._note(key, new.kind, _said(ours), _said(theirs))
            findings.keys += 1
            findings.rows[new.kind] += theirs.rows if theirs else 0
            if findings.keys % _CHUNK == 0:
                told(findings.keys)

    def _digests(
        self, content: Content, after: int, until: int, side: Side
    ) -> Iterator[tuple[str, _Rows]]:
        """Yield for each key how many rows there are, and the SHA-256 of them in any order."""
        prefix = generations.prefix_of(self._name, side.generation)
        shape = {table: self._shared[table.name.removeprefix(prefix)] for table in content.needs()}
        query = content.query(self._connection, shape, after, until)
        query = query.execution_options(stream_results=True)  # on PostgreSQL; SQLite always does
        rows = chain.from_iterable(raw_rows(self._connection, query, _CHUNK))
        for key, group in groupby(rows, itemgetter(0)):
            encoded = sorted(orjson.dumps(row[1:], default=_bytes) for row in group)
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


def _nobody(_keys: int) -> None:
    """Tell nobody."""
