"""Pages of the lists in the order of a column, filtered by the dimensions of each list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import select

from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.figures.members import EntitySet
from services.reporting.queries.explaining.titles import MODEL, REGISTRATION, UNIT
from services.reporting.queries.sorting.ranks import (
    ABSENT,
    Recent,
    SortBy,
    order_of,
    ordered_by,
    ranks_of,
)
from services.reporting.queries.sorting.title_order import TitleOrder
from services.reporting.readmodels.parts.version_rows import known_at
from shared.database.columns import among
from shared.vocabulary.code_words import CODE_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from services.reporting.figures.cube import Cube
    from services.reporting.queries.explaining.titles import Titles
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.lists.other_lists import StatementLists, StatementSource
    from services.reporting.queries.lists.registrations_and_awards import EntityList, EntityLists
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store

ENTITY_LISTS: Mapping[str, EntityList] = {"registrations": "registrations", "awards": "awards"}
REPLICATIONS = "replications"
_ORDERS_KEPT = 12
"""The order of a million entities takes 8 MB, with their set 40 MB."""
_CHUNK = 1_000
_FIRST_TIER = 3
_DAYS = 1 << 22
"""More than the number of any day (date.max.toordinal())."""
_ORGANIZATIONS = frozenset({"owner_org_id", "recipient_org_id", "grantor_org_id", "org_id"})
_SUBJECTS = {
    "source_model_id": MODEL,
    "target_model_id": MODEL,
    "target_unit_id": UNIT,
    "registration_id": REGISTRATION,
}
_CODES = frozenset({*CODE_WORDS, "field_code", "block_code"})
_READ_TOGETHER = 20_000
"""Above this number of organisations all names are read instead of those asked for."""


@dataclass(frozen=True)
class SortedQuery:
    """A list with its filters and order; `named` returns the words of a code, by its column.

    `bits` select the entities of a figure, `owner` those of an organisation; `equal` are columns of
    statements with their value.
    """

    name: str
    list_query: ListQuery
    sort: SortBy
    language: str = "vi"
    bits: int | None = None
    owner: str | None = None
    equal: Mapping[str, str | None] = field(default_factory=dict)
    named: Callable[[str, str], str] = lambda _, code: code

    @property
    def key(self) -> tuple[Any, ...]:
        """Return a key of the set of entities, without their order."""
        query, filters = self.list_query, self.list_query.filters
        cell, equal = sorted(filters.dimensions.items()), sorted(self.equal.items())
        return (
            self.name,
            query.as_of.edition,
            query.position,
            query.snapshot.key,
            filters.map.day,
            query.scope.unit_id,
            filters.plan_year,
            filters.programme,
            self.bits,
            self.owner,
            tuple(cell),
            tuple(equal),
        )


class ListPart(NamedTuple):
    """A part of a list; `of` is the number of all its items."""

    items: Sequence[Item]
    of: int


class SortedLists:
    """Returns parts of lists in the order of a column; an order is kept for the next page."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        entities: EntityLists,
        statements: StatementLists,
        titles: Titles,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._named_subjects = titles
        self._entities = entities
        self._statements = statements
        self._sets: Recent[EntitySet] = Recent(2)
        self._titles: Recent[TitleOrder] = Recent(4)
        self._orders: Recent[NDArray[np.int64]] = Recent(_ORDERS_KEPT)
        self._values: Recent[list[str]] = Recent(_ORDERS_KEPT)
        self._replications: Recent[list[Item]] = Recent(4)

    def part(self, query: SortedQuery, first: int, limit: int) -> ListPart:
        """Return up to `limit` items from a place in the order on (from 0)."""
        if query.name == REPLICATIONS:
            return self._part_of_replications(query, first, limit)
        if query.name not in ENTITY_LISTS:
            numbers = self._statement_order(query)
            items = self._statement_items(query, numbers[first : first + limit].tolist())
            return ListPart(items, len(numbers))
        name, chosen = ENTITY_LISTS[query.name], self._set(query)
        if query.sort.column == "title":
            order = self._titles.of(query.key, lambda: self._title_order(query, chosen))
            shown = order.part(first, limit, descending=query.sort.descending)
        else:
            places = self._orders.of(
                (*query.key, query.sort, query.language), lambda: self._entity_order(query, chosen)
            )
            shown = chosen.numbers[places[first : first + limit]].tolist()
        items = self._entities.items(name, query.list_query, shown)
        return ListPart(items, len(chosen.numbers))

    def parts(self, query: SortedQuery) -> Iterator[Sequence[Item]]:
        """Yield the whole list a thousand items at a time."""
        first = 0
        while items := self.part(query, first, _CHUNK).items:
            yield items
            first += len(items)

    def values(self, query: SortedQuery, column: str) -> list[str]:
        """Return the different values of a column of statements, without filters by columns."""
        key = (*replace(query, equal={}).key, column)
        return self._values.of(key, lambda: self._different(query, column))

    def _different(self, query: SortedQuery, column: str) -> list[str]:
        source = self._statements.source(query.name, query.list_query)
        different = source.query.with_only_columns(source.column(column)).distinct()
        with self._store.reading() as connection:
            return [each for each in connection.scalars(different) if each]

    def codes(self, name: str, dimension: str) -> list[str]:
        """Return the codes of a dimension that occur among registrations or awards."""
        cube = self._entities.cube(ENTITY_LISTS.get(name, "registrations"))
        place = cube.cache.dimensions.index(cube.columns[dimension])
        with cube.cache.lock:
            return sorted({word[place] for word in cube.cache.dims.words[1:] if word[place]})

    # Registrations and awards

    def _set(self, query: SortedQuery) -> EntitySet:
        return self._sets.of(query.key, lambda: self._members(query))

    def _members(self, query: SortedQuery) -> EntitySet:
        name = ENTITY_LISTS[query.name]
        found = self._entities.members(name, query.list_query, query.bits)
        if query.owner is None:
            return found
        theirs = np.isin(found.orgs, self._entities.cube(name).cache.orgs.numbers([query.owner]))
        return EntitySet(*(column[theirs] for column in found))

    def _title_order(self, query: SortedQuery, chosen: EntitySet) -> TitleOrder:
        model, position = self._catalog.registrations, query.list_query.position
        return TitleOrder(self._store, model, chosen.numbers, position)

    def _entity_order(self, query: SortedQuery, chosen: EntitySet) -> NDArray[np.int64]:
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
                lambda org_ids: self._names(org_ids, query.list_query.position),
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
        days, of_day = np.unique(chosen.days, return_inverse=True)
        with snapshot.lock:  # units keep their names between two changes of the map
            begun = [
                snapshot.territory.on(date.fromordinal(day)).day.toordinal()
                for day in days.tolist()
            ]
            places = chosen.units * _DAYS + np.array(begun, np.int64)[of_day]
            different, of_place = np.unique(places, return_inverse=True)
            names = [
                snapshot.name(words[each // _DAYS][0], date.fromordinal(each % _DAYS))
                for each in different.tolist()
            ]
        ranks = ranks_of(set(names))
        return np.array([ranks[each] for each in names], np.int64)[of_place]

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
            if len(chosen.numbers) <= _READ_TOGETHER:
                statement = statement.where(
                    among(connection, version.thing, chosen.numbers.tolist())
                )
            by_thing = {row[0]: row[1] for row in connection.execute(statement)}
        values = [by_thing.get(each) for each in chosen.numbers.tolist()]
        return order_of(self._sortable(query, values), descending=query.sort.descending)

    def _sortable(self, query: SortedQuery, values: Sequence[Any]) -> Sequence[Any]:
        """Return names for organisations, words for codes, and other values as they are."""
        column, different = query.sort.column, set(values) - {None}
        if column in _SUBJECTS:
            subjects = {_SUBJECTS[column] + each: each for each in different}
            titled = self._named_subjects.of(subjects, query.list_query.position)
            texts = {each: titled[s].title for s, each in subjects.items() if s in titled}
            names: Mapping[Any, str] = {each: texts.get(each) or each for each in different}
        elif column in _ORGANIZATIONS:
            names = self._names(different, query.list_query.position)
        elif column in _CODES:
            names = {each: query.named(column, each) for each in different}
        else:
            return values
        return [None if each is None else names[each] for each in values]

    def _names(self, org_ids: set[Any], position: int) -> Mapping[Any, str]:
        """Return the names of organisations; one that is not defined has its id."""
        statement = self._catalog.organizations.statements.c
        versions = self._catalog.organizations.versions
        query = select(statement.org_id, statement.name).where(
            versions.c.statement == statement.position, known_at(versions, position)
        )
        with self._store.reading() as connection:
            if len(org_ids) <= _READ_TOGETHER:
                query = query.where(among(connection, statement.org_id, org_ids))
            names = {row[0]: row[1] for row in connection.execute(query)}
        return {each: names.get(each, each) for each in org_ids}

    # Replications and statements

    def _part_of_replications(self, query: SortedQuery, first: int, limit: int) -> ListPart:
        items = self._replications.of(
            query.key, lambda: self._entities.replication_items(query.list_query)
        )
        column = query.sort.column
        values = [each["unit_name" if column == "unit_id" else column] for each in items]
        places = order_of(self._sortable(query, values), descending=query.sort.descending).tolist()
        return ListPart([items[place] for place in places[first : first + limit]], len(items))

    def _statement_order(self, query: SortedQuery) -> NDArray[np.int64]:
        key = (*query.key, query.sort, query.language)
        return self._orders.of(key, lambda: self._sorted_statements(query))

    def _sorted_statements(self, query: SortedQuery) -> NDArray[np.int64]:
        source = self._statements.source(query.name, query.list_query)
        column = query.sort.column
        wanted = [source.column(each) for each in ("unit_id", "occurred_on", column)]
        rows = self._rows(
            source.query.with_only_columns(
                source.versions.c.thing.label("number"), *wanted, maintain_column_froms=True
            ).where(*(_equals(source, *each) for each in query.equal.items()))
        )
        list_query, of_map = query.list_query, query.list_query.filters.map.day is not None
        inside: dict[tuple[str, str], bool] = {}
        numbers: list[int] = []
        values: list[Any] = []
        for number, unit_id, day, value in rows:
            key = (unit_id, "" if of_map else day)
            if key not in inside:
                inside[key] = list_query.is_inside(unit_id, day)
            if inside[key]:
                numbers.append(number)
                named = column == "unit_id"
                values.append(list_query.unit_name(unit_id, day) if named else value)
        if column != "unit_id":
            values = list(self._sortable(query, values))
        return np.array(numbers, np.int64)[order_of(values, descending=query.sort.descending)]

    def _rows(self, query: Any) -> Sequence[Any]:  # noqa: ANN401  a Select of these columns
        with self._store.reading() as connection:
            return connection.execute(query.order_by("number")).all()

    def _statement_items(self, query: SortedQuery, numbers: Sequence[int]) -> list[Item]:
        source, list_query = (
            self._statements.source(query.name, query.list_query),
            query.list_query,
        )
        with self._store.reading() as connection:
            chosen = source.query.where(among(connection, source.versions.c.thing, numbers))
            rows = [dict(row) for row in connection.execute(chosen).mappings()]
        by_number = {
            row["thing"]: source.item_of(
                {**row, "unit_name": list_query.unit_name(row["unit_id"], row["occurred_on"])}
            )
            for row in rows
        }
        return [by_number[number] for number in numbers]


def _spread(
    numbers: NDArray[np.int64],
    word: Callable[[int], Any],
    named: Callable[[set[Any]], Mapping[Any, str]] | None = None,
) -> NDArray[np.int64]:
    """Return the rank of each number of an intern table, by the words of the different ones."""
    different, places = np.unique(numbers, return_inverse=True)
    words = [word(each) for each in different.tolist()]
    if named is not None:
        names = named(set(words) - {None})
        words = [None if each is None else names[each] for each in words]
    ranks = ranks_of(set(words))
    return np.array([ranks[each] for each in words], np.int64)[places]


def _equals(source: StatementSource, column: str, value: str | None) -> Any:  # noqa: ANN401  SQL
    return source.column(column).is_(None) if value is None else source.column(column) == value
