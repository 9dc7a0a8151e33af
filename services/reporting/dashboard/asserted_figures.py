"""Asserted figures as a page shows them: each beside the log's, by the rules of reconciliation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cell_links import Names, as_parameters
from services.reporting.dashboard.page_context import PageContext, every
from services.reporting.dashboard.page_parameters import EXPLANATION_PAGE
from services.reporting.domain.assertions import AssertedPeriod
from services.reporting.queries.facade import RECORDED_MAP
from services.reporting.queries.filters import Filters
from shared.vocabulary import Measure
from shared.web.answers.as_of_parameters import RECORDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Asserted:
    """The asserted figures of a scope with all below it, each held against the log."""

    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, asked: PageContext, year: int | None = None) -> Asserted:
        """Return the figures whose period touches a year (None: all); nothing is ever added up."""
        filters = Filters(asked.unit, None, None, RECORDED_MAP)
        reads, as_of = asked.reads, asked.as_of
        items = every(lambda page: reads.reconciliation(filters, year, as_of, page))
        told = {
            each["figure_id"]: each
            for each in every(lambda page: reads.listed("figures", filters, as_of, page))
        }
        days = [
            (each["unit_id"], date.fromisoformat(each["occurred_on"])) for each in told.values()
        ]
        called = asked.called(days)
        names = Names.of(asked)
        rows = []
        for item in items:
            figure = told[item["figure_id"]]
            day = date.fromisoformat(figure["occurred_on"])
            place = called(item["unit_id"], day)
            rows.append({**_row(item, asked, names), "unit_name": place, **_source(figure, asked)})
        return cls(rows)


def _source(figure: Mapping[str, Any], asked: PageContext) -> dict[str, Any]:
    source = figure["source"]
    return {
        "source": source["title"],
        "published_on": asked.words.day(source.get("published_on")),
    }


def _row(item: Mapping[str, Any], asked: PageContext, names: Names) -> dict[str, Any]:
    words, period, stated = asked.words, item["period"], item["asserted"]
    years = _years(period)
    dimensions = item["dimensions"]
    return {
        "metric": words.code(item["metric"]),
        "breakdown": ", ".join(f"{words.code(k)}: {names(k, v)}" for k, v in dimensions.items()),
        "period": words.period(period["from"], period["to"]),
        "kind": period["kind"],
        "length": _length(item, asked),
        "of_year": years[0] if years is not None and len(years) == 1 else None,
        "published": words(stated["qualifier"]) + words.number(stated["value"]),
        "log": item["log"],
        "log_address": _log_address(item, years, asked),
        "result": item["result"],
        "reason": item["reason"],
        "difference": item["difference"],
    }


def _years(period: Mapping[str, Any]) -> range | None:
    first, last = (
        date.fromisoformat(period[end]) if period[end] else None for end in ("from", "to")
    )
    return AssertedPeriod(period["kind"], first, last).years()


def _length(item: Mapping[str, Any], asked: PageContext) -> str:
    """Return how long the period is, in words: figures of unequal lengths are no series."""
    years = _years(item["period"])
    if years is None:
        return asked.words(f"period_{item['period']['kind']}")
    if len(years) == 1:
        return asked.words("one_year")
    return asked.words("years_long").format(count=len(years))


def _log_address(item: Mapping[str, Any], years: range | None, asked: PageContext) -> str | None:
    """Return where the log's figure is explained: one of a single year is one figure."""
    if years is None or len(years) != 1 or item["log"] is None:
        return None
    if item["metric"] not in set(Measure):
        return None
    cell = {k: "" if v is None else v for k, v in as_parameters(item["dimensions"]).items()}
    return asked.choice.address(
        EXPLANATION_PAGE,
        measure=item["metric"],
        unit=item["unit_id"],
        year=years[0],
        map=RECORDED,
        **cell,
    )
