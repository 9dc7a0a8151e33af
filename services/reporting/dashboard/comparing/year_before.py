"""The year before: whether a page's year can be compared with it, and with what care."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from shared.vocabulary import Dimension
from shared.vocabulary.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext

Label = tuple[str | None, ...]
"""The codes of a row, in the order of its table's dimensions."""


def in_order(
    by: tuple[str, ...],
    now: Mapping[Label, Mapping[str, Any]],
    before: Mapping[Label, Mapping[str, Any]],
) -> list[Label]:
    """Return the rows of both years in the order of the table."""
    labels = list(now)
    added = [label for label in before if label not in now]
    if added and by == (Dimension.UNIT,):
        rows = {**before, **now}
        return sorted(rows, key=lambda label: (sort_key(rows[label]["unit_name"] or ""), label))
    earlier = list(before)
    for label in added:
        place = earlier.index(label)
        labels.insert(labels.index(earlier[place - 1]) + 1 if place else 0, label)
    return labels


def incomparable(context: PageContext) -> str | None:
    """Return why the year before cannot be compared with, as the code of its words."""
    if context.year - 1 not in context.years:
        return "compare_no_year"
    if context.before_new_map:
        return "compare_before_new_map"
    if context.map.day is None and context.unit and not whole_years(context, context.unit):
        return "compare_not_whole"
    return None


def whole_years(context: PageContext, unit: str) -> bool:
    """Say whether a unit existed through the whole of both years."""
    life = context.reads.life(unit, context.as_of, context.today)
    first, last = date(context.year - 1, 1, 1), date(context.year, 12, 31)
    return life is not None and life.exists(first) and life.exists(last)


def compared_until(context: PageContext) -> date | None:
    """Return the last day of the year before that a year under way is compared with.

    It is the day of knowledge one year earlier; None for a year that is over or closed, which is
    compared as a whole.
    """
    today = context.known_day
    if today > date(context.year, 12, 31) or today.year == 1:
        return None
    if context.reads.closing(context.unit, context.year, context.as_of) is not None:
        return None
    return a_year_before(today)


def a_year_before(day: date) -> date:
    """Return the same day of the year before; of 29 February the 28th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap_day else day.day)


def notes_on(
    context: PageContext, before: Mapping[str, Any], until: date | None, *, dated: bool
) -> list[str]:
    """Return the notes on a comparison with a summary of the year before.

    `until` is the day that the year before is cut at if the measure is `dated`.
    """
    words, year = context.words, context.year - 1
    notes = []
    if until is not None:
        note = words("compare_under_way" if dated else "compare_undated")
        notes.append(note.format(year=context.year, before=year, day=words.day(until.isoformat())))
    if context.map.day is None:
        notes.append(words("compare_recorded").format(year=context.year, before=year))
    if unallocated := before["quality"]["unallocated"]:
        count = words.number(unallocated)
        notes.append(words("compare_unallocated").format(before=year, count=count))
    return notes
