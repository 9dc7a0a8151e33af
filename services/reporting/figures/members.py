"""The entities behind a figure: those whose last delta up to a position counts in a cell."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

    from services.reporting.figures.cube import Cube
    from services.reporting.figures.grouping_by_map import Breakdown
    from services.reporting.figures.prefix_sums import Label
    from services.reporting.queries.filters import ListQuery


ANSWERS_KEPT = 2
"""The set of a million entities takes 48 MB."""
_LOW_BITS = (1 << 20) - 1


class EntitySet(NamedTuple):
    """The numbers of entities in ascending order, with the current contribution of each.

    Organisation (0 for none), unit and dimensions are interned numbers of the cube; `days` are
    proleptic ordinals, `bits` the figures in which each counts.
    """

    numbers: NDArray[np.int64]
    orgs: NDArray[np.int64]
    units: NDArray[np.int64]
    days: NDArray[np.int64]
    dims: NDArray[np.int64]
    bits: NDArray[np.int64]


class EntitySets:
    """A cache of entity sets: the next page of a list needs the same one again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, EntitySet] = OrderedDict()

    def of(self, cube: Cube, list_query: ListQuery, plan_year: int, *, bits: int) -> EntitySet:
        """Return the entities of a year that pass the filters of a query, with any of the bits."""
        view = list_query.view(plan_year)
        cell = tuple(sorted(list_query.filters.dimensions.items()))
        key = (id(cube), view.key, plan_year, list_query.position, cell, bits)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = entities_in_groups(cube, view, list_query.position, list_query.accepts, bits=bits)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > ANSWERS_KEPT:
                self._kept.popitem(last=False)
        return found


def entities_in_groups(
    cube: Cube, view: Breakdown, position: int, accepts: Callable[[Label], bool], *, bits: int
) -> EntitySet:
    """Return the entities in accepted groups with any of these bits."""
    with cube.cache.lock:
        grouping = cube.grouping(view, position)
        groups = grouping.groups_until(position)
        columns = cube.cache.year(cube.year_of(view.plan_year), position)
        count = len(groups)
        if not count:
            return EntitySet(*(np.zeros(0, np.int64) for _ in EntitySet._fields))
        last = last_of_each(columns.thing.values[:count])
        accepted = np.array([*(accepts(label) for label in grouping.labels), False])
        after: NDArray[Any] = columns.amounts.after.values[last]  # type: ignore[union-attr]
        chosen = last[accepted[groups[last]] & (after & bits != 0)]
        selected = (columns.thing, columns.org, columns.unit, columns.day, columns.dims)
        values = (*(column.values for column in selected), columns.amounts.after.values)  # type: ignore[union-attr]
        return EntitySet(*(column[chosen].astype(np.int64) for column in values))


def is_among(values: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each value whether it is one of some; both are hashes or other spread numbers.

    The low bits sort out nearly all of the longer array, and only the rest is compared in order:
    numpy's own `isin` takes twenty times as long.
    """
    if len(some) > len(values):
        some = some[_alike(some, values)]
    found = _alike(values, some)
    candidates = np.flatnonzero(found)
    if len(candidates):
        ordered, looked_up = np.sort(some), values[candidates]
        places = np.minimum(np.searchsorted(ordered, looked_up), len(ordered) - 1)
        found[candidates] = ordered[places] == looked_up
    return found


def _alike(values: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each value whether one of some has the same low bits."""
    seen = np.zeros(_LOW_BITS + 1, np.bool_)
    seen[some & _LOW_BITS] = True
    alike: NDArray[np.bool_] = seen[values & _LOW_BITS]
    return alike


def last_of_each(entities: NDArray[Any]) -> NDArray[np.int64]:
    """Return the index of the last delta of each entity, in the order of their numbers."""
    if not len(entities):
        return np.zeros(0, np.int64)
    place = np.full(int(entities.max()) + 1, -1, np.int64)
    place[entities] = np.arange(len(entities))
    return place[place >= 0]


class OwnedEntity(NamedTuple):
    """One entity of an organisation: its number, its dimensions, and the bits of its figures."""

    number: int
    dims: tuple[str | None, ...]
    bits: int


def entities_of_organizations(
    cube: Cube, org_ids: Collection[str], plan_year: int, position: int
) -> list[OwnedEntity]:
    """Return the entities of a year whose last delta up to a position names an organisation."""
    cache = cube.cache
    with cache.lock:
        columns = cache.year(plan_year, position)
        count = columns.until(position)
        numbers = cache.orgs.numbers(org_ids)
        if not count or not numbers:
            return []
        theirs = np.isin(columns.org.values[:count], numbers)
        touched = np.flatnonzero(_among(columns.thing.values[:count], theirs))
        if not len(touched):
            return []
        last = touched[last_of_each(columns.thing.values[touched])]
        last = last[theirs[last]]
        after: NDArray[Any] = columns.amounts.after.values[last]  # type: ignore[union-attr]
        return [
            OwnedEntity(number, cache.dims.words[dims], bits)
            for number, dims, bits in zip(
                columns.thing.values[last].tolist(),
                columns.dims.values[last].tolist(),
                after.tolist(),
                strict=True,
            )
        ]


def _among(entities: NDArray[Any], theirs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for each delta whether its entity has one of the marked deltas."""
    if not theirs.any():
        return theirs
    marked = np.zeros(int(entities.max()) + 1, np.bool_)
    marked[entities[theirs]] = True
    found: NDArray[np.bool_] = marked[entities]
    return found
