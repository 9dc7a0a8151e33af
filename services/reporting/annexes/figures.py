"""The figures of an annex: each is a cell of a summary, read once for a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.reporting.queries.facade import SummaryQuery, naming_day
from shared.vocabulary import DEFAULT_PROGRAMME, Dimension
from shared.vocabulary.code_words import AT_SCOPE, NOT_SET, NOTHING
from shared.web.answers.csv_tables import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.facade import Queries
    from shared.web.answers.as_of_parameters import MapChoice

Cell = tuple[tuple[str, str | None], ...]
"""The dimensions to which a figure is narrowed, in the order of the contract."""


def cell(**dimensions: str | None) -> Cell:
    """Return a cell with its dimensions in the order of the contract."""
    return tuple((str(d), dimensions[d]) for d in Dimension if d in dimensions)


@dataclass(frozen=True)
class AnnexQuery:
    """The scope of an annex: its unit (None is the nation), years, map and moment."""

    reads: Queries
    as_of: AsOf
    unit_id: str | None
    years: tuple[int, ...]
    map: MapChoice

    def year(self, year: int) -> YearFigures:
        """Return the figures of one of the years."""
        return YearFigures(self, year, {})


@dataclass(frozen=True)
class YearFigures:
    """The figures of a scope and year, and the labels of their codes."""

    query: AnnexQuery
    year: int
    _tables: dict[tuple[str, ...], list[dict[str, Any]]]

    def _ask(self, *by: tuple[Dimension, ...]) -> dict[str, Any]:
        query = self.query
        summary = SummaryQuery(query.unit_id, self.year, DEFAULT_PROGRAMME, query.map, by)
        return query.reads.summary(summary, query.as_of)

    @cached_property
    def whole(self) -> dict[str, Any]:
        """Return the summary without tables."""
        return self._ask()

    @cached_property
    def scope(self) -> str | None:
        """Return the unit of the query, the country for the nation, None before there is one."""
        scope: dict[str, str] | None = self.whole["scope"]
        return scope["unit_id"] if scope else None

    def rows(self, *by: str) -> list[dict[str, Any]]:
        """Return the rows of a cross table, in the order of the contract."""
        if by not in self._tables:
            dimensions = tuple(Dimension(each) for each in by)
            self._tables[by] = self._ask(dimensions)["tables"][0]["rows"]
        return self._tables[by]

    def count(self, measure: str, narrowed: Cell = ()) -> int:
        """Return a figure; it is 0 for a cell that no table has."""
        if not narrowed:
            return int(self.whole["measures"][measure])
        wanted = dict(narrowed)
        for row in self.rows(*wanted):
            if all(row[name] == code for name, code in wanted.items()):
                return int(row[measure])
        return 0

    def codes(self, dimension: str) -> list[str | None]:
        """Return the values of a dimension that occur, in the order of its taxonomy."""
        return [row[dimension] for row in self.rows(dimension)]

    @cached_property
    def _names(self) -> dict[str, Mapping[str, str]]:
        return {}

    def label(self, dimension: str, code: str | None) -> str:
        """Return the Vietnamese label of a code, by the taxonomy or the map of the year."""
        if dimension == Dimension.UNIT:
            return self._unit(code)
        if code is None:
            return NOTHING.get(dimension, NOT_SET)[0]
        query = self.query
        if dimension not in self._names:
            self._names[dimension] = query.reads.names(
                Dimension(dimension), self.scope, self.year, query.as_of
            )
        return self._names[dimension].get(code) or said(dimension, code, "vi") or code

    def _unit(self, unit_id: str | None) -> str:
        if unit_id is None:
            return NOTHING["unit"][0]
        if unit_id == self.scope:
            return AT_SCOPE[0]
        day = naming_day(self.query.map, self.year)
        return self.query.reads.called([(unit_id, day)], self.query.as_of)[unit_id, day] or unit_id


def narrowed_by(column: Mapping[str, Any], row: Sequence[tuple[str, str | None]]) -> Cell:
    """Return the cell of a column of a form in a row."""
    return cell(**dict(row), **column.get("where", {}))
