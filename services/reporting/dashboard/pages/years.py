"""The page of years side by side: a column and a line for each; other periods are separate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import page_files, reconciliation_files
from services.reporting.dashboard.asserted_figures import Asserted
from services.reporting.dashboard.drawing.charts import before_new_map, year_lines
from services.reporting.dashboard.page_parameters import YEARS_PAGE
from services.reporting.queries.comparing import Ratio
from services.reporting.queries.facade import RECORDED_MAP
from shared.vocabulary import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext

DRAWN = (
    Measure.REGISTERED,
    Measure.ELIGIBLE,
    Measure.RECOGNIZED,
    Measure.AWARDS_GRANTED,
)
RATIOS = (
    (Measure.ELIGIBLE, Measure.REGISTERED),
    (Measure.RECOGNIZED, Measure.REGISTERED),
    (Measure.EXEMPLARY, Measure.RECOGNIZED),
    (Measure.AWARDS_PRESENTED, Measure.AWARDS_GRANTED),
)
"""Each entity of the first measure also counts in the second: otherwise a share has no meaning."""


def years_page(context: PageContext, _: Mapping[str, str]) -> dict[str, Any]:
    """Return every year with any count in the scope, as known at the moment."""
    all_years = [_year(context, each) for each in sorted(context.years)]
    years = [each for each in all_years if any(each["measures"].values())]
    asserted = Asserted.of(context).rows
    return {
        "place": context.place(),
        "demonstration": context.demonstration(*context.years),
        "columns": years,
        "asserted_files": reconciliation_files(context, every_year=True),
        "own_files": page_files(context, YEARS_PAGE),
        "measures": tuple(Measure),
        "ratios": [
            {
                "part": part,
                "whole": whole,
                "shares": [_share(y, part, whole, context) for y in years],
            }
            for part, whole in RATIOS
        ],
        "charts": [(each, year_lines(context, each, years)) for each in DRAWN if _any(each, years)],
        "chart_address": lambda name, form: context.choice.address(f"/charts/{name}.{form}"),
        "other_figures": [each for each in asserted if each["of_year"] is None],
        "unallocated": any(each["quality"]["approximate"] for each in years),
    }


def _year(context: PageContext, year: int) -> dict[str, Any]:
    summary = context.summary(year=year)
    return {
        "year": year,
        "measures": summary["measures"],
        "quality": summary["quality"],
        "closing": summary["closing"],
        "as_closed": _as_closed(context, year, summary["closing"]),
        "before_new_map": before_new_map(context, year),
    }


def _as_closed(
    context: PageContext, year: int, closing: Mapping[str, Any] | None
) -> dict[str, int]:
    """Return the closed values of the measures that have changed since closing.

    A closing fixes figures of the map `recorded`; on another map the page shows both.
    """
    if closing is None or not closing["changed"]:
        return {}
    now = context.summary(year=year, map_=RECORDED_MAP)["measures"]
    closed: Mapping[str, int] = closing["measures"]
    return {each: closed[each] for each in closed if closed[each] != now[each]}


def _any(measure: str, years: Sequence[Mapping[str, Any]]) -> bool:
    return any(each["measures"][measure] for each in years)


def _share(year: Mapping[str, Any], part: str, whole: str, context: PageContext) -> str:
    figures = year["measures"]
    ratio = Ratio(figures[part], figures[whole])
    if ratio.whole and ratio.percent is None:  # of fewer than ten no per cent is computed
        return f"{context.words.number(ratio.part)}/{context.words.number(ratio.whole)}"
    return context.words.share(ratio.part, ratio.whole)
