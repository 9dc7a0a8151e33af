"""One table of a year: its rows, its columns, and the number of each row in each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.reporting.queries.cross_tables import REGISTRATION_DIMENSIONS
from shared.vocabulary import Dimension, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.comparing.year_before import Label
    from services.reporting.queries.comparing import ComparedRow

IN_TABLES = (Measure.REGISTERED, Measure.ELIGIBLE, Measure.RECOGNIZED, Measure.EXEMPLARY)
EVALUATION_MEASURES = (
    Measure.REGISTERED,
    Measure.EVALUATED,
    Measure.RECOGNIZED,
    Measure.DECLINED,
)
AWARD_MEASURES = (Measure.AWARDS_GRANTED, Measure.AWARDS_PRESENTED, Measure.AWARDS_REVOKED)


@dataclass(frozen=True)
class TableLine:
    """One row: its codes, its figures, and what they are compared with."""

    label: Label
    figures: Mapping[str, int]
    compared: ComparedRow | None
    part: int
    """0 for a row of the table, more for one that has no place among them."""


@dataclass(frozen=True)
class YearTable:
    """One table: by its dimensions, in its measures, or in one measure beside the year before."""

    by: tuple[str, ...]
    measures: Sequence[Measure]
    lines: Sequence[TableLine]
    total: Mapping[str, int]
    compare: Measure | None = None
    total_compared: ComparedRow | None = None
    columns: Sequence[str] = ()
    """The names of its number columns: measures, or derived columns."""
    sort: str | None = None

    @property
    def is_of_units(self) -> bool:
        """Say whether its rows are units."""
        return self.by == (Dimension.UNIT,)

    @property
    def small(self) -> bool:
        """Say whether some rate is left out because it is of too few entities."""
        return any(
            each.percent is None and each.whole
            for line in self.lines
            if (row := line.compared)
            for each in (*row.rates, row.share)
        )


def measures_shown(by: tuple[str, ...]) -> Sequence[Measure]:
    """Return the measures of a table's columns."""
    if by == (Dimension.CLASSIFICATION,):
        return EVALUATION_MEASURES
    return IN_TABLES if set(by) <= set(REGISTRATION_DIMENSIONS) else AWARD_MEASURES


def value_of(line: TableLine, column: str) -> Any:  # noqa: ANN401  a number, or None
    """Return the number of a line in a column, None where it has none."""
    row = line.compared
    if row is None:
        return line.figures.get(column, 0)
    return derived(row, column)


def derived(row: ComparedRow, column: str) -> Any:  # noqa: ANN401  a number, or None
    """Return a derived number of a compared row, None where it has none."""
    match column:
        case "share":
            return row.share.percent
        case "rate":
            return row.rates[0].percent
        case "rate_of_eligible":
            return row.rates[1].percent
        case _:
            return getattr(row, column)
