"""Which things stand behind a figure: those whose last delta up to a position lies in a cell."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from services.reporting.figures.cube import Cube
    from services.reporting.figures.grouping_by_map import Breakdown
    from services.reporting.figures.prefix_sums import Label
    from services.reporting.queries.filters import ListQuery


ANSWERS_KEPT = 2
"""One of a million things takes 40 MB."""


class EntitySet(NamedTuple):
    """The numbers of things in ascending order, and of each how it stands.

    Organisation (0 for none), unit and dimensions are numbers of the tally's words; `days` are
    proleptic ordinals.
    """

    numbers: NDArray[np.int64]
    orgs: NDArray[np.int64]
    units: NDArray[np.int64]
    days: NDArray[np.int64]
    dims: NDArray[np.int64]


class EntitySets:
    """Which things stand where, remembered: a list that is read on asks for the same again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, EntitySet] = OrderedDict()

    def of(self, tally: Cube, reading: ListQuery, plan_year: int, *, bits: int) -> EntitySet:
        """Return the things of a year that pass the filters of a reading, with any of the bits."""
        view = reading.view(plan_year)
        cell = tuple(sorted(reading.filters.dimensions.items()))
        key = (id(tally), view.key, plan_year, reading.position, cell, bits)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = standing(tally, view, reading.position, reading.accepts, bits=bits)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > ANSWERS_KEPT:
                self._kept.popitem(last=False)
        return found


def standing(
    tally: Cube, view: Breakdown, position: int, accepts: Callable[[Label], bool], *, bits: int
) -> EntitySet:
    """Return the things that stand in accepted groups with any of these bits."""
    with tally.memory.lock:
        grouping = tally.grouping(view, position)
        groups = grouping.groups_until(position)
        columns = tally.memory.year(tally.year_of(view.plan_year), position)
        count = len(groups)
        if not count:
            return EntitySet(*(np.zeros(0, np.int64) for _ in EntitySet._fields))
        last = _last_of_each(columns.thing.values[:count])
        accepted = np.array([*(accepts(label) for label in grouping.labels), False])
        after: NDArray[Any] = columns.amounts.after.values[last]  # type: ignore[union-attr]
        chosen = last[accepted[groups[last]] & (after & bits != 0)]
        stands = (columns.thing, columns.org, columns.unit, columns.day, columns.dims)
        return EntitySet(*(column.values[chosen].astype(np.int64) for column in stands))


def _last_of_each(things: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each different thing stands last, in the order of their numbers."""
    place = np.full(int(things.max()) + 1, -1, np.int64)
    place[things] = np.arange(len(things))
    return place[place >= 0]
