"""The rules that decide whether an asserted figure can be checked, and whether the log agrees.

These are the rules of `GET /reconciliation` (events.md, HTTP), with our reading of open points:

- A figure is compared with the log under `map=recorded`, as known at the position of the read: its
  unit is the scope, its programme (`dan_van_kheo` unless stated) the programme.
- Its metric is one of the measures of a summary, of the scope or of one cell of the table by its
  dimensions, or the metric of outcomes that are flows. A period of several years is compared with
  the sum over its years.
- The first reason that applies is given, in this order. `unknown_metric`: it is neither a measure,
  nor named by the contract for outcomes, nor ever reported by an outcome. `unknown_dimension`: a
  key is no dimension of the contract, or no table has it together with the metric and the other
  keys (outcomes have none). `stock`: it may not be summed over time, so that no year has it: the
  period is `as_of`, or the outcomes are stocks, or it is a distinct count (of organisations
  or of inspected units) over several years, where a repeated one would count twice.
  `unstated_period`: it does not consist of whole plan years from one stated day to another.
  `no_events`: for that unit with all its descendants and those years the log has nothing from which
  the metric is counted: for measures of registrations a registration or a model that was
  discontinued or replicated, for those of awards an award that was granted, for `commended` a
  commendation, for `inspected_units` an inspection conducted, for outcomes one of that metric.
  Where there is any, a count without matches is 0.
- By value, regardless of the qualifier of the log's own sum: `exact` agrees with the same number,
  `more_than` with a larger one, `approx` with one from its value up to ten times it, exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.vocabulary import Measure, PeriodKind, Qualifier

if TYPE_CHECKING:
    from datetime import date

OUTCOME_METRICS = frozenset({"land_donated_m2", "workdays", "money_vnd"})
"""The metrics of outcomes that the contract names; a publisher may report others."""

_YEARS = frozenset({PeriodKind.YEAR, PeriodKind.MULTI_YEAR})
_DISTINCT = frozenset({Measure.INSPECTED_UNITS, Measure.RECOGNIZED_ORGANIZATIONS})
_OF_AWARDS = (Measure.AWARDS_GRANTED, Measure.AWARDS_PRESENTED, Measure.AWARDS_REVOKED)
_OF_REGISTRATIONS = (
    Measure.REGISTERED,
    Measure.WITHDRAWN,
    Measure.DISCONTINUED,
    Measure.REPLICATED,
)
"""Measures of which at least one is not 0 for every entity counted by registrations."""


class Result(StrEnum):
    """The result of the comparison."""

    AGREES = "agrees"
    DIFFERS = "differs"
    CANNOT_BE_CHECKED = "cannot_be_checked"


class Reason(StrEnum):
    """The reason why a figure cannot be checked; the first that applies, in this order."""

    UNKNOWN_METRIC = "unknown_metric"
    UNKNOWN_DIMENSION = "unknown_dimension"
    STOCK = "stock"
    UNSTATED_PERIOD = "unstated_period"
    NO_EVENTS = "no_events"


@dataclass(frozen=True, slots=True)
class AssertedPeriod:
    """The period of a figure; either end may be open."""

    kind: str
    first: date | None
    last: date | None

    def years(self) -> range | None:
        """Return the plan years of the period, None unless it states whole years."""
        first, last = self.first, self.last
        if self.kind not in _YEARS or first is None or last is None:
            return None
        whole = (first.month, first.day) == (1, 1) and (last.month, last.day) == (12, 31)
        return range(first.year, last.year + 1) if whole else None


def is_stock(metric: str, period: AssertedPeriod) -> bool:
    """Say whether a measure may not be summed over the period: a stock, or distinct counts."""
    if period.kind == PeriodKind.AS_OF:
        return True
    years = period.years()
    return metric in _DISTINCT and years is not None and len(years) > 1


def evidence_of(measure: str) -> tuple[Measure, ...]:
    """Return measures of which at least one is not 0 if the log has data for this one."""
    if measure in _OF_AWARDS:
        return (Measure.AWARDS_GRANTED, Measure.AWARDS_REVOKED)
    if measure in {Measure.INSPECTED_UNITS, Measure.COMMENDED}:
        return (Measure(measure),)
    return _OF_REGISTRATIONS


def agrees(qualifier: str, asserted: int, log: int) -> bool:
    """Say whether the log confirms a figure; both numbers in the same unit."""
    match Qualifier(qualifier):
        case Qualifier.EXACT:
            return log == asserted
        case Qualifier.MORE_THAN:
            return log > asserted
        case Qualifier.APPROX:
            return asserted <= log < 10 * asserted
