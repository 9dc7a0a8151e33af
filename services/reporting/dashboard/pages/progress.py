"""The parts of a year's page about what is due: signals, targets, and the curve of the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.drawing.months import MonthLine, month_lines
from services.reporting.dashboard.page_parameters import SIGNALS_PAGE
from services.reporting.dashboard.pages.signals import count_of_signals, signal_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.signals.progress import PlanTarget, YearProgress

LEAST_DRAWN = 10
"""A curve of fewer registrations says nothing that the number does not."""


def about_progress(context: PageContext, measures: Mapping[str, int]) -> dict[str, Any]:
    """Return the number of signals, the targets beside what came, and the curve of the year."""
    progress = context.reads.signals.progress(signal_query(context))
    return {
        "signals_count": count_of_signals(context),
        "signals_address": context.choice.address(SIGNALS_PAGE),
        "targets": _targets(context, progress.targets, measures),
        "progress": _curve(context, progress),
    }


def _targets(
    context: PageContext, targets: Sequence[PlanTarget], measures: Mapping[str, int]
) -> list[dict[str, Any]]:
    subjects = {f"organization/{each.org_id}" for each in targets}
    titles = context.reads.titles(subjects, context.as_of) if subjects else {}
    rows = []
    for each in targets:
        titled, came = titles.get(f"organization/{each.org_id}"), measures[each.measure]
        named = (titled and titled.title) or each.org_id
        percent = context.words.share(came * 1000, round(each.value * 1000))
        rows.append(
            {
                "measure": each.measure,
                "target": each.value,
                "came": came,
                "percent": percent,
                "plan": ", ".join(part for part in (each.document_number, named) if part),
            }
        )
    return rows


def _curve(context: PageContext, progress: YearProgress) -> dict[str, Any] | None:
    whole = max((*progress.now, *progress.before), default=0)
    if whole < LEAST_DRAWN:
        return None
    years = (str(context.year), str(context.year - 1))
    both = zip(years, (progress.now, progress.before), strict=True)
    drawn = [
        MonthLine(year, context.words.number(values[-1]), values)
        for year, values in both
        if any(values)
    ]
    return {
        "chart": month_lines("progress", context.words("progress"), drawn).on_page(),
        "years": years,
        "rows": [
            {
                "month": month + 1,
                "now": progress.now[month] if month < len(progress.now) else None,
                "before": before,
            }
            for month, before in enumerate(progress.before)
        ],
    }
