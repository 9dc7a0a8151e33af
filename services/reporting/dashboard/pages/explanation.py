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

SHOWN_ENTITIES = 50


def explanation_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return a figure and a page of its entities; later pages keep the position of the first."""
    measure = measure_of(parameters) or Measure.REGISTERED
    cell = cell_of(parameters)
    page = page_of(parameters, SHOWN_ENTITIES)
    if page.place is not None:
        as_of = context.reads.as_of(str(page.after("at", 0)))
        context = replace(context, as_of=as_of, map=pinned(context.map, page))
    found = context.reads.explain(context.filters(cell), measure, context.as_of, page)
    given = page.after("given", 0)
    return {
        "place": context.place(),
        "measure": measure,
        "counts": context.words(f"counts_{measure}"),
        "cell": cell_words(cell, context),
        "figure": found.figure,
        "items": entities(found.items, context),
        "first": given + 1,
        "last": given + len(found.items),
        "next": found.after and following(context, EXPLANATION_PAGE, parameters, found.after),
        "files": None if ALLOCATED in cell else _files(context, measure, cell),
        "changes": None if ALLOCATED in cell else _changes(context, measure, cell),
    }


def following(
    context: PageContext, path: str, parameters: Mapping[str, str], after: Mapping[str, object]
) -> str:
    """Return the address of the next part of a list, with all choices and the map stated."""
    own = {name: value for name, value in parameters.items() if name not in CHOSEN}
    stated = {**own, "map": context.map.stated, "cursor": encode_cursor(after)}
    return context.choice.address(path, **stated)


def _files(context: PageContext, measure: str, cell: Mapping[str, Any]) -> dict[str, str]:
    stated = {name: "" if code is None else code for name, code in cell.items()}
    return files_of(context, "/explain", measure=measure, **stated)


def _changes(context: PageContext, measure: str, cell: Mapping[str, Any]) -> str:
    stated = {k: "" if v is None else v for k, v in as_parameters(cell).items()}
    return context.choice.address(CHANGES_PAGE, measure=measure, **stated)


def entities(items: Iterable[Item], context: PageContext) -> list[dict[str, Any]]:
    """Return entities as shown: title, the page of their model, events in words."""
    listed = list(items)
    named = EntityNames({each["subject"] for each in listed}, context)
    values = names_of([event for each in listed for event in each["events"]], context)
    return [
        {
            **named(each["subject"]),
            "events": [event_words(event, context, values) for event in each["events"]],
        }
        for each in listed
    ]


def event_words(event: Mapping[str, Any], context: PageContext, values: Named) -> dict[str, Any]:
    """Return an event as a line: position, time, type, the change and its reason."""
    words = context.words
    return {
        "position": words.number(event["position"]),
        "type": words.event(event["type"]),
        "occurred_on": words.day(event["occurred_on"]) if "occurred_on" in event else None,
        "why": why(event, words, values),
        "recorded": words.moment(event["recordedtime"]),
    }
