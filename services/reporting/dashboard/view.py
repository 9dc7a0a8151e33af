"""From the answers of the reads to what a page shows: labels, order, charts, nothing computed anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from services.reporting.dashboard.charts import Bar, funnel, share
from services.reporting.dashboard.words import Words
from shared.vocabulary import Dimension, Measure

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


def cross_tables(summary: Row, names: Names) -> list[Table]:
    """Return the cross tables that have anything to show."""
    tables = []
    for by in CROSS_TABLES:
        dimensions = by.split(",")
        rows = [
            {**row, "labels": [names(each, row[each]) for each in dimensions]}
            for row in table_of(summary, by)
            if any(row[measure] for measure in IN_TABLES)
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


def measured_in_log(summary: Row, metric: str, dimensions: Mapping[str, Any]) -> int | None:
    """Return what the log says of an asserted figure, or None if it is not one of its measures."""
    if not dimensions:
        value: int | None = summary["measures"].get(metric)
        return value
    for table in summary["tables"]:
        if set(table["by"]) != set(dimensions):
            continue
        if metric not in table["rows"][0] if table["rows"] else True:
            return 0 if metric in set(Measure) else None
        same = (r for r in table["rows"] if all(r[d] == v for d, v in dimensions.items()))
        return next((row[metric] for row in same), 0)
    return None


def comparable(metric: str, dimensions: Mapping[str, Any]) -> bool:
    """Say whether a figure speaks of a measure of the log, by dimensions that go together."""
    known = {str(measure) for measure in Measure}
    keys = set(dimensions)
    if metric not in known or not keys <= {str(dimension) for dimension in Dimension}:
        return False
    awards = metric.startswith("awards_")
    return not keys or (keys <= _AWARDS if awards else not keys & _AWARDS)
