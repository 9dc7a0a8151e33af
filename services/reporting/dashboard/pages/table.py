"""The page of one table of a year: every row, in any order, of any level, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.comparing.shown_tables import shown
from services.reporting.dashboard.comparing.table_choice import COMPARE, TableChoice
from services.reporting.dashboard.comparing.year_tables import YearTables
from services.reporting.dashboard.drawing.charts import province_map, unit_bars
from services.reporting.dashboard.page_parameters import TABLE_PAGE, start_of
from services.reporting.dashboard.pages.year import (
    BY_UNIT,
    chart_addresses,
    compare_choices,
    level_choices,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.comparing.table_rows import YearTable
    from services.reporting.dashboard.page_context import PageContext

ROWS_OF_PAGE = 100


def table_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of one table; dimensions that make no table are 422."""
    choice, first = TableChoice.read(parameters), start_of(parameters)
    tables, table = table_of(context, parameters)
    words, by = context.words, ",".join(table.by)
    caption = words("units") if by == BY_UNIT else " × ".join(words(each) for each in table.by)
    view = shown(tables, table, page=TABLE_PAGE, caption=caption, first=first, most=ROWS_OF_PAGE)
    levels = level_choices(context, choice) if table.is_of_units else []
    drawn = (province_map(tables, table), unit_bars(tables, table)) if table.is_of_units else ()

    def page(start: int) -> str:
        stated = {**choice.parameters, "by": by, "start": start or None}
        return context.choice.address(TABLE_PAGE, **stated)

    last = first + len(view.lines)
    lacks = choice.level is not None and not any(each["chosen"] for each in levels)
    return {
        "place": context.place(),
        "caption": caption,
        "table": view,
        "by_unit": table.is_of_units,
        "compare_choices": compare_choices(context, choice, TABLE_PAGE, by=by),
        "compare_notes": tables.notes,
        "kept": {COMPARE: choice.parameters[COMPARE]},
        "levels": levels,
        "lacks_level": words("no_such_level").format(place=context.place()) if lacks else None,
        "unit_charts": [each for each in drawn if each],
        "chart_address": chart_addresses(context, choice),
        "first": first + 1,
        "last": last,
        "previous": page(max(first - ROWS_OF_PAGE, 0)) if first else None,
        "next": page(last) if last < view.count else None,
    }


def table_of(context: PageContext, parameters: Mapping[str, str]) -> tuple[YearTables, YearTable]:
    """Return the table that an address names, by units unless stated, and what it is one of."""
    by = ",".join(each.strip() for each in parameters.get("by", BY_UNIT).split(","))
    tables = YearTables.of(context, TableChoice.read(parameters), [by])
    return tables, tables.table(by)
