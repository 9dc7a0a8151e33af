"""The notice about a page's map: which one, the others, other units with the unit's figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.page_parameters import default_map
from shared.web.answers.as_of_parameters import CURRENT, RECORDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.reporting.dashboard.page_context import PageContext

NAMED_UNITS = 12
"""The number of units to name; of the rest only the number is shown."""


def about_map(path: str, context: PageContext, own: Mapping[str, str]) -> dict[str, Any]:
    """Return the map of a page in words, its addresses on other maps, and its unit's history.

    `own` are the page's own parameters.
    """
    stated = context.map.stated
    return {
        "map_stated": context.choice.map,
        "map_kind": stated if stated in {RECORDED, CURRENT} else "day",
        "own_map": default_map(context.life, context.today),
        "map_note": _note(context),
        "other_maps": [
            (context.words(f"see_map_{each}"), _address(path, context, own, each))
            for each in (CURRENT, RECORDED)
            if each != stated and (each == RECORDED or _lives(context))
        ],
        "made_of": _made_of(context),
        "ended": _ended(context),
    }


def _lives(context: PageContext) -> bool:
    return context.life is None or context.life.exists(context.today)


def _address(path: str, context: PageContext, own: Mapping[str, str], map_: str) -> str:
    unstated = map_ == default_map(context.life, context.today)
    return context.choice.address(path, **{**own, "map": None if unstated else map_})


def _note(context: PageContext) -> str:
    words = context.words
    if context.map.day is None:
        return words("map_recorded_note")
    note = "map_current_note" if context.map.stated == CURRENT else "map_day_note"
    return words(note).format(day=words.day(context.map.day))


def _made_of(context: PageContext) -> dict[str, Any] | None:
    """Return the predecessors of a unit that did not exist during the whole year."""
    life = context.life
    if life is None or not life.preceded_by or life.first <= date(context.year, 1, 1):
        return None
    note = "made_of_recorded" if context.map.day is None else "made_of"
    text = context.words(note).format(day=context.words.day(life.first))
    return {"note": text, **_units(life.preceded_by, life.first - timedelta(days=1), context)}


def _ended(context: PageContext) -> dict[str, Any] | None:
    """Return the units that hold the figures of an ended unit today."""
    life = context.life
    if life is None or life.ended is None or _lives(context):
        return None
    note = "ended" if life.lies_in else "ended_nowhere"
    text = context.words(note).format(day=context.words.day(life.ended))
    return {"note": text, **_units(life.lies_in, context.today, context)}


def _units(unit_ids: Iterable[str], day: date, context: PageContext) -> dict[str, Any]:
    listed = list(unit_ids)
    called = context.called([(each, day) for each in listed])
    named = [
        {"name": called(each, day), "address": context.unit_address(each)}
        for each in listed[:NAMED_UNITS]
    ]
    return {"units": named, "more": max(len(listed) - NAMED_UNITS, 0)}
