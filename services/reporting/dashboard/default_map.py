"""The default map of a page: one on which its unit exists.

The map `recorded` shows nothing of a unit before its first day, though its predecessors have
figures; today's map lacks a unit that has ended. The API is not affected: its default is always
`recorded`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.web.answers.as_of_parameters import CURRENT, RECORDED

if TYPE_CHECKING:
    from datetime import date

    from services.reporting.map_snapshots import Life


def default_map(life: Life | None, today: date) -> str:
    """Return the default map of a unit; None is the nation, or an unknown unit.

    It is today's for the nation and for a unit that exists today. A unit that has ended takes
    `recorded`, or, where it was itself made of others, the map of its last day, to which their
    figures are carried; a future unit takes the map of its first day.
    """
    if life is None or life.exists(today):
        return CURRENT
    if today < life.first:
        return life.first.isoformat()
    if life.last is not None and life.preceded_by and life.exists(life.last):
        return life.last.isoformat()
    return RECORDED
