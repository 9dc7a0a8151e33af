"""Pages of the lists in the order of a column, filtered by the dimensions of each list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from services.reporting.queries.sorting.entity_order import ENTITY_LISTS, EntityOrder
from services.reporting.queries.sorting.ranks import Recent, order_of
from services.reporting.queries.sorting.sort_values import SortValues
from services.reporting.queries.sorting.sorted_query import ListPart, SortedQuery
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from services.reporting.queries.explaining.titles import Titles
    from services.reporting.queries.filters import Item
    from services.reporting.queries.lists.other_lists import StatementLists, StatementSource
    from services.reporting.queries.lists.registrations_and_awards import EntityLists
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store

REPLICATIONS = "replications"
_KEPT = 12
_CHUNK = 1_000


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
        self._sort_values = SortValues(store, catalog, titles)
        self._entity_order = EntityOrder(store, catalog, entities, self._sort_values)
        self._entities = entities
        self._statements = statements
        self._orders: Recent[NDArray[np.int64]] = Recent(_KEPT)
        self._values: Recent[list[str]] = Recent(_KEPT)
        self._replications: Recent[list[Item]] = Recent(4)

    def part(self, query: SortedQuery, first: int, limit: int) -> ListPart:
        """Return up to `limit` items from a place in the order on (from 0)."""
        if query.name == REPLICATIONS:
            return self._part_of_replications(query, first, limit)
        if query.name not in ENTITY_LISTS:
            numbers = self._statement_order(query)
            items = self._statement_items(query, numbers[first : first + limit].tolist())
            return ListPart(items, len(numbers))
        shown, count = self._entity_order.numbers(query, first, limit)
        items = self._entities.items(ENTITY_LISTS[query.name], query.list_query, shown)
        return ListPart(items, count)

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

    # Replications and statements

    def _part_of_replications(self, query: SortedQuery, first: int, limit: int) -> ListPart:
        items = self._replications.of(
            query.key, lambda: self._entities.replication_items(query.list_query)
        )
        column = query.sort.column
        values = [each["unit_name" if column == "unit_id" else column] for each in items]
        places = order_of(
            self._sort_values.sortable(query, values), descending=query.sort.descending
        ).tolist()
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
            values = list(self._sort_values.sortable(query, values))
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


def _equals(source: StatementSource, column: str, value: str | None) -> Any:  # noqa: ANN401  SQL
    return source.column(column).is_(None) if value is None else source.column(column) == value
