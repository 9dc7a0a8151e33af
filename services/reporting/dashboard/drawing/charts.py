"""The charts of the pages: which figures each draws, with links on a page and without in a file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.comparing.table_choice import COMPARE
from services.reporting.dashboard.drawing.bars import FIRST_RANKED, MOST_RANKED, Bar, bars, ranked
from services.reporting.dashboard.drawing.lines import YearPoint, lines
from services.reporting.dashboard.drawing.tiles import TileFigure, TileWords, layout, tiles
from services.reporting.dashboard.layout import explained_by
from services.reporting.dashboard.page_context import NEW_MAP
from shared.vocabulary import AdministrativeLevel, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.comparing.table_rows import YearTable
    from services.reporting.dashboard.comparing.year_tables import YearTables
    from services.reporting.dashboard.drawing.svg import Drawing
    from services.reporting.dashboard.page_context import PageContext

STAGES = (
    Measure.REGISTERED,
    Measure.ELIGIBLE,
    Measure.RECOGNIZED,
    Measure.EXEMPLARY,
    Measure.AWARDS_GRANTED,
)
_LEAST_RANKED = 3
_KINDS = ("Tỉnh ", "Thành phố ")


def funnel(context: PageContext, total: Mapping[str, int], *, linked: bool = True) -> Drawing:
    """Return the bars of the year: from registration to award."""
    words, explained = context.words, explained_by(context.choice)
    drawn = [
        Bar(
            words(stage),
            words.number(total[stage]),
            total[stage],
            shade="b" if stage is Measure.AWARDS_GRANTED else "a",
            href=explained(stage) if linked else None,
        )
        for stage in STAGES
    ]
    return bars("funnel", words("funnel"), drawn)


def province_map(tables: YearTables, table: YearTable, *, linked: bool = True) -> Drawing | None:
    """Return the tile map of the nation's provinces, None for another scope or another country."""
    context = tables.context
    if context.unit is not None or tables.choice.level not in {None, AdministrativeLevel.PROVINCE}:
        return None
    words, measure = context.words, drawn_measure(tables)
    lines_of = {line.label[0]: line for line in table.lines}
    known = {unit for cell in layout().provinces for unit in (cell.unit, *cell.former)}
    named = {
        each["unit_id"]: each["name"]
        for each in context.reads.children(tables.scope, context.as_of, context.day)
    } if tables.scope else {}  # fmt: skip
    drawn = [line for unit, line in lines_of.items() if unit in known]
    named |= {
        str(line.label[0]): names[0]
        for line, names in zip(drawn, tables.names(table, drawn), strict=True)
    }
    figures: dict[str, TileFigure] = {}
    for unit in sorted(known & set(named)):
        line = lines_of.get(unit)
        value = line.figures.get(measure, 0) if line and line.figures else None
        figures[unit] = TileFigure(
            _bare(named[unit]),
            words.number(value),
            value,
            context.unit_address(unit, **_kept(tables)) if linked else None,
        )
    if not figures:
        return None
    legend = TileWords(words("tile_steps"), words("tile_no_data"), words("tile_islands"))
    title = words("tile_map").format(measure=words(measure), year=context.year)
    return tiles("provinces", title, figures, legend)


def unit_bars(tables: YearTables, table: YearTable) -> Drawing | None:
    """Return the units by rank, None for fewer than three."""
    context, words, measure = tables.context, tables.context.words, drawn_measure(tables)
    counted = [line for line in table.lines if line.part == 0 and line.figures.get(measure)]
    if len(counted) < _LEAST_RANKED:
        return None
    counted.sort(key=lambda line: -line.figures[measure])
    first = counted if len(counted) <= MOST_RANKED else counted[:FIRST_RANKED]
    drawn = [
        Bar(_bare(names[0]), words.number(line.figures[measure]), line.figures[measure])
        for line, names in zip(first, tables.names(table, first), strict=True)
    ]
    title = words("ranked_units").format(measure=words(measure), year=context.year)
    more = words("ranked_more").format(count=words.number(len(counted)), shown=len(first))
    return ranked("units", title, drawn, more if len(first) < len(counted) else None)


def drawn_measure(tables: YearTables) -> Measure:
    """Return the measure of the drawings of units: the compared one."""
    return tables.choice.compare or Measure.REGISTERED


def year_lines(context: PageContext, measure: str, years: Sequence[Mapping[str, Any]]) -> Drawing:
    """Return a measure through the years; a line joins only whole years on one map."""
    points = [_point(context, measure, each, years) for each in years]
    shade = "b" if measure == Measure.AWARDS_GRANTED else "a"
    name = f"years-{measure}".replace("_", "-")
    return lines(name, context.words(measure), points, shade=shade)


def _point(
    context: PageContext,
    measure: str,
    of_year: Mapping[str, Any],
    years: Sequence[Mapping[str, Any]],
) -> YearPoint:
    year, words = of_year["year"], context.words
    whole = context.today > date(year, 12, 31)
    before = next((each for each in years if each["year"] == year - 1), None)
    joined = (
        whole and before is not None and not of_year["before_new_map"] and _same_unit(context, year)
    )
    value = of_year["measures"][measure]
    label = f"{year}" + (f" · {words('closed')}" if of_year["closing"] else "")
    if not whole:
        label = f"{label} · {words('year_under_way')}"
    return YearPoint(year, label, words.number(value), value, joined, whole)


def _same_unit(context: PageContext, year: int) -> bool:
    """Say whether the figures of a year and the one before are of the same unit.

    On the map of a day they are; on the map `recorded` a province of both years may have been
    another one before July 2025.
    """
    if context.map.day is not None or context.unit is None:
        return True
    life = context.life
    first, last = date(year - 1, 1, 1), date(year, 12, 31)
    return life is not None and life.exists(first) and life.exists(last)


def before_new_map(context: PageContext, year: int) -> bool:
    """Say whether most of a year's registrations are in units that the map lacks."""
    day = context.map.day
    return day is not None and day < NEW_MAP and year >= NEW_MAP.year


def _kept(tables: YearTables) -> dict[str, str | None]:
    return {COMPARE: tables.choice.parameters[COMPARE]}


def _bare(name: str) -> str:
    for kind in _KINDS:
        name = name.removeprefix(kind)
    return name
