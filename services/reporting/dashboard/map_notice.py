"""What a page says of its map: which it is, the others, where else a unit's figures stand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.page_parameters import own_map
from shared.web.answers.as_of_parameters import CURRENT, RECORDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.reporting.dashboard.page_context import PageContext

NAMED_UNITS = 12
"""So many units are named; of a larger number it is said how many more there are."""


def about_map(path: str, asked: PageContext, own: Mapping[str, str]) -> dict[str, Any]:
    """Return the map of a page in words, the addresses of the page on others, and its unit's life.

    `own` are the page's own parameters.
    """
    stated = asked.map.stated
    return {
        "map_stated": asked.choice.map,
        "map_kind": stated if stated in {RECORDED, CURRENT} else "day",
        "own_map": own_map(asked.life, asked.today),
        "map_note": _note(asked),
        "other_maps": [
            (asked.words(f"see_map_{each}"), _address(path, asked, own, each))
            for each in (CURRENT, RECORDED)
            if each != stated and (each == RECORDED or _lives(asked))
        ],
        "made_of": _made_of(asked),
        "ended": _ended(asked),
    }


def _lives(asked: PageContext) -> bool:
    return asked.life is None or asked.life.exists(asked.today)


def _address(path: str, asked: PageContext, own: Mapping[str, str], map_: str) -> str:
    unstated = map_ == own_map(asked.life, asked.today)
    return asked.choice.address(path, **{**own, "map": None if unstated else map_})


def _note(asked: PageContext) -> str:
    words = asked.words
    if asked.map.day is None:
        return words("map_recorded_note")
    note = "map_current_note" if asked.map.stated == CURRENT else "map_day_note"
    return words(note).format(day=words.day(asked.map.day))


def _made_of(asked: PageContext) -> dict[str, Any] | None:
    """Return of what a unit was made that did not exist during the whole year."""
    life = asked.life
    if life is None or not life.preceded_by or life.first <= date(asked.year, 1, 1):
        return None
    note = "made_of_recorded" if asked.map.day is None else "made_of"
    said = asked.words(note).format(day=asked.words.day(life.first))
    return {"note": said, **_units(life.preceded_by, life.first - timedelta(days=1), asked)}


def _ended(asked: PageContext) -> dict[str, Any] | None:
    """Return where the figures of a unit that has ended lie today."""
    life = asked.life
    if life is None or life.ended is None or _lives(asked):
        return None
    note = "ended" if life.lies_in else "ended_nowhere"
    said = asked.words(note).format(day=asked.words.day(life.ended))
    return {"note": said, **_units(life.lies_in, asked.today, asked)}


def _units(unit_ids: Iterable[str], day: date, asked: PageContext) -> dict[str, Any]:
    listed = list(unit_ids)
    called = asked.called([(each, day) for each in listed])
    named = [
        {"name": called(each, day), "address": asked.unit_address(each)}
        for each in listed[:NAMED_UNITS]
    ]
    return {"units": named, "more": max(len(listed) - NAMED_UNITS, 0)}
