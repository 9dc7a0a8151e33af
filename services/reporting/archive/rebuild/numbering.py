"""Numbers of things and words as one fold in the order of the log would have given them.

Folds of parts count from 1 each. A thing's number is its place in the order in which things began,
and a word's in the order of the first deltas that use it: so positions are enough to number all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from services.reporting.readmodels.outcomes.readmodel import Outcomes
from services.reporting.readmodels.registrations.readmodel import Registrations
from services.reporting.readmodels.search.readmodel import Search

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Table

    from services.reporting.figures.delta_tables import TallyTables
    from services.reporting.readmodels.search.entries import Entries
    from shared.readmodel.protocol import ReadModel

    Rows = Mapping[Table, Sequence[tuple[Any, ...]]]

_NEVER = 2**62
_WORDS = {"unit": "units", "dims": "dims", "org": "orgs"}
"""The columns of deltas that are numbers of words, and the tables of these."""


class Numbered(NamedTuple):
    """A sequence of numbers: of things, of the words of a table, or of entries of a kind."""

    read_model: str
    kind: str


class Beginnings(NamedTuple):
    """The first positions of the numbers of one fold, from 1 on.

    Words have their values; entries the numbers of those that they replaced, 0 for none.
    """

    positions: NDArray[np.int64]
    words: Sequence[tuple[Any, ...]] | None = None
    replaced: NDArray[np.int64] | None = None


def numbered_columns(model: ReadModel, table: Table) -> Mapping[str, Numbered]:
    """Return the columns of a table that are numbers of things, words or entries."""
    name = model.name
    if isinstance(model, Search):
        of_entries = {t: each.kind for each in model.kinds for t in (each.table, each.ended)}
        return {"entry": Numbered(name, of_entries[table])} if table in of_entries else {}
    columns = {}
    if "thing" in table.columns:
        columns["thing"] = Numbered(name, "things")
    if isinstance(model, Registrations | Outcomes):
        tables = model.delta_tables
        if table is tables.deltas:
            columns |= {column: Numbered(name, words) for column, words in _WORDS.items()}
        for words in (*_WORDS.values(), "years"):
            if table is getattr(tables, words):
                columns["id"] = Numbered(name, words)
    return columns


def beginnings_of(model: ReadModel, rows: Rows) -> dict[Numbered, Beginnings]:
    """Return the beginnings of all numbers that a fold gave."""
    if isinstance(model, Search):
        kinds = [each for each in model.kinds if rows.get(each.table)]
        return {Numbered(model.name, each.kind): _of_entries(each, rows) for each in kinds}
    if isinstance(model, Registrations | Outcomes):
        table = model.things if isinstance(model, Registrations) else model.statements
        at = "recorded" if isinstance(model, Registrations) else "position"
        things = _first(_columns(rows.get(table, ()), table, "thing", at))
        words = _of_words(model.delta_tables, rows)
        return {Numbered(model.name, kind): each for kind, each in (("things", things), *words)}
    return {}


def _columns(rows: Sequence[tuple[Any, ...]], table: Table, *names: str) -> NDArray[np.int64]:
    places = [list(table.columns.keys()).index(name) for name in names]
    return np.array([[row[place] for row in rows] for place in places], np.int64)


def _first(numbers: NDArray[np.int64], count: int | None = None) -> Beginnings:
    """Return the first position of each number; `numbers` are two rows: numbers, positions."""
    number, position = numbers
    most = int(number.max()) if len(number) else 0
    positions = np.full((most if count is None else count) + 1, _NEVER, np.int64)
    np.minimum.at(positions, number, position)
    return Beginnings(positions[1:])


def _of_words(tables: TallyTables, rows: Rows) -> Iterator[tuple[str, Beginnings]]:
    deltas = rows.get(tables.deltas, ())
    for column, kind in _WORDS.items():
        words = [row[1:] for row in rows.get(getattr(tables, kind), ())]
        first = _first(_columns(deltas, tables.deltas, column, "position"), len(words))
        yield kind, first._replace(words=words)
    years = {row[1]: row[0] for row in rows.get(tables.years, ())}
    year, position = _columns(deltas, tables.deltas, "plan_year", "position")
    numbers = np.array([years[each] for each in year.tolist()], np.int64)
    first = _first(np.array([numbers, position]), len(years))
    yield "years", first._replace(words=[(each,) for each in years])


def _of_entries(entries: Entries, rows: Rows) -> Beginnings:
    number, position = _columns(rows[entries.table], entries.table, "entry", "position")
    replaced = np.zeros(len(number), np.int64)
    subjects = [row[2] for row in rows[entries.table]]
    begun = {each: n for n, each in enumerate(zip(subjects, position.tolist(), strict=True))}
    for old, at in rows.get(entries.ended, ()):
        new = begun.get((subjects[old - 1], at))
        if new is not None and new != old - 1:
            replaced[new] = old
    assert (number == np.arange(1, len(number) + 1)).all()  # noqa: S101  as they were made
    return Beginnings(position, replaced=replaced)


class Numbering:
    """The final numbers of one sequence, for each fold of a part."""

    def __init__(self, parts: Mapping[str, Beginnings]) -> None:
        """Give each beginning of all parts its number."""
        self._parts = parts
        counts = [len(each.positions) for each in parts.values()]
        self._from = dict(zip(parts, np.cumsum([0, *counts[:-1]]).tolist(), strict=True))
        position = np.concatenate([each.positions for each in parts.values()])
        self.words: list[tuple[Any, ...]] | None = None
        if any(each.words is not None for each in parts.values()):
            self._final = self._of_words(position)
            return
        order = np.argsort(position, kind="stable")
        self._final = np.empty(len(position), np.int64)
        self._final[order] = np.arange(1, len(position) + 1)
        if any(each.replaced is not None for each in parts.values()):
            self._order_renamed(position, order)

    def final(self, part: str) -> NDArray[np.int64]:
        """Return the final number of each number of a part; of 0, which is none, 0."""
        first = self._from[part]
        return np.concatenate(
            [[0], self._final[first : first + len(self._parts[part].positions)]]
        ).astype(np.int64)

    def _of_words(self, position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give words their numbers, by their first use in any part."""
        words = [word for each in self._parts.values() for word in each.words or ()]
        order = np.argsort(position, kind="stable").tolist()
        numbers: dict[tuple[Any, ...], int] = {}
        for place in order:
            numbers.setdefault(words[place], len(numbers) + 1)
        self.words = list(numbers)
        return np.array([numbers[word] for word in words], np.int64)

    def _order_renamed(self, position: NDArray[np.int64], order: NDArray[np.int64]) -> None:
        """Order the entries of one position by the numbers of those that they replaced."""
        replaced = np.concatenate(
            [
                np.where(each.replaced > 0, each.replaced + self._from[part] - 1, -1)
                for part, each in self._parts.items()
                if each.replaced is not None
            ]
        )
        at = position[order]
        starts = np.flatnonzero(np.diff(at, prepend=-1))
        sizes = np.diff(starts, append=len(at))
        for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
            members = order[start : start + size]
            before = replaced[members]
            key = np.where(before >= 0, self._final[before], _NEVER)
            ordered = members[np.argsort(key, kind="stable")]
            self._final[ordered] = np.arange(start, start + size) + 1
