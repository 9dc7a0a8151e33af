"""The page of a scope and year: the funnel, its tables, its closing, and further figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import files_of, reconciliation_files, table_files
from services.reporting.dashboard.asserted_figures import Asserted
from services.reporting.dashboard.cell_links import Names
from services.reporting.dashboard.charts import Bar, bars
from services.reporting.dashboard.layout import explained_by
from services.reporting.dashboard.page_parameters import CHANGES_PAGE, EXPLANATION_PAGE, MODEL_PAGE
from services.reporting.dashboard.pages.progress import about_progress
from services.reporting.dashboard.reason_lines import document_words, why
from services.reporting.dashboard.tables import (
    AWARD_MEASURES,
    BY_AWARD,
    BY_CLASSIFICATION,
    BY_UNIT,
    CROSS_TABLES,
    IN_TABLES,
    award_table,
    cross_tables,
    silent_units,
    unit_rows,
)
from services.reporting.queries.facade import RECORDED_MAP
from shared.vocabulary import Measure
from shared.web.answers.as_of_parameters import RECORDED
from shared.web.answers.csv_tables import Style
from shared.web.answers.pagination import Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.dashboard.texts.formatting import PageTexts
    from services.reporting.queries.filters import Item

SHOWN_REGISTRATIONS = 25
SILENT_NAMED = 80
"""The number of silent units to name; of the rest only the number is shown."""

STAGES = (
    Measure.REGISTERED,
    Measure.ELIGIBLE,
    Measure.RECOGNIZED,
    Measure.EXEMPLARY,
    Measure.AWARDS_GRANTED,
)
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


def year_page(context: PageContext, _: Mapping[str, str]) -> dict[str, Any]:
    """Return the contents of the page; raises NotFound for a unit that the map lacks."""
    names = Names.of(context)
    summary = context.summary([BY_UNIT, *CROSS_TABLES, BY_CLASSIFICATION, BY_AWARD])
    listed = context.reads.listed(
        "registrations", context.filters(), context.as_of, Page(SHOWN_REGISTRATIONS)
    )
    return {
        **_about_units(context, summary),
        **_about_figures(context),
        **about_progress(context, summary["measures"]),
        "total": summary["measures"],
        "measures": IN_TABLES,
        "award_measures": AWARD_MEASURES,
        "beside": BESIDE,
        "funnel": _funnel(context, summary["measures"]),
        "flags": summary["quality"]["flags"],
        "quality": summary["quality"],
        "closing": closing_of(context, summary["closing"]),
        "reopening": reopening_of(context, summary["reopening"]),
        "tables": cross_tables(summary, names),
        "awards": award_table(summary, names),
        "outcomes": summary["outcomes"],
        "outcomes_files": files_of(context, "/outcomes"),
        "asserted_files": reconciliation_files(context, every_year=True),
        "table_files": lambda by: table_files(context, by),
        "registrations": registration_rows(context, listed.items),
        "files": files_of(context, "/registrations"),
        "digest": summary["digest"],
    }


def _funnel(context: PageContext, total: Mapping[str, int]) -> Markup:
    """Return the bars of the year: from registration to award."""
    words, explained = context.words, explained_by(context.choice)
    return bars(
        words("funnel"),
        [
            Bar(
                words(stage),
                words.number(total[stage]),
                total[stage],
                shade="b" if stage is Measure.AWARDS_GRANTED else "a",
                href=explained(stage),
            )
            for stage in STAGES
        ],
    )


def _about_units(context: PageContext, summary: Mapping[str, Any]) -> dict[str, Any]:
    scope, day = summary["scope"], context.day
    unit_id = scope["unit_id"] if scope else None
    above, children = [], []
    if unit_id is not None:
        path = context.reads.unit_path(unit_id, context.as_of, day)[:-1]
        above = [{**each, "name": context.words("nation")} for each in path[:1]] + path[1:]
        children = context.reads.children(unit_id, context.as_of, day)
    rows = unit_rows(summary)
    called = context.called([(row["unit"], day) for row in rows if row["unit"] is not None])
    silent = silent_units(summary, children)
    return {
        "unit_id": unit_id,
        "place": context.place(),
        "crumbs": above,
        "units": [{**row, "name": row["unit"] and called(row["unit"], day)} for row in rows],
        "silent": silent[:SILENT_NAMED],
        "silent_count": len(silent),
    }


def _about_figures(context: PageContext) -> dict[str, Any]:
    """Return the scope's asserted figures: those of the year, and those of other periods."""
    asserted = Asserted.of(context)
    return {
        "figures": [each for each in asserted.rows if each["of_year"] == context.year],
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
