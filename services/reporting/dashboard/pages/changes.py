"""What changed between two days: each measure before and after, and the events that changed it."""

from __future__ import annotations

from dataclasses import replace
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


def changes_page(asked: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what changed since a moment until the day of knowledge.

    Where no moment is named it is that of the closing in force; in an open year one is asked for.
    """
    measure, cell = measure_of(parameters), cell_of(parameters)
    closing = asked.reads.closing(asked.unit, asked.year, asked.as_of)
    stated = parameters.get(SINCE) or (str(closing.position) if closing else None)
    shown = {
        "place": asked.place(),
        "since": stated,
        "since_is_day": stated is None or bool(DAY.fullmatch(stated)),
        "closing": closing and _closed(closing, asked),
        "all_measures": tuple(Measure),
        "measure": measure,
        "cell": cell_words(cell, asked),
        "until": _moment(asked.as_of, asked),
    }
    if stated is None:
        asked.summary()  # a scope that the map lacks is said to be lacking
        return {**shown, "rows": [], "lists": [], "before": None}
    page = page_of(parameters, SHOWN_OF_ONE if measure else SHOWN_OF_EACH)
    if page.place is not None:
        as_of = asked.reads.as_of(str(page.after("at", 0)))
        asked = replace(asked, as_of=as_of, map=pinned(asked.map, page))
    before = asked.reads.before(stated, asked.as_of)
    found = {each: _differ(asked, each, cell, before, page) for each in _measures(measure)}
    parts = {**parameters, SINCE: stated}
    return {
        **shown,
        "before": _moment(before, asked),
        "rows": [_row(each, found[each], cell, (stated, before), asked) for each in found],
        "lists": [
            _events(each, found[each], cell, parts, asked) for each in found if found[each].items
        ],
        "own_files": page_files(asked, CHANGES_PAGE, **_own(parts)),
        "all_address": asked.choice.address(CHANGES_PAGE, since=stated),
    }


def _closed(closing: Closing, asked: PageContext) -> dict[str, Any]:
    """Return a closing as it is said: its day, its documents, the position that it fixes."""
    documents = asked.reads.documents(closing.documents, asked.as_of)
    return {
        "position": closing.position,
        "day": asked.words.day(closing.closed_on),
        "documents": [document_words(each, asked.words) for each in documents],
    }


def _measures(measure: str | None) -> Sequence[str]:
    return [str(each) for each in Measure] if measure is None else [measure]


def _differ(
    asked: PageContext, measure: str, cell: Mapping[str, Any], before: AsOf, page: Page
) -> Difference:
    return asked.reads.differ(asked.filters(cell), measure, before, asked.as_of, page)


def _row(
    measure: str,
    found: Difference,
    cell: Mapping[str, Any],
    begun: tuple[str, AsOf],
    asked: PageContext,
) -> dict[str, Any]:
    since, before = begun
    stated = {k: "" if v is None else v for k, v in as_parameters(cell).items()}
    explained = {"measure": measure, **stated}
    address = asked.choice.address
    return {
        "measure": measure,
        "before": found.before,
        "after": found.after,
        "difference": found.after - found.before,
        "moved": bool(found.items),
        "before_address": address(
            EXPLANATION_PAGE,
            **{**explained, "known_at": before.position, "map": asked.map.stated},
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
    asked: PageContext,
) -> dict[str, Any]:
    own = {**parameters, "measure": measure}
    stated = {name: "" if code is None else code for name, code in cell.items()}
    return {
        "measure": measure,
        "items": _lines(found.items, asked),
        "next": found.place and following(asked, CHANGES_PAGE, own, found.place),
        "files": files_of(asked, "/explain", measure=measure, since=own[SINCE], **stated),
    }


def _lines(items: Iterable[Item], asked: PageContext) -> list[dict[str, Any]]:
    listed = list(items)
    named = EntityNames({each["subject"] for each in listed}, asked)
    values = names_of(listed, asked)
    return [
        {
            **event_words(each, asked, values),
            **named(each["subject"], each["title"]),
            "delta": each["delta"],
        }
        for each in listed
    ]


def _moment(as_of: AsOf, asked: PageContext) -> dict[str, Any]:
    recorded = as_of.recorded_us
    return {
        "position": as_of.position,
        "recorded": asked.words.moment(None if recorded is None else rfc3339(recorded)),
    }
