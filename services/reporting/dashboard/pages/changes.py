"""The page of changes between two days: each measure before and after, with the events."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import files_of, page_files
from services.reporting.dashboard.cell_links import as_parameters, cell_of, cell_words, measure_of
from services.reporting.dashboard.entity_names import EntityNames
from services.reporting.dashboard.layout import DAY
from services.reporting.dashboard.named_values import names_of
from services.reporting.dashboard.page_context import PageContext, page_of
from services.reporting.dashboard.page_parameters import (
    CHANGES_PAGE,
    CHOSEN,
    EXPLANATION_PAGE,
    SINCE,
)
from services.reporting.dashboard.pages.explanation import event_words, following
from services.reporting.dashboard.reason_lines import document_words
from services.reporting.queries.filters import pinned
from shared.clock import rfc3339
from shared.vocabulary import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.closings import Closing
    from services.reporting.queries.explaining.differences import Difference
    from services.reporting.queries.filters import Item
    from shared.web.answers.pagination import Page

SHOWN_OF_EACH = 10
SHOWN_OF_ONE = 100


def changes_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the changes from a moment until the day of knowledge.

    Without a moment it is that of the closing in force; in an open year the reader must choose.
    """
    measure, cell = measure_of(parameters), cell_of(parameters)
    closing = context.reads.closing(context.unit, context.year, context.as_of)
    stated = parameters.get(SINCE) or (str(closing.position) if closing else None)
    shown = {
        "place": context.place(),
        "since": stated,
        "since_is_day": stated is None or bool(DAY.fullmatch(stated)),
        "closing": closing and _closed(closing, context),
        "all_measures": tuple(Measure),
        "measure": measure,
        "cell": cell_words(cell, context),
        "until": _moment(context.as_of, context),
    }
    if stated is None:
        context.summary()  # raises for a scope that the map lacks
        return {**shown, "rows": [], "lists": [], "before": None, "periods": _periods(context)}
    page = page_of(parameters, SHOWN_OF_ONE if measure else SHOWN_OF_EACH)
    if page.place is not None:
        as_of = context.reads.as_of(str(page.after("at", 0)))
        context = replace(context, as_of=as_of, map=pinned(context.map, page))
    before = context.reads.before(stated, context.as_of)
    found = {each: _differ(context, each, cell, before, page) for each in _measures(measure)}
    parts = {**parameters, SINCE: stated}
    return {
        **shown,
        "before": _moment(before, context),
        "rows": [_row(each, found[each], cell, (stated, before), context) for each in found],
        "lists": [
            _events(each, found[each], cell, parts, context) for each in found if found[each].items
        ],
        "own_files": page_files(context, CHANGES_PAGE, **_own(parts)),
        "all_address": context.choice.address(CHANGES_PAGE, since=stated),
    }


def _closed(closing: Closing, context: PageContext) -> dict[str, Any]:
    """Return a closing in words: its day, its documents, its position."""
    documents = context.reads.documents(closing.documents, context.as_of)
    return {
        "position": closing.position,
        "day": context.words.day(closing.closed_on),
        "documents": [document_words(each, context.words) for each in documents],
    }


def _measures(measure: str | None) -> Sequence[str]:
    return [str(each) for each in Measure] if measure is None else [measure]


def _periods(context: PageContext) -> list[tuple[str, str]]:
    """Return times to begin with: their words, and the addresses of their changes."""
    today = context.known_day
    begins = (
        ("changes_week", today - timedelta(days=7)),
        ("changes_month", today - timedelta(days=30)),
        ("changes_year", date(today.year, 1, 1) - timedelta(days=1)),
    )
    return [
        (context.words(name), context.choice.address(CHANGES_PAGE, since=day.isoformat()))
        for name, day in begins
    ]


def _differ(
    context: PageContext, measure: str, cell: Mapping[str, Any], before: AsOf, page: Page
) -> Difference:
    return context.reads.differ(context.filters(cell), measure, before, context.as_of, page)


def _row(
    measure: str,
    found: Difference,
    cell: Mapping[str, Any],
    begun: tuple[str, AsOf],
    context: PageContext,
) -> dict[str, Any]:
    since, before = begun
    stated = {k: "" if v is None else v for k, v in as_parameters(cell).items()}
    explained = {"measure": measure, **stated}
    address = context.choice.address
    return {
        "measure": measure,
        "before": found.before,
        "after": found.after,
        "difference": found.after - found.before,
        "moved": bool(found.items),
        "before_address": address(
            EXPLANATION_PAGE,
            **{**explained, "known_at": before.position, "map": context.map.stated},
        ),
        "address": address(CHANGES_PAGE, **{**explained, SINCE: since}),
        "after_address": address(EXPLANATION_PAGE, **explained),
    }


def _own(parameters: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in parameters.items() if k not in {*CHOSEN, "cursor", "format"}}


def _events(
    measure: str,
    found: Difference,
    cell: Mapping[str, Any],
    parameters: Mapping[str, str],
    context: PageContext,
) -> dict[str, Any]:
    own = {**parameters, "measure": measure}
    stated = {name: "" if code is None else code for name, code in cell.items()}
    return {
        "measure": measure,
        "items": _lines(found.items, context),
        "next": found.place and following(context, CHANGES_PAGE, own, found.place),
        "files": files_of(context, "/explain", measure=measure, since=own[SINCE], **stated),
    }


def _lines(items: Iterable[Item], context: PageContext) -> list[dict[str, Any]]:
    listed = list(items)
    named = EntityNames({each["subject"] for each in listed}, context)
    values = names_of(listed, context)
    return [
        {
            **event_words(each, context, values),
            **named(each["subject"], each["title"]),
            "delta": each["delta"],
        }
        for each in listed
    ]


def _moment(as_of: AsOf, context: PageContext) -> dict[str, Any]:
    recorded = as_of.recorded_us
    return {
        "position": as_of.position,
        "recorded": context.words.moment(None if recorded is None else rfc3339(recorded)),
    }
