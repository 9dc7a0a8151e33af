"""Registrations and awards in the order of a column, by the numbers of their cube if it has it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from services.reporting.figures.grouping_by_map import mapped
from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.figures.members import EntitySet
from services.reporting.queries.sorting.ranks import (
    ABSENT,
    Recent,
    order_of,
    ordered_by,
    ranks_of,
)
from services.reporting.queries.sorting.sort_values import READ_TOGETHER
from services.reporting.queries.sorting.title_order import TitleOrder
from services.reporting.readmodels.parts.version_rows import known_at
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from services.reporting.figures.cube import Cube
    from services.reporting.queries.lists.registrations_and_awards import EntityList, EntityLists
    from services.reporting.queries.sorting.sort_values import SortValues
    from services.reporting.queries.sorting.sorted_query import SortedQuery
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store

ENTITY_LISTS: Mapping[str, EntityList] = {"registrations": "registrations", "awards": "awards"}
_ORDERS_KEPT = 12
"""The order of a million entities takes 8 MB, with their set 48 MB."""
_FIRST_TIER = 3


class EntityOrder:
    """The sets of entities that queries select, each in the order of a column."""

    def __init__(
        self, store: Store, catalog: Catalog, entities: EntityLists, values: SortValues
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._entities = entities
        self._values = values
        self._sets: Recent[EntitySet] = Recent(2)
        self._titles: Recent[TitleOrder] = Recent(4)
        self._orders: Recent[NDArray[np.int64]] = Recent(_ORDERS_KEPT)

    def numbers(self, query: SortedQuery, first: int, limit: int) -> tuple[list[int], int]:
        """Return the numbers of entities at some places of the order, and how many there are."""
        chosen = self._set(query)
        if query.sort.column == "title":
            order = self._titles.of(query.key, lambda: self._titles_of(query, chosen))
            shown = order.part(first, limit, descending=query.sort.descending)
            return list(shown), len(chosen.numbers)
        key = (*query.key, query.sort, query.language)
        places = self._orders.of(key, lambda: self._places(query, chosen))
        return chosen.numbers[places[first : first + limit]].tolist(), len(chosen.numbers)

    def _set(self, query: SortedQuery) -> EntitySet:
        return self._sets.of(query.key, lambda: self._members(query))

    def _members(self, query: SortedQuery) -> EntitySet:
        name = ENTITY_LISTS[query.name]
        found = self._entities.members(name, query.list_query, query.bits)
        if query.owner is None:
            return found
        theirs = np.isin(found.orgs, self._entities.cube(name).cache.orgs.numbers([query.owner]))
        return EntitySet(*(column[theirs] for column in found))

    def _titles_of(self, query: SortedQuery, chosen: EntitySet) -> TitleOrder:
        model, position = self._catalog.registrations, query.list_query.position
        return TitleOrder(self._store, model, chosen.numbers, position)

    def _places(self, query: SortedQuery, chosen: EntitySet) -> NDArray[np.int64]:
        column, descending = query.sort
        cube = self._entities.cube(ENTITY_LISTS[query.name])
        if column == "occurred_on":
            return ordered_by(chosen.days, descending=descending)
        if column == "unit_id":
            ranks = self._unit_ranks(query, cube, chosen)
        elif column == "owner_org_id":
            words = cube.cache.orgs.words
            ranks = _spread(
                chosen.orgs,
                lambda each: words[each][0] if each else None,
                lambda org_ids: self._values.names(org_ids, query.list_query.position),
            )
        elif column == "tier":
            ranks = self._status_ranks(query, cube, chosen)
        elif column in cube.cache.dimensions:
            place, words = cube.cache.dimensions.index(column), cube.cache.dims.words
            named = query.named

            def word(number: int) -> str | None:
                code = words[number][place]
                return None if code is None else named(column, code)

            ranks = _spread(chosen.dims, word)
        else:
            return self._stored_order(query, chosen)
        return ordered_by(ranks, descending=descending)

    def _unit_ranks(self, query: SortedQuery, cube: Cube, chosen: EntitySet) -> NDArray[np.int64]:
        """Return ranks by the name of the unit on the day of each entity."""
        words, snapshot = cube.cache.units.words, query.list_query.snapshot
        begun: dict[date, int] = {}
        names: dict[str | None, int] = {}

        def map_of(day: int) -> int:
            return begun.setdefault(snapshot.territory.on(date.fromordinal(day)).day, len(begun))

        def name_of(code: int) -> int:
            unit, number = divmod(code, len(begun))
            return names.setdefault(snapshot.name(words[unit][0], days[number]), len(names))

        with snapshot.lock:  # units keep their names between two changes of the map
            maps = mapped(chosen.days, map_of)
            days = list(begun)
            named = mapped(chosen.units * len(begun) + maps, name_of)
        ranks = ranks_of(names)
        return np.array([ranks[each] for each in names], np.int64)[named]

    @staticmethod
    def _status_ranks(query: SortedQuery, cube: Cube, chosen: EntitySet) -> NDArray[np.int64]:
        """Return ranks by how far registrations have come: withdrawn, eligible, by name of tier."""
        place, words = cube.cache.dimensions.index("tier"), cube.cache.dims.words
        tiers = _spread(
            chosen.dims,
            lambda each: words[each][place] and query.named("tier", words[each][place]),
        )
        withdrawn, eligible = (chosen.bits & each != 0 for each in (Bits.WITHDRAWN, Bits.ELIGIBLE))
        without = np.where(withdrawn, 0, np.where(eligible, 2, 1))
        return np.where(withdrawn | (tiers == ABSENT), without, tiers + _FIRST_TIER)

    def _stored_order(self, query: SortedQuery, chosen: EntitySet) -> NDArray[np.int64]:
        """Return the order by a column that is only in the version rows."""
        model: Any = getattr(self._catalog, query.name)
        version, position = model.versions.c, query.list_query.position
        statement = select(version.thing, version[query.sort.column]).where(
            known_at(model.versions, position)
        )
        with self._store.reading() as connection:
            if len(chosen.numbers) <= READ_TOGETHER:
                statement = statement.where(
                    among(connection, version.thing, chosen.numbers.tolist())
                )
            by_thing = {row[0]: row[1] for row in connection.execute(statement)}
        values = [by_thing.get(each) for each in chosen.numbers.tolist()]
        return order_of(self._values.sortable(query, values), descending=query.sort.descending)


def _spread(
    numbers: NDArray[np.int64],
    word: Callable[[int], Any],
    named: Callable[[set[Any]], Mapping[Any, str]] | None = None,
) -> NDArray[np.int64]:
    """Return the rank of each number of an intern table, by the words of the different ones."""
    different = np.flatnonzero(np.bincount(numbers))
    words = [word(each) for each in different.tolist()]
    if named is not None:
        names = named(set(words) - {None})
        words = [None if each is None else names[each] for each in words]
    ranks = ranks_of(set(words))
    table = np.zeros(int(different.max(initial=0)) + 1, np.int64)
    table[different] = [ranks[each] for each in words]
    return table[numbers]
