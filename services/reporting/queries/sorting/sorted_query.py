"""The query of a sorted list: its filters, its order, and the key under which both are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.sorting.ranks import SortBy


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
