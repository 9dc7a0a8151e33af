"""Reconciliation of asserted figures with the log, by the rules of `domain.assertions`.

Asserted figures are never added to anything: they are only read and compared.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from services.reporting.domain.assertions import (
    OUTCOME_METRICS,
    AssertedPeriod,
    Reason,
    Result,
    agrees,
    evidence_of,
    is_stock,
)
from services.reporting.figures.measures import from_thousandths, thousandths
from services.reporting.queries.cross_tables import (
    AWARD_DIMENSIONS,
    REGISTRATION_DIMENSIONS,
    By,
    measures_of,
)
from services.reporting.queries.summaries import RECORDED_MAP, SummaryQuery
from shared.errors import NotFound
from shared.vocabulary import Dimension, Measure, OutcomeNature
from shared.web.answers.pagination import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Table

    from services.reporting.figures.cube import Cubes
    from services.reporting.figures.prefix_sums import Label
    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.lists.other_lists import StatementLists
    from services.reporting.queries.summaries import Summaries, Summary
    from shared.readmodel.store import Store

RECONCILIATION_COLUMNS = (
    "figure_id",
    "unit_id",
    "period",
    "metric",
    "dimensions",
    "asserted",
    "log",
    "result",
    "difference",
    "reason",
)
_ONE = 1_000
"""A count of one in thousandths, in which everything is compared."""


class Assertion(NamedTuple):
    """A figure's assertion in the form of a query to the log."""

    unit_id: str
    programme: str
    metric: str
    dimensions: Mapping[str, str | None]
    period: AssertedPeriod


class Reconciliation:
    """Pages of asserted figures, each with the log's figure at the same position."""

    def __init__(
        self,
        figures: StatementLists,
        summaries: Summaries,
        cubes: Cubes,
        metrics: OutcomeMetrics,
    ) -> None:
        self._figures = figures
        self._summaries = summaries
        self._cubes = cubes
        self._metrics = metrics

    def page(self, list_query: ListQuery, year: int | None) -> Listed:
        """Return a page of the figures in force whose period touches a year (None: all)."""
        listed = self._figures.figures_touching(list_query, year)
        log_figures = LogFigures(self._summaries, self._cubes, self._metrics, list_query.as_of)
        return Listed([reconciled(each, log_figures) for each in listed.items], listed.after)


def reconciled(figure: Mapping[str, Any], log_figures: LogFigures) -> Item:
    """Return the contract's item of one asserted figure."""
    found = log_figures.log_of(_assertion(figure))
    asserted = thousandths(figure["value"])
    item = {
        "figure_id": figure["figure_id"],
        "unit_id": figure["unit_id"],
        "period": figure["period"],
        "metric": figure["metric"],
        "dimensions": figure["dimensions"],
        "asserted": {"value": figure["value"], "qualifier": figure["qualifier"]},
    }
    if isinstance(found, Reason):
        cannot = {"log": None, "result": Result.CANNOT_BE_CHECKED.value, "difference": None}
        return {**item, **cannot, "reason": found.value}
    same = agrees(figure["qualifier"], asserted, found)
    return {
        **item,
        "log": from_thousandths(found),
        "result": (Result.AGREES if same else Result.DIFFERS).value,
        "difference": from_thousandths(found - asserted),
        "reason": None,
    }


def _assertion(figure: Mapping[str, Any]) -> Assertion:
    stated = figure["period"]
    first, last = (
        date.fromisoformat(stated[end]) if stated[end] else None for end in ("from", "to")
    )
    return Assertion(
        figure["unit_id"],
        figure["programme"],
        figure["metric"],
        figure["dimensions"],
        AssertedPeriod(stated["kind"], first, last),
    )


@dataclass
class LogFigures:
    """The log's figures at one position; those of each unit and year are read once."""

    summaries: Summaries
    cubes: Cubes
    metrics: OutcomeMetrics
    as_of: AsOf
    _opened: dict[tuple[str, str, int], Summary | None] = field(default_factory=dict)
    _rows: dict[tuple[str, str, int, By], dict[Label, dict[str, int]]] = field(default_factory=dict)
    _outcomes: dict[tuple[str, str, int], dict[tuple[str, str], dict[str, int]]] = field(
        default_factory=dict
    )

    def log_of(self, assertion: Assertion) -> int | Reason:
        """Return the log's figure in thousandths, or the reason why it has none."""
        if assertion.metric in set(Measure):
            return self._measure(assertion)
        return self._outcome(assertion)

    def _measure(self, assertion: Assertion) -> int | Reason:
        by = table_of(assertion.metric, assertion.dimensions)
        if by is None:
            return Reason.UNKNOWN_DIMENSION
        if is_stock(assertion.metric, assertion.period):
            return Reason.STOCK
        years = assertion.period.years()
        if years is None:
            return Reason.UNSTATED_PERIOD
        total, any_events = 0, False
        for summary in self._asked(assertion, years):
            any_events |= any(summary.measures[each] for each in evidence_of(assertion.metric))
            total += self._cell(summary, by, assertion)
        return total * _ONE if any_events else Reason.NO_EVENTS

    def _cell(self, summary: Summary, by: By, assertion: Assertion) -> int:
        if not by:
            return summary.measures[assertion.metric]
        key = (assertion.unit_id, assertion.programme, summary.query.plan_year, by)
        if key not in self._rows:
            self._rows[key] = summary.rows(by)
        row = self._rows[key].get(tuple(assertion.dimensions[each] for each in by), {})
        return row.get(assertion.metric, 0)

    def _outcome(self, assertion: Assertion) -> int | Reason:
        natures = self.metrics.natures(assertion.metric, self.as_of.position)
        if not natures and assertion.metric not in OUTCOME_METRICS:
            return Reason.UNKNOWN_METRIC
        if assertion.dimensions:
            return Reason.UNKNOWN_DIMENSION
        if is_stock(assertion.metric, assertion.period) or natures == {OutcomeNature.STOCK}:
            return Reason.STOCK
        years = assertion.period.years()
        if years is None:
            return Reason.UNSTATED_PERIOD
        return self._flow(assertion, years)

    def _flow(self, assertion: Assertion, years: Iterable[int]) -> int | Reason:
        flows: list[int] = []
        stocks = False
        for summary in self._asked(assertion, years):
            parts = self._parts(summary, assertion)
            flows += parts.get((assertion.metric, OutcomeNature.FLOW), {}).values()
            stocks |= (assertion.metric, OutcomeNature.STOCK) in parts
        if not flows:
            return Reason.STOCK if stocks else Reason.NO_EVENTS
        return sum(flows)

    def _parts(
        self, summary: Summary, assertion: Assertion
    ) -> dict[tuple[str, str], dict[str, int]]:
        key = (assertion.unit_id, assertion.programme, summary.query.plan_year)
        if key not in self._outcomes:
            self._outcomes[key] = summary.outcome_parts()
        return self._outcomes[key]

    def _asked(self, assertion: Assertion, years: Iterable[int]) -> Iterator[Summary]:
        """Yield the summaries of those years that have any data."""
        for year in self._years:
            if year in years:
                key = (assertion.unit_id, assertion.programme, year)
                if key not in self._opened:
                    self._opened[key] = self._open(*key)
                summary = self._opened[key]
                if summary is not None:
                    yield summary

    def _open(self, unit_id: str, programme: str, year: int) -> Summary | None:
        query = SummaryQuery(unit_id, year, programme, RECORDED_MAP)
        try:
            return self.summaries.open(query, self.as_of)
        except NotFound:  # a unit whose opening was retracted has nothing in the log
            return None

    @cached_property
    def _years(self) -> list[int]:
        return self.cubes.years()


def table_of(metric: str, dimensions: Iterable[str]) -> By | None:
    """Return the table with a measure by these dimensions, None if there is none."""
    keys = set(dimensions)
    by = tuple(each for each in Dimension if each in keys)
    one_kind = keys <= set(REGISTRATION_DIMENSIONS) or keys <= set(AWARD_DIMENSIONS)
    if len(by) < len(keys) or not one_kind:
        return None
    return by if not by or metric in measures_of(by) else None


class OutcomeMetrics:
    """A cache of the first report of each metric; only later rows of the table are read."""

    def __init__(self, store: Store, statements: Table) -> None:
        self._store = store
        self._statements = statements
        self._lock = threading.Lock()
        self._reached = 0
        self._first: dict[str, dict[str, int]] = {}

    def natures(self, metric: str, position: int) -> frozenset[str]:
        """Return the natures with which a metric was reported up to a position, empty if never.

        A later retraction of a report does not make its metric unknown again.
        """
        with self._lock:
            if position > self._reached:
                self._follow(position)
            first = self._first.get(metric, {})
            return frozenset(nature for nature, since in first.items() if since <= position)

    def _follow(self, position: int) -> None:
        table = self._statements.c
        query = (
            select(table.metric, table.nature, func.min(table.position))
            .where(table.position > self._reached, table.position <= position)
            .group_by(table.metric, table.nature)
        )
        with self._store.reading() as connection:
            for metric, nature, since in connection.execute(query):
                self._first.setdefault(metric, {}).setdefault(nature, since)
        self._reached = position
