"""The page of units found by present or former name, accents optional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import page_files
from services.reporting.dashboard.page_parameters import UNITS_PAGE
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.lists.unit_search import FoundUnit

LONGEST_NAME = 500


def units_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the units with a present or former name; those on the map come first."""
    q = parameters.get("q", "")
    if len(q) > LONGEST_NAME:
        raise parameter_error("q", vi="dài quá 500 ký tự", en="is longer than 500 characters")
    found = context.reads.find_units(q, context.as_of, context.map.day, context.day)
    return {
        "q": q,
        "found": [_line(each, context) for each in found.units],
        "count": found.number,
        "place": context.place(),
        "below": [] if q else _below(context),
        "demonstration": [],
        "own_files": page_files(context, UNITS_PAGE, q=q),
    }


def _below(context: PageContext) -> list[tuple[str, str]]:
    """Return the units directly below the scope on the map, with the pages of their years."""
    scope = context.unit or context.reads.country(context.as_of)
    if scope is None:
        return []
    units = context.reads.children(scope, context.as_of, context.day)
    return [(each["name"], context.unit_address(each["unit_id"])) for each in units]


def _line(unit: FoundUnit, context: PageContext) -> dict[str, Any]:
    words = context.words
    until = unit.valid_to
    return {
        "address": context.unit_address(unit.unit_id),
        "title": unit.title,
        "level": words(f"level_{unit.level}"),
        "inside": ", ".join(unit.inside),
        "formerly": unit.formerly,
        "on_map": unit.on_map,
        "from": words.day(unit.valid_from),
        "until": None if until is None else words.day(until),
    }
