"""Registrations in the order of their titles: small sets are sorted, large ones follow the index.

The index holds every title in Vietnamese order, so the first page of a million needs a few hundred
rows. What was walked is kept for the next page; a page far from both ends reads the whole index.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import exists, select, tuple_

from shared.database.columns import among
from shared.database.postgres.int_columns import numbers as read_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement, Select

    from services.reporting.readmodels.registrations.readmodel import Registrations
    from shared.readmodel.store import Store

SORTED_IN_MEMORY = 30_000
"""Up to this number of entities, reading and sorting all titles is faster than the index."""
WALKED = 20_000
"""Up to this place from an end a page is reached by a walk, further in the whole index is read."""
_SMALLEST_CHUNK, _LARGEST_CHUNK = 2_000, 64_000
_MOST_TITLES = 100_000_000


class TitleOrder:
    """A set of registrations in the order of their titles, ascending."""

    def __init__(
        self, store: Store, model: Registrations, numbers: NDArray[np.int64], position: int
    ) -> None:
        self._store = store
        self._titles = model.titles
        self._position = position
        self._count = len(numbers)
        self._whole: NDArray[np.int64] | None = None
        if self._count <= SORTED_IN_MEMORY:
            self._whole = self._sorted(numbers)
            return
        self._member = np.zeros(int(numbers.max()) + 1, np.bool_)
        self._member[numbers] = True
        self._ends = tuple(
            _Walk(store, model, self._member, position, back) for back in (False, True)
        )

    def part(self, first: int, limit: int, *, descending: bool) -> Sequence[int]:
        """Return the numbers of the entities at some places of the order."""
        count = self._count
        last = min(first + limit, count)
        if descending:
            first, last = count - last, count - first
        found: list[int]
        if self._whole is None and last <= WALKED:
            found = self._ends[0].until(last)[first:last]
        elif self._whole is None and count - first <= WALKED:
            found = self._ends[1].until(count - first)[count - last : count - first][::-1]
        else:
            if self._whole is None:
                self._whole = self._read()
            found = self._whole[first:last].tolist()
        return list(reversed(found)) if descending else list(found)

    def _sorted(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the entities sorted by the titles in force, equal ones by their numbers."""
        title = self._titles.c
        with self._store.reading() as connection:
            query = (
                select(title.thing, title.title_order)
                .where(among(connection, title.thing, numbers.tolist()))
                .where(title.from_position <= self._position)
                .order_by(title.thing, title.from_position)
            )
            titles = {row[0]: row[1] for row in connection.execute(query)}
        return np.array(sorted(titles, key=titles.__getitem__), np.int64)

    def _read(self) -> NDArray[np.int64]:
        """Return the entities of the set in the order of all titles.

        SQLite reads the index alone. PostgreSQL would fetch a page of the table for each of its
        entries, so there the titles are sorted.
        """
        title = self._titles.c
        in_order = title.title_order if self._store.is_sqlite else title.title_order.concat("")
        query = (
            select(title.thing, title.from_position)
            .where(title.from_position <= self._position)
            .order_by(in_order, title.thing)
            .limit(_MOST_TITLES)
        )
        with self._store.reading() as connection:
            things, begun = read_numbers(connection, query).T
        times = np.bincount(things, minlength=len(self._member))
        changed = np.flatnonzero(times[things] > 1)  # a thing is here once for each of its titles
        latest = np.zeros(len(times), np.int64)
        np.maximum.at(latest, things[changed], begun[changed])
        in_force = begun >= latest[things]
        member = np.zeros(len(times), np.bool_)
        member[: len(self._member)] = self._member
        chosen: NDArray[np.int64] = things[in_force & member[things]]
        return chosen


class _Walk:
    """A walk along the index of titles from one end, over the members of a set."""

    def __init__(
        self,
        store: Store,
        model: Registrations,
        member: NDArray[np.bool_],
        position: int,
        backwards: bool,  # noqa: FBT001  a private class
    ) -> None:
        self._store = store
        self._titles = model.titles
        self._member = member
        self._position = position
        self._backwards = backwards
        self._found: list[int] = []
        self._last: tuple[str, int] | None = None
        self._ended = False
        self._chunk = _SMALLEST_CHUNK
        self._lock = threading.Lock()

    def until(self, count: int) -> list[int]:
        """Return at least so many members from this end, as far as there are."""
        with self._lock:
            while len(self._found) < count and not self._ended:
                self._step()
            return self._found

    def _step(self) -> None:
        title = self._titles.c
        with self._store.reading() as connection:
            rows = connection.scalars(self._query()).all()
            if rows:
                last = select(title.title_order).where(
                    title.thing == rows[-1], title.from_position <= self._position
                )
                text = connection.scalar(last.order_by(title.from_position.desc()).limit(1))
                self._last = (str(text), rows[-1])
        entities = np.array(rows, np.int64)
        known = entities[entities < len(self._member)]
        self._found += known[self._member[known]].tolist()
        self._ended = len(rows) < self._chunk
        self._chunk = min(2 * self._chunk, _LARGEST_CHUNK)

    def _query(self) -> Select[Any]:
        title, later = self._titles.c, self._titles.alias("later").c
        replaced = exists().where(
            later.thing == title.thing,
            later.from_position > title.from_position,
            later.from_position <= self._position,
        )
        place: ColumnElement[Any] = tuple_(title.title_order, title.thing)
        query = select(title.thing).where(title.from_position <= self._position, ~replaced)
        if self._last is not None:
            query = query.where(place < self._last if self._backwards else place > self._last)
        columns = (title.title_order, title.thing)
        order = [each.desc() for each in columns] if self._backwards else columns
        return query.order_by(*order).limit(self._chunk)
