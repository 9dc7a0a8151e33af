"""The tables of a year as shown on a page: labels, order, and the cell of each number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cell_links import Names, as_parameters
from services.reporting.dashboard.charts import SHADES, Bar, share
from shared.vocabulary import Dimension, Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from markupsafe import Markup

Row = dict[str, Any]

EVALUATION_MEASURES = (
    Measure.REGISTERED,
    Measure.EVALUATED,
    Measure.RECOGNIZED,
    Measure.DECLINED,
)
IN_TABLES = (Measure.REGISTERED, Measure.ELIGIBLE, Measure.RECOGNIZED, Measure.EXEMPLARY)
AWARD_MEASURES = (Measure.AWARDS_GRANTED, Measure.AWARDS_PRESENTED, Measure.AWARDS_REVOKED)
CROSS_TABLES = ("field,registration_kind", "owner_kind,registration_kind", "block", "tier")
BY_CLASSIFICATION = "classification"
BY_UNIT = "unit"
BY_AWARD = "award_form,recipient_kind"


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: its dimensions, its measures, and rows with words and their cell."""

    by: Sequence[str]
    measures: Sequence[Measure]
    rows: Sequence[Mapping[str, Any]]
    chart: Markup | None = None


def table_of(summary: Mapping[str, Any], by: str) -> Sequence[Row]:
    """Return the rows of one of the summary's tables."""
    wanted = by.split(",")
    rows: Sequence[Row] = next(t["rows"] for t in summary["tables"] if list(t["by"]) == wanted)
    return rows


def cross_tables(summary: Mapping[str, Any], names: Names) -> list[PageTable]:
    """Return the cross tables that are not empty."""
    tables = [_table(summary, by, IN_TABLES, names) for by in CROSS_TABLES]
    if summary["measures"][Measure.EVALUATED]:
        tables.append(_table(summary, BY_CLASSIFICATION, EVALUATION_MEASURES, names))
    return [table for table in tables if table.rows]


def award_table(summary: Mapping[str, Any], names: Names) -> PageTable:
    """Return the table of awards by form and recipient."""
    return _table(summary, BY_AWARD, AWARD_MEASURES, names)


def _table(
    summary: Mapping[str, Any], by: str, measures: Sequence[Measure], names: Names
) -> PageTable:
    dimensions = by.split(",")
    filled = [row for row in table_of(summary, by) if any(row[measure] for measure in measures)]
    rows = [
        {
            **row,
            "labels": [names(each, row[each]) for each in dimensions],
            "cell": as_parameters({each: row[each] for each in dimensions}),
            "shade": index % SHADES,
        }
        for index, row in enumerate(filled)
    ]
    chart = _shares(rows, dimensions[0], names) if len(dimensions) == 1 and rows else None
    return PageTable(dimensions, measures, rows, chart)


def _shares(rows: Iterable[Row], dimension: str, names: Names) -> Markup:
    words = names.words
    parts = [
        Bar(row["labels"][0], words.number(row[Measure.REGISTERED]), row[Measure.REGISTERED])
        for row in rows
    ]
    return share(f"{words(dimension)}: {words(Measure.REGISTERED)}", parts)


def unit_rows(summary: Mapping[str, Any]) -> list[Row]:
    """Return the non-empty rows by unit, each with its cell."""
    return [
        {**row, "cell": as_parameters({Dimension.UNIT: row["unit"]})}
        for row in table_of(summary, BY_UNIT)
        if any(row[measure] for measure in (*IN_TABLES, Measure.AWARDS_GRANTED))
    ]


def silent_units(summary: Mapping[str, Any], children: Iterable[Row]) -> list[Row]:
    """Return the children of a scope without registrations."""
    rows = table_of(summary, BY_UNIT)
    speaking = {row["unit"] for row in rows if row[Measure.REGISTERED]}
    return [child for child in children if child["unit_id"] not in speaking]
