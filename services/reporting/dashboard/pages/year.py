"""The page of a scope and year: the funnel, its tables, its closing, and further figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import files_of, reconciliation_files
from services.reporting.dashboard.asserted_figures import Asserted
from services.reporting.dashboard.comparing.outcome_rows import outcome_rows, outcome_years
from services.reporting.dashboard.comparing.shown_tables import SHOWN_ROWS, ShownTable, shown
from services.reporting.dashboard.comparing.table_choice import COMPARE, COMPARED, TableChoice
from services.reporting.dashboard.comparing.year_tables import YearTables
from services.reporting.dashboard.drawing.bars import Bar, share
from services.reporting.dashboard.drawing.charts import STAGES, funnel, province_map, unit_bars
from services.reporting.dashboard.page_parameters import (
    CHANGES_PAGE,
    EXPLANATION_PAGE,
    MODEL_PAGE,
    RECONCILIATION_PAGE,
    TABLE_PAGE,
    YEAR_PAGE,
)
from services.reporting.dashboard.pages.progress import about_progress
from services.reporting.dashboard.reason_lines import document_words, why
from services.reporting.feeds.addresses import feed_address
from services.reporting.queries.comparing import SMALLEST
from services.reporting.queries.facade import RECORDED_MAP
from shared.vocabulary import Measure
from shared.web.answers.as_of_parameters import RECORDED
from shared.web.answers.csv_tables import Style
from shared.web.answers.pagination import Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.reporting.dashboard.comparing.table_rows import YearTable
    from services.reporting.dashboard.drawing.svg import Drawing
    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.dashboard.texts.formatting import PageTexts
    from services.reporting.queries.filters import Item

BY_UNIT = "unit"
CROSS_TABLES = ("field,registration_kind", "owner_kind,registration_kind", "block", "tier")
BY_CLASSIFICATION = "classification"
BY_AWARD = "award_form,recipient_kind"
SHOWN_REGISTRATIONS = 10
SHOWN_FIGURES = 10
SHOWN_OF_CROSS_TABLES = 6
SILENT_NAMED = 80
"""The number of silent units to name; of the rest only the number is shown."""

BESIDE = (
    Measure.AWARDS_PRESENTED,
    Measure.AWARDS_REVOKED,
    Measure.INSPECTED_UNITS,
    Measure.RECOGNIZED_ORGANIZATIONS,
    Measure.WITHDRAWN,
    Measure.REVOKED,
    Measure.DISCONTINUED,
    Measure.EVALUATED,
    Measure.DECLINED,
    Measure.REPLICATED,
    Measure.COMMENDED,
)


def year_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the contents of the page; raises NotFound for a unit that the map lacks."""
    choice = TableChoice.read(parameters)
    tables = YearTables.of(context, choice, [BY_UNIT, *CROSS_TABLES, BY_CLASSIFICATION, BY_AWARD])
    summary = tables.summary
    total = summary["measures"]
    listed = context.reads.listed(
        "registrations", context.filters(), context.as_of, Page(SHOWN_REGISTRATIONS)
    )
    found = {
        **_about_units(context, tables),
        **_about_figures(context),
        "total": total,
        "stages": list(STAGES),
        "small": total[Measure.REGISTERED] < SMALLEST,
        "beside": [each for each in BESIDE if total[each]],
        "at_zero": _listed(context.words(each) for each in BESIDE if not total[each]),
        "funnel": funnel(context, total),
        "compare_choices": compare_choices(context, choice, YEAR_PAGE),
        "compare_notes": tables.notes,
        "kept": {COMPARE: choice.parameters[COMPARE]},
        "chart_address": chart_addresses(context, choice),
        **about_progress(context, total),
        "flags": summary["quality"]["flags"],
        "quality": summary["quality"],
        "closing": closing_of(context, summary["closing"]),
        "reopening": reopening_of(context, summary["reopening"]),
        "tables": _cross_tables(tables),
        "awards": _shown(tables, tables.table(BY_AWARD), context.words("awards")),
        "outcomes": outcome_rows(tables),
        "outcome_years": outcome_years(tables),
        "outcomes_files": files_of(context, "/outcomes"),
        "asserted_files": reconciliation_files(context, every_year=True),
        "registrations": registration_rows(context, listed.items),
        "files": files_of(context, "/registrations"),
        "digest": summary["digest"],
        "feed": feed_address(context),
        "signals_feed": feed_address(context, "/signals"),
    }
    return {**found, **_contents(context, found)}


def compare_choices(
    context: PageContext, choice: TableChoice, page: str, **stated: str
) -> list[dict[str, Any]]:
    """Return the measures that tables can be compared in: words, address, whether it is chosen."""
    words, kept = context.words, {**choice.parameters, **stated, "sort": None}
    return [
        {
            "words": words(each or "compare_none"),
            "address": context.choice.address(page, **{**kept, COMPARE: each and str(each)}),
            "chosen": each == choice.compare,
        }
        for each in (None, *COMPARED)
    ]


def chart_addresses(context: PageContext, choice: TableChoice) -> Any:  # noqa: ANN401  a function
    """Return a function for the address of a chart as a file."""
    of_tables = {**choice.parameters, "sort": None}
    return lambda name, form: context.choice.address(f"/charts/{name}.{form}", **of_tables)


def level_choices(
    context: PageContext, choice: TableChoice, by: str = BY_UNIT
) -> list[dict[str, Any]]:
    """Return the levels that a table by unit can be turned to; the first is that of its rows."""
    levels = context.reads.levels.below(context.unit, context.as_of, context.day)
    if len(levels) < 2:
        return []
    kept = {**choice.parameters, "by": by}
    return [
        {
            "words": context.words(f"rows_{each}"),
            "address": context.choice.address(
                TABLE_PAGE, **{**kept, "level": each if number else None}
            ),
            "chosen": each == (choice.level or levels[0]),
        }
        for number, each in enumerate(levels)
    ]


def _contents(context: PageContext, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sections of the page, and in words those of which there is nothing."""
    has_figures = bool(found["figures"] or found["other_figures"])
    sections = (
        ("funnel", "funnel", True),
        ("flags", "flags", bool(found["flags"])),
        ("units", "units", bool(found["units"] or found["silent"])),
        ("tables", "tables", bool(found["tables"])),
        ("awards", "awards", bool(found["awards"].lines)),
        ("outcomes", "outcomes", bool(found["outcomes"])),
        ("asserted", "asserted_short", has_figures),
        ("models", "models", bool(found["registrations"])),
    )
    words = context.words
    missing = [
        words(each) for at, each, there in sections if not there and at not in {"flags", "units"}
    ]
    return {
        "contents": [(at, words(each)) for at, each, there in sections if there],
        "missing": _listed(missing),
    }


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"{each[:1].lower()}{each[1:]}" for each in words)


def _shown(
    tables: YearTables,
    table: YearTable,
    caption: str,
    drawing: Drawing | None = None,
    most: int = SHOWN_ROWS,
) -> ShownTable:
    chart = drawing.on_page() if drawing else None
    return shown(tables, table, page=YEAR_PAGE, caption=caption, chart=chart, most=most)


def _cross_tables(tables: YearTables) -> list[ShownTable]:
    """Return the cross tables that are not empty."""
    words = tables.context.words
    evaluated = tables.summary["measures"][Measure.EVALUATED]
    asked = [*CROSS_TABLES, *([BY_CLASSIFICATION] if evaluated else [])]
    found = [tables.table(by) for by in asked]
    return [
        _shown(
            tables,
            table,
            " × ".join(words(each) for each in table.by),
            _shares(tables, table),
            SHOWN_OF_CROSS_TABLES,
        )
        for table in found
        if table.lines
    ]


def _shares(tables: YearTables, table: YearTable) -> Drawing | None:
    """Return the shares of a table by one dimension."""
    if len(table.by) > 1 or table.compare is not None:
        return None
    words, measure = tables.context.words, Measure.REGISTERED
    parts = [
        Bar(names[0], words.number(line.figures[measure]), line.figures[measure])
        for line, names in zip(table.lines, tables.names(table, table.lines), strict=True)
    ]
    title = f"{words(table.by[0])}: {words(measure)}"
    return share(f"share-{table.by[0]}", title, parts)


def _about_units(context: PageContext, tables: YearTables) -> dict[str, Any]:
    day, unit_id = context.day, tables.scope
    above, children = [], []
    if unit_id is not None:
        path = context.reads.unit_path(unit_id, context.as_of, day)[:-1]
        above = [{**each, "name": context.words("nation")} for each in path[:1]] + path[1:]
        children = context.reads.children(unit_id, context.as_of, day)
    table = tables.table(BY_UNIT)
    rows = [line for line in table.lines if line.part == 0]
    speaking = {line.label[0] for line in table.lines if line.figures.get(Measure.REGISTERED)}
    silent = (
        [child for child in children if child["unit_id"] not in speaking]
        if tables.choice.level is None
        else []
    )
    level = tables.choice.level
    drawn = province_map(tables, table), unit_bars(tables, table)
    return {
        "unit_id": unit_id,
        "place": context.place(),
        "crumbs": above,
        "units": _shown(tables, table, context.words("units")) if rows or children else None,
        "unit_charts": [each for each in drawn if each],
        "levels": level_choices(context, tables.choice),
        "level": level and context.words(f"rows_{level}"),
        "silent": silent[:SILENT_NAMED],
        "silent_count": len(silent),
    }


def _about_figures(context: PageContext) -> dict[str, Any]:
    """Return the scope's asserted figures: those of the year, and those of other periods."""
    asserted = Asserted.of(context)
    of_year = [each for each in asserted.rows if each["of_year"] == context.year]
    return {
        "figures": of_year[:SHOWN_FIGURES],
        "figure_count": len(of_year),
        "figures_before": context.year - 1 if any(each["before"] for each in of_year) else None,
        "figures_address": context.choice.address(RECONCILIATION_PAGE),
        "other_figures": [each for each in asserted.rows if each["of_year"] != context.year],
    }


def closing_of(context: PageContext, closing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a closing as shown: the closed figures, next to the present ones.

    A closing fixes figures under the map `recorded`; only these are compared with it.
    """
    if closing is None:
        return None
    now = context.summary(map_=RECORDED_MAP)["measures"] if closing["changed"] else {}
    closed = closing["measures"]  # by the version of the rules at the time of the closing
    differ = [each for each in now if each in closed and now[each] != closed[each]]
    recorded = {"map": RECORDED}
    return {
        **closing,
        "day": context.words.day(closing["closed_on"]),
        "documents": [document_words(each, context.words) for each in closing["documents"]],
        "rows": [
            {
                "measure": each,
                "closed": closing["measures"][each],
                "now": now[each],
                "closed_address": context.choice.address(
                    EXPLANATION_PAGE, measure=each, known_at=closing["position"], **recorded
                ),
                "now_address": context.choice.address(EXPLANATION_PAGE, measure=each, **recorded),
            }
            for each in differ
        ],
        "changes_address": context.choice.address(
            CHANGES_PAGE, since=closing["position"], **recorded
        ),
    }


def reopening_of(
    context: PageContext, reopening: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return the reopening of a closed year as shown, with its reason."""
    if reopening is None:
        return None
    day = context.words.day(reopening["reopened_on"])
    return {"day": day, "why": why(reopening, context.words)}


def registration_rows(context: PageContext, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return registrations as lines of a list, each with its status."""
    style = Style(context.choice.lang, worded=True)
    return [
        {
            **row,
            "field": row["field_code_label"],
            "status": _status(row, context.words),
            "history": context.choice.address(MODEL_PAGE, model=row["model_id"]),
        }
        for row in context.reads.labelled(items, context.as_of, style)
    ]


def _status(row: Mapping[str, Any], words: PageTexts) -> str:
    if row["withdrawn"]:
        return words("withdrawn")
    if row["tier"]:
        return str(row["tier_label"])
    return words("eligible" if row["eligible"] else "registered")
