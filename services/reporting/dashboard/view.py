"""From the answers of the reads to what a page shows: labels, order, charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from services.reporting.dashboard.charts import SHADES, Bar, funnel, share
from services.reporting.dashboard.words import Words
from shared.vocabulary import Dimension, Measure, PeriodKind

Row = Mapping[str, Any]

STAGES = (
    Measure.REGISTERED,
    Measure.ELIGIBLE,
    Measure.RECOGNIZED,
    Measure.EXEMPLARY,
    Measure.AWARDS_GRANTED,
)
BESIDE = (
    Measure.AWARDS_PRESENTED,
    Measure.INSPECTED_UNITS,
    Measure.RECOGNIZED_ORGANIZATIONS,
    Measure.WITHDRAWN,
    Measure.REVOKED,
    Measure.DISCONTINUED,
)
IN_TABLES = (Measure.REGISTERED, Measure.ELIGIBLE, Measure.RECOGNIZED, Measure.EXEMPLARY)
AWARD_MEASURES = (Measure.AWARDS_GRANTED, Measure.AWARDS_PRESENTED, Measure.AWARDS_REVOKED)
CROSS_TABLES = (
    "field,registration_kind",
    "owner_kind,registration_kind",
    "block",
    "tier",
)
BY_UNIT = "unit"
BY_AWARD = "award_form,recipient_kind"
_AWARDS = frozenset({Dimension.AWARD_FORM, Dimension.RECIPIENT_KIND})


@dataclass(frozen=True, slots=True)
class Table:
    """A cross table as it is shown: rows with the words of their codes."""

    by: Sequence[str]
    measures: Sequence[Measure]
    rows: Sequence[Mapping[str, Any]]
    chart: Markup | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: by the taxonomy in force, else by the words of the pages."""

    words: Words
    by_dimension: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __call__(self, dimension: str, code: str | None) -> str:
        """Return the name of a code of a dimension."""
        if code is None and dimension == Dimension.TIER:
            return self.words("no_tier")
        named = self.by_dimension.get(dimension, {}).get(code or "")
        return named or self.words(code)


def stages(total: Row, words: Words) -> Markup:
    """Return the funnel of the year: from registration to award."""
    shades = {Measure.AWARDS_GRANTED: "b"}
    bars = [
        Bar(words(stage), words.number(total[stage]), total[stage], shade=shades.get(stage, "a"))
        for stage in STAGES
    ]
    return funnel(words("funnel"), bars)


def table_of(summary: Row, by: str) -> Sequence[Row]:
    """Return the rows of one of the summary's tables."""
    wanted = by.split(",")
    rows: Sequence[Row] = next(t["rows"] for t in summary["tables"] if list(t["by"]) == wanted)
    return rows


def told(rows: Sequence[Row]) -> list[Row]:
    """Return the rows in which anything was counted."""
    return [row for row in rows if any(row[measure] for measure in IN_TABLES)]


def cross_tables(summary: Row, names: Names) -> list[Table]:
    """Return the cross tables that have anything to show."""
    tables = []
    for by in CROSS_TABLES:
        dimensions = by.split(",")
        rows = [
            {
                **row,
                "labels": [names(each, row[each]) for each in dimensions],
                "shade": index % SHADES,
            }
            for index, row in enumerate(told(table_of(summary, by)))
        ]
        if rows:
            tables.append(Table(dimensions, IN_TABLES, rows, _shares(rows, dimensions, names)))
    return tables


def _shares(rows: Sequence[Row], dimensions: Sequence[str], names: Names) -> Markup | None:
    if len(dimensions) > 1:
        return None
    words = names.words
    parts = [
        Bar(row["labels"][0], words.number(row[Measure.REGISTERED]), row[Measure.REGISTERED])
        for row in rows
    ]
    return share(f"{words(dimensions[0])}: {words(Measure.REGISTERED)}", parts)


def silent_units(rows: Iterable[Row], children: Iterable[Row]) -> list[Row]:
    """Return the children of a scope that have registered nothing."""
    speaking = {row["unit"] for row in rows if row[Measure.REGISTERED]}
    return [child for child in children if child["unit_id"] not in speaking]


def award_rows(summary: Row, names: Names) -> list[dict[str, Any]]:
    """Return the rows of awards by form and recipient, with the words of their codes."""
    return [
        {
            **row,
            "award_form": names(Dimension.AWARD_FORM, row["award_form"]),
            "recipient_kind": names(Dimension.RECIPIENT_KIND, row["recipient_kind"]),
        }
        for row in table_of(summary, BY_AWARD)
        if any(row[measure] for measure in AWARD_MEASURES)
    ]


def of_year(figure: Row, year: int) -> bool:
    """Say whether an asserted figure speaks of exactly that year."""
    period = figure["period"]
    return period["kind"] == PeriodKind.YEAR and str(period["from"]).startswith(str(year))


def comparable(metric: str, dimensions: Mapping[str, Any]) -> bool:
    """Say whether a figure speaks of a measure of the log, by dimensions that go together."""
    keys = set(dimensions)
    if metric not in set(Measure) or not keys <= set(Dimension):
        return False
    return not keys or (keys <= _AWARDS if metric in AWARD_MEASURES else not keys & _AWARDS)


def measured_in_log(summary: Row, metric: str, dimensions: Mapping[str, Any]) -> int | None:
    """Return what the log says of the cell of a comparable figure; 0 where no row stands."""
    if not dimensions:
        value: int = summary["measures"][metric]
        return value
    rows = table_of(summary, ",".join(sorted(dimensions)))
    same = (row for row in rows if all(row[d] == code for d, code in dimensions.items()))
    return next((row.get(metric) for row in same), 0)
