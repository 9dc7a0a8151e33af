"""Which things stand behind a figure: those whose last delta up to a position lies in a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from services.reporting.tallies import Tally
    from services.reporting.tally.grouping import Label
    from services.reporting.views import View


def standing(
    tally: Tally, view: View, position: int, accepts: Callable[[Label], bool], *, bits: int
) -> NDArray[np.int64]:
    """Return the things that stand in accepted groups with any of these bits, in their order."""
    with tally.memory.lock:
        grouping = tally.grouping(view, position)
        groups = grouping.groups_until(position)
        columns = tally.memory.year(view.plan_year, position)
        count = len(groups)
        if not count:
            return np.zeros(0, np.int64)
        last = _last_of_each(columns.thing.values[:count])
        accepted = np.array([*(accepts(label) for label in grouping.labels), False])
        after: NDArray[Any] = columns.amounts.after.values[last]  # type: ignore[attr-defined]
        chosen = accepted[groups[last]] & (after & bits != 0)
        return np.sort(columns.thing.values[last][chosen]).astype(np.int64)


def _last_of_each(things: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each different thing stands last."""
    place = np.full(int(things.max()) + 1, -1, np.int64)
    place[things] = np.arange(len(things))
    return place[place >= 0]
