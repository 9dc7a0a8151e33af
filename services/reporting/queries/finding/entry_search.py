"""The entries of one kind that have the words of a question, the newest first.

All are counted up to `MOST`, beyond which their number is "more than". On PostgreSQL the index of
words is in no order, and looks up every entry with a word even for a few of them. So the newest
entries are read first without it: if many of them have the words, so does the rest, and all are
found by reading backwards. Of rarer words that would be the whole table: their hits are taken from
the index and sorted, and where these are too many to be sorted, the newest are again read without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from shared.database import text_index
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import CTE, Connection, Select

    from services.reporting.readmodels.search.entries import Entries
    from shared.readmodel.store import Store
    from shared.vocabulary.search_words import Question

MOST = 10_000
"""Hits that are counted, and that can be paged through."""
RANKED = 200
"""The newest hits, of which those as typed come first."""
PROBED = 5_000
"""The newest entries that are read to see how frequent the words are."""
_LEAST_FREQUENT = 20
"""One of so many entries has words for which reading is quicker than the index."""
_WINDOWS = (20_000, 200_000)


class _KnownQuestion(NamedTuple):
    """One question: its scope, the words that count instead of others, and its last entry."""

    question: Question
    places: Collection[str] | None
    instead: Mapping[str, Collection[str]]
    position: int
    last: int


class Hits(NamedTuple):
    """Some hits in their order, and the number of all; more than `MOST` are not counted."""

    rows: Sequence[Any]
    number: int

    @property
    def exact(self) -> bool:
        """Return whether all were counted."""
        return self.number <= MOST


class EntrySearch:
    """Searches the entries of one kind."""

    def __init__(self, store: Store, entries: Entries) -> None:
        self._store = store
        self._entries = entries

    def hits(
        self,
        question: Question,
        places: Collection[str] | None,
        position: int,
        part: tuple[int, int],
        instead: Mapping[str, Collection[str]] | None = None,
    ) -> Hits:
        """Return the hits from the first to before the second number of `part`, in their order.

        `places` are the units of a scope; `instead` has for a word others that count in its place.
        Of the newest hits those with the words as typed come first, and of these the titles that
        have no other words.
        """
        start, stop = part
        with self._store.reading() as connection:
            last = self._last(connection, position)
            if not last:
                return Hits((), 0)
            asked = _KnownQuestion(question, places, instead or {}, position, last)
            keys, number = self._newest(connection, asked, max(stop, RANKED))
            first = self._rows(connection, keys[:RANKED])
            rest = self._rows(connection, keys[max(start, RANKED) : stop])
        first.sort(key=lambda row: question.place(row.title, row.named))
        return Hits([*first[start:stop], *rest], number)

    def _known(
        self, connection: Connection, asked: _KnownQuestion, *, scanned: bool = False
    ) -> Select[Any]:
        """Return the query for the keys of the entries that are known; later ones are left out."""
        query = text_index.matching(
            connection,
            self._entries.table,
            asked.question.whole,
            asked.question.begun,
            places=asked.places,
            last=asked.last,
            instead=asked.instead,
            scanned=scanned,
        )
        ended = self._entries.ended.c
        key = query.selected_columns["key"].element
        end = select(ended.position).where(ended.entry == key).scalar_subquery()
        return query.where(func.coalesce(end, asked.position + 1) > asked.position)

    def _newest(
        self, connection: Connection, asked: _KnownQuestion, wanted: int
    ) -> tuple[list[int], int]:
        """Return the newest keys, and the number of all up to one more than `MOST`."""
        if connection.dialect.name == "sqlite":
            return self._in_order(connection, self._known(connection, asked), wanted)
        scan = self._known(connection, asked, scanned=True)
        if asked.places is None:
            newest = self._in_window(connection, scan, asked.last - PROBED, PROBED)
            if len(newest) * _LEAST_FREQUENT >= PROBED:
                return self._in_order(connection, scan, wanted)
        hit = self._known(connection, asked).limit(MOST + 1).cte("hit")
        hit = hit.prefix_with("MATERIALIZED")
        keys, number = self._counted(connection, hit, wanted)
        for window in (*_WINDOWS, asked.last) if number > MOST else ():
            keys = self._in_window(connection, scan, asked.last - window, wanted)
            if len(keys) == wanted:
                break
        return keys, number

    def _in_order(
        self, connection: Connection, query: Select[Any], wanted: int
    ) -> tuple[list[int], int]:
        """Return the same by reading backwards, until all that are counted are found."""
        backwards = query.order_by(query.selected_columns["key"].desc())
        return self._counted(connection, backwards.limit(MOST + 1).cte("hit"), wanted)

    @staticmethod
    def _counted(connection: Connection, hit: CTE, wanted: int) -> tuple[list[int], int]:
        number = select(func.count()).select_from(hit).scalar_subquery()
        newest = select(hit.c.key, number).order_by(hit.c.key.desc()).limit(wanted)
        found = connection.execute(newest).all()
        return [row[0] for row in found], found[0][1] if found else 0

    @staticmethod
    def _in_window(
        connection: Connection, query: Select[Any], after: int, wanted: int
    ) -> list[int]:
        """Return the newest keys of those after one."""
        key = query.selected_columns["key"].element
        newest = query.where(key > after).order_by(key.desc()).limit(wanted)
        return list(connection.scalars(newest))

    def _rows(self, connection: Connection, keys: Sequence[int]) -> list[Any]:
        if not keys:
            return []
        columns = self._entries.table.c
        stated = [column for column in columns if column.name != "words"]
        query = select(*stated).where(among(connection, columns.entry, keys))
        return list(connection.execute(query.order_by(columns.entry.desc())))

    def _last(self, connection: Connection, position: int) -> int:
        """Return the last entry up to a position, 0 if there is none.

        Entries are numbered from 1 in the order of the log, without gaps.
        """
        columns = self._entries.table.c
        newest = select(columns.entry, columns.position).order_by(columns.entry.desc()).limit(1)
        found = connection.execute(newest).first()
        if found is None or found.position <= position:
            return found.entry if found else 0
        before, after = 0, found.entry
        while after - before > 1:
            middle = (before + after) // 2
            at = connection.scalar(select(columns.position).where(columns.entry == middle))
            if at is not None and at <= position:
                before = middle
            else:
                after = middle
        return before
