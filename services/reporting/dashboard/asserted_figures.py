"""Asserted figures as rows of a page, each next to the log's, by the rules of reconciliation."""

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
from shared.vocabulary import Measure, Qualifier
from shared.web.answers.as_of_parameters import RECORDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Asserted:
    """The asserted figures of a scope and its descendants, each reconciled with the log."""

    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, context: PageContext, year: int | None = None) -> Asserted:
        """Return the figures whose period touches a year (None: all); they are never summed."""
        filters = Filters(context.unit, None, None, RECORDED_MAP)
        reads, as_of = context.reads, context.as_of
        items = every(lambda page: reads.reconciliation(filters, year, as_of, page))
        figures = {
            each["figure_id"]: each
            for each in every(lambda page: reads.listed("figures", filters, as_of, page))
        }
        days = [
            (each["unit_id"], date.fromisoformat(each["occurred_on"])) for each in figures.values()
        ]
        called = context.called(days)
        names = Names.of(context)
        rows = []
        for item in items:
            figure = figures[item["figure_id"]]
            day = date.fromisoformat(figure["occurred_on"])
            place = called(item["unit_id"], day)
            rows.append(
                {**_row(item, context, names), "unit_name": place, **_source(figure, context)}
            )
        return cls(_beside_year_before(rows, context))


def _beside_year_before(
    rows: Sequence[dict[str, Any]], context: PageContext
) -> list[dict[str, Any]]:
    """Put beside each figure of one year the one of the year before, where one was published.

    It is of the same unit, metric and breakdown; only exact figures have a difference.
    """
    words = context.words
    known = {(each["of"], each["of_year"]): each for each in rows if each["of_year"]}
    found = []
    for row in rows:
        earlier = known.get((row["of"], row["of_year"] - 1)) if row["of_year"] else None
        before = earlier and earlier["published"]
        if earlier and row["exact"] is not None and earlier["exact"] is not None:
            before = f"{before} ({words.signed(row['exact'] - earlier['exact'])})"
        found.append({**row, "before": before})
    return found


def _source(figure: Mapping[str, Any], context: PageContext) -> dict[str, Any]:
    source = figure["source"]
    return {
        "source": source["title"],
        "published_on": context.words.day(source.get("published_on")),
    }


def _row(item: Mapping[str, Any], context: PageContext, names: Names) -> dict[str, Any]:
    words, period, stated = context.words, item["period"], item["asserted"]
    years = _years(period)
    dimensions = item["dimensions"]
    return {
        "metric": words.code(item["metric"]),
        "breakdown": ", ".join(f"{words.code(k)}: {names(k, v)}" for k, v in dimensions.items()),
        "period": words.period(period["from"], period["to"]),
        "kind": period["kind"],
        "length": _length(item, context),
        "of_year": years[0] if years is not None and len(years) == 1 else None,
        "of": (item["unit_id"], item["metric"], tuple(sorted(dimensions.items()))),
        "exact": stated["value"] if stated["qualifier"] == Qualifier.EXACT else None,
        "published": words(stated["qualifier"]) + words.number(stated["value"]),
        "log": item["log"],
        "log_address": _log_address(item, years, context),
        "result": item["result"],
        "reason": item["reason"],
        "difference": item["difference"],
    }


def _years(period: Mapping[str, Any]) -> range | None:
    first, last = (
        date.fromisoformat(period[end]) if period[end] else None for end in ("from", "to")
    )
    return AssertedPeriod(period["kind"], first, last).years()


def _length(item: Mapping[str, Any], context: PageContext) -> str:
    """Return the length of the period in words: figures of unequal lengths are no series."""
    years = _years(item["period"])
    if years is None:
        return context.words(f"period_{item['period']['kind']}")
    if len(years) == 1:
        return context.words("one_year")
    return context.words("years_long").format(count=len(years))


def _log_address(item: Mapping[str, Any], years: range | None, context: PageContext) -> str | None:
    """Return the address explaining the log's figure; it has one only for a single year."""
    if years is None or len(years) != 1 or item["log"] is None:
        return None
    if item["metric"] not in set(Measure):
        return None
    cell = {k: "" if v is None else v for k, v in as_parameters(item["dimensions"]).items()}
    return context.choice.address(
        EXPLANATION_PAGE,
        measure=item["metric"],
        unit=item["unit_id"],
        year=years[0],
        map=RECORDED,
        **cell,
    )
