"""The charts as files: SVG and PNG of the drawing that a page shows, with its origin below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from services.reporting.api.file_names import named
from services.reporting.dashboard.comparing.table_choice import TableChoice
from services.reporting.dashboard.comparing.year_tables import YearTables
from services.reporting.dashboard.drawing.charts import funnel, province_map, unit_bars, year_lines
from services.reporting.dashboard.drawing.picture import png
from services.reporting.dashboard.pages.years import DRAWN, years_page
from shared.errors import NotFound, Problem, declare
from shared.vocabulary import Dimension
from shared.web.answers.list_answers import attachment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.drawing.svg import Drawing
    from services.reporting.dashboard.page_context import PageContext

NO_SUCH_CHART = declare(
    "no_such_chart",
    404,
    vi="Không có biểu đồ {name} cho phạm vi và năm này.",
    en="There is no chart {name} of this scope and year.",
)
TYPES = {"svg": "image/svg+xml", "png": "image/png"}
OF_YEARS = "years-"


def chart_file(
    context: PageContext, parameters: Mapping[str, str], name: str, form: str
) -> Response:
    """Return a chart as a file; a name, form or scope without one is 404 `no_such_chart`."""
    drawing = _drawing(context, parameters, name) if form in TYPES else None
    if drawing is None:
        raise NotFound(Problem(NO_SUCH_CHART, {"name": f"{name}.{form}"}))
    svg = drawing.as_file(_subtitle(context, name), _foot(context, name))
    called = (drawing.title, drawing.title)
    file_name = named(
        context.reads,
        called,
        context.as_of,
        known_at=context.choice.known_at,
        unit_id=context.unit,
        map_=context.map,
    )(context.choice.lang)
    headers = {
        "Content-Disposition": attachment(file_name, form),
        "Content-Language": context.choice.lang,
    }
    content = svg.encode() if form == "svg" else png(svg)
    return Response(content, 200, headers, TYPES[form])


def _drawing(context: PageContext, parameters: Mapping[str, str], name: str) -> Drawing | None:
    if name == "funnel":
        return funnel(context, context.summary()["measures"], linked=False)
    if name in {"provinces", "units"}:
        tables = YearTables.of(context, TableChoice.read(parameters), [str(Dimension.UNIT)])
        table = tables.table(str(Dimension.UNIT))
        if name == "provinces":
            return province_map(tables, table, linked=False)
        return unit_bars(tables, table)
    measure = next((m for m in DRAWN if name == OF_YEARS + m.replace("_", "-")), None)
    if measure is None:
        return None
    return year_lines(context, measure, years_page(context, parameters)["columns"])


def _subtitle(context: PageContext, name: str) -> str:
    if name.startswith(OF_YEARS):
        return context.place()
    return f"{context.place()}, {context.words('year').lower()} {context.year}"


def _foot(context: PageContext, name: str) -> list[str]:
    words, position = context.words, context.as_of.position
    day = context.map.day
    map_ = words("chart_map_recorded") if day is None else (
        words("chart_map").format(day=words.day(day))
    )  # fmt: skip
    source = words("chart_source").format(title=words("title"), position=words.number(position))
    of_years = name.startswith(OF_YEARS)
    years = context.years if of_years else (context.year,)
    note = [words("lines_note")] if of_years else []
    return [*note, f"{source} {map_}", *(words(f"data_{k}") for k in context.demonstration(*years))]
