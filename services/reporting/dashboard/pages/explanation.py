"""The page behind a figure: its definition in words, and every counted entity with its events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import files_of
from services.reporting.dashboard.cell_links import as_parameters, cell_of, cell_words, measure_of
from services.reporting.dashboard.entity_names import EntityNames
from services.reporting.dashboard.named_values import names_of
from services.reporting.dashboard.page_context import PageContext, page_of
from services.reporting.dashboard.page_parameters import (
    CHANGES_PAGE,
    CHOSEN,
    EXPLANATION_PAGE,
)
from services.reporting.dashboard.reason_lines import why
from services.reporting.figures.grouping_by_map import ALLOCATED
from services.reporting.queries.filters import pinned
from shared.vocabulary import Measure
from shared.web.answers.pagination import encode_cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.reporting.dashboard.reason_lines import Named
    from services.reporting.queries.filters import Item

SHOWN_THINGS = 50


def explanation_page(asked: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return a figure and a page of its entities; later pages keep the position of the first."""
    measure = measure_of(parameters) or Measure.REGISTERED
    cell = cell_of(parameters)
    page = page_of(parameters, SHOWN_THINGS)
    if page.place is not None:
        as_of = asked.reads.as_of(str(page.after("at", 0)))
        asked = replace(asked, as_of=as_of, map=pinned(asked.map, page))
    found = asked.reads.explain(asked.filters(cell), measure, asked.as_of, page)
    given = page.after("given", 0)
    return {
        "place": asked.place(),
        "measure": measure,
        "counts": asked.words(f"counts_{measure}"),
        "cell": cell_words(cell, asked),
        "figure": found.figure,
        "items": things(found.items, asked),
        "first": given + 1,
        "last": given + len(found.items),
        "next": found.after and following(asked, EXPLANATION_PAGE, parameters, found.after),
        "files": None if ALLOCATED in cell else _files(asked, measure, cell),
        "changes": None if ALLOCATED in cell else _changes(asked, measure, cell),
    }


def following(
    asked: PageContext, path: str, parameters: Mapping[str, str], after: Mapping[str, object]
) -> str:
    """Return the address of the next part of a list, with all choices and the map stated."""
    own = {name: value for name, value in parameters.items() if name not in CHOSEN}
    stated = {**own, "map": asked.map.stated, "cursor": encode_cursor(after)}
    return asked.choice.address(path, **stated)


def _files(asked: PageContext, measure: str, cell: Mapping[str, Any]) -> dict[str, str]:
    stated = {name: "" if code is None else code for name, code in cell.items()}
    return files_of(asked, "/explain", measure=measure, **stated)


def _changes(asked: PageContext, measure: str, cell: Mapping[str, Any]) -> str:
    stated = {k: "" if v is None else v for k, v in as_parameters(cell).items()}
    return asked.choice.address(CHANGES_PAGE, measure=measure, **stated)


def things(items: Iterable[Item], asked: PageContext) -> list[dict[str, Any]]:
    """Return entities as shown: title, the page of their model, events in words."""
    listed = list(items)
    named = EntityNames({each["subject"] for each in listed}, asked)
    values = names_of([event for each in listed for event in each["events"]], asked)
    return [
        {
            **named(each["subject"]),
            "events": [event_words(event, asked, values) for event in each["events"]],
        }
        for each in listed
    ]


def event_words(event: Mapping[str, Any], asked: PageContext, values: Named) -> dict[str, Any]:
    """Return an event as a line: position, time, type, the change and its reason."""
    words = asked.words
    return {
        "position": words.number(event["position"]),
        "type": words.event(event["type"]),
        "occurred_on": words.day(event["occurred_on"]) if "occurred_on" in event else None,
        "why": why(event, words, values),
        "recorded": words.moment(event["recordedtime"]),
    }
