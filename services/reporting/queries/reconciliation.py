"""Asserted figures beside the log's: `domain.claims` has the rules, here the log is asked.

Nothing that is asserted is ever added to anything: figures are read, and compared, and no more.
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
    """What a figure asserts, as the log can be asked for it."""

    unit_id: str
    programme: str
    metric: str
    dimensions: Mapping[str, str | None]
    period: AssertedPeriod


class Reconciliation:
    """Pages of asserted figures, each with what the log says of it at the same position."""

    def __init__(
        self,
        figures: StatementLists,
        summaries: Summaries,
        tallies: Cubes,
        metrics: OutcomeMetrics,
    ) -> None:
        self._figures = figures
        self._summaries = summaries
        self._tallies = tallies
        self._metrics = metrics

    def page(self, reading: ListQuery, year: int | None) -> Listed:
        """Return a page of the figures in force whose period touches a year (None: all)."""
        listed = self._figures.figures_touching(reading, year)
        books = LogFigures(self._summaries, self._tallies, self._metrics, reading.as_of)
        return Listed([reconciled(each, books) for each in listed.items], listed.after)


def reconciled(figure: Mapping[str, Any], books: LogFigures) -> Item:
    """Return the contract's item of one asserted figure."""
    found = books.log_of(_claim(figure))
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


def _claim(figure: Mapping[str, Any]) -> Assertion:
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
    """What the log says at one position; of each unit and year it is asked once."""

    summaries: Summaries
    tallies: Cubes
    metrics: OutcomeMetrics
    as_of: AsOf
    _answers: dict[tuple[str, str, int], Summary | None] = field(default_factory=dict)
    _rows: dict[tuple[str, str, int, By], dict[Label, dict[str, int]]] = field(default_factory=dict)
    _outcomes: dict[tuple[str, str, int], dict[tuple[str, str], dict[str, int]]] = field(
        default_factory=dict
    )

    def log_of(self, claim: Assertion) -> int | Reason:
        """Return what the log says in thousandths, or why it cannot say anything."""
        if claim.metric in set(Measure):
            return self._measure(claim)
        return self._outcome(claim)

    def _measure(self, claim: Assertion) -> int | Reason:
        by = table_of(claim.metric, claim.dimensions)
        if by is None:
            return Reason.UNKNOWN_DIMENSION
        if is_stock(claim.metric, claim.period):
            return Reason.STOCK
        years = claim.period.years()
        if years is None:
            return Reason.UNSTATED_PERIOD
        total, anything = 0, False
        for answer in self._asked(claim, years):
            anything |= any(answer.measures[each] for each in evidence_of(claim.metric))
            total += self._cell(answer, by, claim)
        return total * _ONE if anything else Reason.NO_EVENTS

    def _cell(self, answer: Summary, by: By, claim: Assertion) -> int:
        if not by:
            return answer.measures[claim.metric]
        key = (claim.unit_id, claim.programme, answer.question.plan_year, by)
        if key not in self._rows:
            self._rows[key] = answer.rows(by)
        row = self._rows[key].get(tuple(claim.dimensions[each] for each in by), {})
        return row.get(claim.metric, 0)

    def _outcome(self, claim: Assertion) -> int | Reason:
        natures = self.metrics.natures(claim.metric, self.as_of.position)
        if not natures and claim.metric not in OUTCOME_METRICS:
            return Reason.UNKNOWN_METRIC
        if claim.dimensions:
            return Reason.UNKNOWN_DIMENSION
        if is_stock(claim.metric, claim.period) or natures == {OutcomeNature.STOCK}:
            return Reason.STOCK
        years = claim.period.years()
        if years is None:
            return Reason.UNSTATED_PERIOD
        return self._flow(claim, years)

    def _flow(self, claim: Assertion, years: Iterable[int]) -> int | Reason:
        flows: list[int] = []
        stocks = False
        for answer in self._asked(claim, years):
            parts = self._parts(answer, claim)
            flows += parts.get((claim.metric, OutcomeNature.FLOW), {}).values()
            stocks |= (claim.metric, OutcomeNature.STOCK) in parts
        if not flows:
            return Reason.STOCK if stocks else Reason.NO_EVENTS
        return sum(flows)

    def _parts(self, answer: Summary, claim: Assertion) -> dict[tuple[str, str], dict[str, int]]:
        key = (claim.unit_id, claim.programme, answer.question.plan_year)
        if key not in self._outcomes:
            self._outcomes[key] = answer.outcome_parts()
        return self._outcomes[key]

    def _asked(self, claim: Assertion, years: Iterable[int]) -> Iterator[Summary]:
        """Yield the summaries of those years of which there is anything at all."""
        for year in self._years:
            if year in years:
                key = (claim.unit_id, claim.programme, year)
                if key not in self._answers:
                    self._answers[key] = self._open(*key)
                answer = self._answers[key]
                if answer is not None:
                    yield answer

    def _open(self, unit_id: str, programme: str, year: int) -> Summary | None:
        question = SummaryQuery(unit_id, year, programme, RECORDED_MAP)
        try:
            return self.summaries.open(question, self.as_of)
        except NotFound:  # a unit whose opening was taken back has nothing in the log
            return None

    @cached_property
    def _years(self) -> list[int]:
        return self.tallies.years()


def table_of(metric: str, dimensions: Iterable[str]) -> By | None:
    """Return the table in which a measure stands by these dimensions; None: there is none."""
    keys = set(dimensions)
    by = tuple(each for each in Dimension if each in keys)
    one_kind = keys <= set(REGISTRATION_DIMENSIONS) or keys <= set(AWARD_DIMENSIONS)
    if len(by) < len(keys) or not one_kind:
        return None
    return by if not by or metric in measures_of(by) else None


class OutcomeMetrics:
    """Remembers where each metric was first reported; the table is read on from there."""

    def __init__(self, store: Store, statements: Table) -> None:
        self._store = store
        self._statements = statements
        self._lock = threading.Lock()
        self._reached = 0
        self._first: dict[str, dict[str, int]] = {}

    def natures(self, metric: str, position: int) -> frozenset[str]:
        """Return as what a metric was reported up to a position; nothing: it never was.

        That a report was retracted later does not make its metric unknown again.
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
