"""The parts of a year's page about what is due: signals, targets, and the curve of the year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.drawing.months import MonthLine, month_lines
from services.reporting.dashboard.page_parameters import SIGNALS_PAGE
from services.reporting.dashboard.pages.signals import count_of_signals, signal_query
from shared.vocabulary import Dimension

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.plan_targets import (
        PlanTarget,
        PlanTargets,
        SubordinateTargets,
    )
    from services.reporting.signals.progress import YearProgress

LISTED_TARGETS = 10
"""The overlapping targets of units inside a scope that a page lists."""
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
    context: PageContext, targets: PlanTargets, measures: Mapping[str, int]
) -> dict[str, Any]:
    """Return the scope's own targets, and those of the units inside it, each beside what came.

    Targets of units inside are added up where they do not overlap; else each is listed.
    """
    every = [*targets.own, *(each for of in targets.subordinate for each in of.targets)]
    if not every:
        return {"own": [], "summed": [], "listed": [], "listed_count": 0}
    came = _Came(context, every)
    summed = [each for each in targets.subordinate if each.total is not None]
    overlapping = [t for of in targets.subordinate if of.total is None for t in of.targets]
    shown = overlapping[:LISTED_TARGETS]
    named = _Named(context, [*targets.own, *shown])
    return {
        "own": [_row(context, each, measures[each.measure], named(each)) for each in targets.own],
        "summed": [
            _row(context, each.targets[0], came.of(each), str(len(each.targets)), each.total)
            for each in summed
        ],
        "listed": [_row(context, each, came.at(each), named(each)) for each in shown],
        "listed_count": len(overlapping),
    }


def _row(
    context: PageContext,
    target: PlanTarget,
    came: int | None,
    plan: str,
    total: float | None = None,
) -> dict[str, Any]:
    value = target.value if total is None else total
    percent = "—" if came is None else context.words.share(came * 1000, round(value * 1000))
    return {
        "measure": target.measure,
        "target": value,
        "came": came,
        "percent": percent,
        "plan": plan,
    }


class _Came:
    """The figures of the units that plans are of, read once for each level."""

    def __init__(self, context: PageContext, targets: Sequence[PlanTarget]) -> None:
        levels = {each.level for each in targets if each.level and each.unit_id != context.unit}
        self._figures: dict[str, Mapping[str, int]] = {}
        for level in levels:
            (table,) = context.summary((Dimension.UNIT,), level=level)["tables"]
            self._figures |= {row["unit"]: row for row in table["rows"] if row["unit"]}

    def at(self, target: PlanTarget) -> int | None:
        """Return what came in the unit of a plan, None where the map does not tell it."""
        if target.unit_id is None:
            return None
        return self._figures.get(target.unit_id, {}).get(target.measure, 0)

    def of(self, targets: SubordinateTargets) -> int:
        """Return what came in all units of the plans, each counted once."""
        units = {each.unit_id for each in targets.targets}
        return sum(self._figures.get(str(each), {}).get(targets.measure, 0) for each in units)


class _Named:
    """The names of plans: their numbers, and the organisations that issued them."""

    def __init__(self, context: PageContext, targets: Sequence[PlanTarget]) -> None:
        subjects = {f"organization/{each.org_id}" for each in targets}
        self._titles = context.reads.titles(subjects, context.as_of) if subjects else {}

    def __call__(self, target: PlanTarget) -> str:
        titled = self._titles.get(f"organization/{target.org_id}")
        named = (titled and titled.title) or target.org_id
        return ", ".join(part for part in (target.document_number, named) if part)


def _curve(context: PageContext, progress: YearProgress) -> dict[str, Any] | None:
    whole = max((*progress.now, *progress.before), default=0)
    if whole < LEAST_DRAWN:
        return None
    only_day = None
    if progress.only_day is not None:
        note = context.words("progress_one_day")
        only_day = note.format(year=context.year, day=context.words.day(progress.only_day))
        if not any(progress.before):  # a level line says nothing
            return {"only_day": only_day, "chart": None}
    years = (str(context.year), str(context.year - 1))
    both = zip(years, (progress.now, progress.before), strict=True)
    drawn = [
        MonthLine(year, context.words.number(values[-1]), values)
        for year, values in both
        if any(values)
    ]
    return {
        "only_day": only_day,
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
