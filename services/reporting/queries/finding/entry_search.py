"""The entries of one kind that have the words of a question, the newest first.

All are counted up to `MOST`, beyond which their number is "more than". On PostgreSQL no query
walks the entries backwards until enough have the words: of rare words that is the whole table. The
hits are taken from the index first, and sorted; only where they are too many, so that the newest
are near, the newest entries are read in windows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from shared.database import text_index
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from services.reporting.readmodels.search.entries import Entries
    from shared.readmodel.store import Store
    from shared.vocabulary.search_words import Question

MOST = 10_000
"""Hits that are counted, and that can be paged through."""
RANKED = 200
"""The newest hits, of which those as typed come first."""
_WINDOWS = (20_000, 200_000)


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
            query = text_index.matching(
                connection,
                self._entries.table,
                question.whole,
                question.begun,
                places=places,
                last=last,
                instead=instead or {},
            )
            known = self._known(query, position)
            keys, number = self._newest(connection, known, max(stop, RANKED), last)
            first = self._rows(connection, keys[:RANKED])
            rest = self._rows(connection, keys[max(start, RANKED) : stop])
        first.sort(key=lambda row: question.place(row.title, row.named))
        return Hits([*first[start:stop], *rest], number)

    def _known(self, query: Select[Any], position: int) -> Select[Any]:
        """Leave out the entries that ended by a position; later ones are beyond the last key."""
        ended = self._entries.ended.c
        key = query.selected_columns["key"].element
        end = select(ended.position).where(ended.entry == key).scalar_subquery()
        return query.where(func.coalesce(end, position + 1) > position)

    def _newest(
        self, connection: Connection, query: Select[Any], wanted: int, last: int
    ) -> tuple[list[int], int]:
        """Return the newest keys, and the number of all up to one more than `MOST`."""
        ordered = connection.dialect.name == "sqlite"  # the index itself is in this order
        counted = query.order_by(query.selected_columns["key"].desc()) if ordered else query
        hit = counted.limit(MOST + 1).cte("hit")
        if not ordered:
            hit = hit.prefix_with("MATERIALIZED")
        key = hit.c.key
        counted_hits = select(func.count()).select_from(hit).scalar_subquery()
        newest = select(key, counted_hits).order_by(key.desc()).limit(wanted)
        found = connection.execute(newest).all()
        keys, number = [row[0] for row in found], found[0][1] if found else 0
        if ordered or number <= MOST:
            return keys, number
        return self._in_windows(connection, query, wanted, last), number

    @staticmethod
    def _in_windows(
        connection: Connection, query: Select[Any], wanted: int, last: int
    ) -> list[int]:
        """Return the newest keys of a question with very many hits."""
        key = query.selected_columns["key"].element
        for window in (*_WINDOWS, last):
            recent = query.where(key > last - window).cte("recent").prefix_with("MATERIALIZED")
            newest = select(recent.c.key).order_by(recent.c.key.desc()).limit(wanted)
            keys = list(connection.scalars(newest))
            if len(keys) == wanted:
                break
        return keys

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
