"""The reconciliation of asserted figures, read naively from the events by the rules on paper.

It shares no line with the one that is served. What is counted it asks of the independent reading; every
figure is looked at by itself. The rules are those of docs/events.md, "Asserted figures beside the
log": the first reason that applies is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from services.reporting.audit.independent_reading import (
    AWARD_DIMENSIONS,
    AWARD_MEASURES,
    MEASURES,
    REGISTRATION_DIMENSIONS,
    REGISTRATION_MEASURES,
    IndependentReading,
)

Item = Mapping[str, Any]
NAMED_METRICS = {"land_donated_m2", "workdays", "money_vnd"}
DISTINCT = {"inspected_units", "recognized_organizations"}
QUALIFIED = {
    "exact": lambda log, asserted: log == asserted,
    "more_than": lambda log, asserted: log > asserted,
    "approx": lambda log, asserted: asserted <= log < 10 * asserted,
}


class NaiveReconciliation:
    """Reads the items of the feed up to a position; `figures` come in the order of the log."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._reading = IndependentReading(items)
        gone = [
            (item["data"]["retracts"]["source"], item["data"]["retracts"]["id"])
            for item in items
            if item["type"] == "dvk.EventRetracted.v1"
        ]
        self._figures: dict[str, Item] = {}
        self._reported: dict[str, set[str]] = {}
        for item in items:
            data = item["data"]
            if item["type"] == "dvk.OutcomeReported.v1":
                # A metric is known from its first report on, taken back since or not.
                self._reported.setdefault(data["metric"], set()).add(data["nature"])
            if item["type"] == "dvk.FigureAsserted.v1" and (item["source"], item["id"]) not in gone:
                self._figures.pop(data["figure_id"], None)
                self._figures[data["figure_id"]] = data

    def items(self) -> list[dict[str, Any]]:
        """Return what is told of each figure in force."""
        return [self._told(figure) for figure in self._figures.values()]

    def _told(self, figure: Item) -> dict[str, Any]:
        reason = self._why_not(figure)
        told = {"figure_id": figure["figure_id"], "reason": reason}
        if reason is not None:
            return {**told, "log": None, "difference": None, "result": "cannot_be_checked"}
        log = sum((self._of_year(figure, year) or 0 for year in _years(figure)), Fraction())
        asserted = Fraction(str(figure["value"]))
        agrees = QUALIFIED[figure["qualifier"]](log, asserted)
        result = "agrees" if agrees else "differs"
        return {**told, "log": log, "difference": log - asserted, "result": result}

    def _why_not(self, figure: Item) -> str | None:
        metric, whole_years = figure["metric"], _years(figure)
        natures = self._reported.get(metric, set())
        counted = metric in MEASURES
        reasons = {
            "unknown_metric": not counted and metric not in NAMED_METRICS and not natures,
            "unknown_dimension": not set(figure.get("dimensions") or ()) <= _dimensions_of(metric),
            "stock": figure["period"]["kind"] == "as_of"
            or (not counted and (natures == {"stock"} or self._only_stocks(figure)))
            or (metric in DISTINCT and len(whole_years) > 1),
            "unstated_period": not whole_years,
            "no_events": all(self._of_year(figure, year) is None for year in whole_years),
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def _only_stocks(self, figure: Item) -> bool:
        """Say whether all that was reported of the metric, there and then, are stocks."""
        natures = {
            each["nature"]
            for year in _years(figure)
            for each in self._outcomes(figure, year)
            if each["metric"] == figure["metric"]
        }
        return natures == {"stock"}

    def _of_year(self, figure: Item, year: int) -> Fraction | None:
        """Return what a year's figure is; None where nothing stands from which it is counted."""
        metric = figure["metric"]
        if metric not in MEASURES:
            flows = [
                Fraction(str(each["value"]))
                for each in self._outcomes(figure, year)
                if (each["metric"], each["nature"]) == (metric, "flow")
            ]
            return sum(flows, Fraction()) if flows else None
        if not any(self._count(figure, year, each) for each in _counted_from(metric)):
            return None
        return Fraction(self._count(figure, year, metric, figure.get("dimensions") or {}))

    def _count(
        self, figure: Item, year: int, measure: str, cell: Mapping[str, str | None] | None = None
    ) -> int:
        try:
            counted = self._reading.counted(
                figure["unit_id"], year, measure, day=None, programme=_programme(figure), cell=cell
            )
        except LookupError:  # its opening was taken back
            return 0
        return len(counted)

    def _outcomes(self, figure: Item, year: int) -> list[dict[str, Any]]:
        try:
            summary = self._reading.summary(
                figure["unit_id"], year, day=None, programme=_programme(figure)
            )
        except LookupError:
            return []
        outcomes: list[dict[str, Any]] = summary["outcomes"]
        return outcomes


def _programme(figure: Item) -> str:
    return figure.get("programme") or "dan_van_kheo"


def _years(figure: Item) -> range:
    """Return the plan years of a period; none unless it is of whole years, both ends stated."""
    period = figure["period"]
    first, last = period.get("from") or "", period.get("to") or ""
    whole = first.endswith("-01-01") and last.endswith("-12-31")
    if period["kind"] not in {"year", "multi_year"} or not whole:
        return range(0)
    return range(int(first[:4]), int(last[:4]) + 1)


def _dimensions_of(metric: str) -> set[str]:
    """Return the dimensions of the tables in which a metric stands; outcomes stand in none."""
    if metric in REGISTRATION_MEASURES:
        return set(REGISTRATION_DIMENSIONS)
    if metric in AWARD_MEASURES:
        return set(AWARD_DIMENSIONS)
    return {"commended": {"unit", "recipient_kind"}, "inspected_units": {"unit"}}.get(metric, set())


def _counted_from(measure: str) -> Sequence[str]:
    """Return the measures of which one is not 0 where anything stands that this one counts."""
    if measure in REGISTRATION_MEASURES:
        return ("registered", "withdrawn", "discontinued", "replicated")
    if measure in AWARD_MEASURES:
        return ("awards_granted", "awards_revoked")
    return (measure,)
