"""The changes of one cell's figure: by its own deltas, and by changes of the map."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from services.reporting.figures.accumulators import Bits
from services.reporting.figures.grouping_by_map import OF_TAXONOMIES, Breakdown, BreakdownGrouper
from services.reporting.figures.prefix_sums import OUTSIDE, DistinctCount
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.filters import ListQuery
from shared.errors import NotFound
from shared.web.answers.pagination import Page

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from services.reporting.figures.cells import Counter
    from services.reporting.map_snapshots import MapSnapshot, MapSnapshots
    from services.reporting.queries.filters import Filters
    from shared.territory import Territory

ONE_BY_ONE = 16
"""The longest row of consecutive map events after each of which all deltas are recounted.

In a longer row (a national map loaded late) only the deltas an event can have moved are.
"""

KEPT_MOVES = 16
"""The number of long rows whose moves are cached, for the next measure."""
_NO_PAGE = Page()
_NO_MOMENT = AsOf(0, None)

_Inside = list["NDArray[np.bool_]"]
"""For each part a mask of the deltas that count in a cell."""
Moves = dict[int, tuple["NDArray[np.int64]", "NDArray[np.bool_]"]]
"""By the position of an event: the deltas that it moves, and whether each counts after it."""


class _Deltas:
    """The deltas of a year by which one cube counts a figure, fixed at one position."""

    def __init__(self, counter: Counter, plan_year: int, reached: int, filters: Filters) -> None:
        self._counter = counter
        self.cube = counter.cube
        self._label = tuple(filters.dimensions[each] for each in sorted(filters.dimensions))
        self._reached = reached
        cache = counter.cube.cache
        with cache.lock:
            self._columns = cache.year(self.cube.year_of(plan_year), reached)
            self._size = self._columns.until(reached)
        # Deltas are only appended, so those up to here can be read without a lock.
        self.position = self._columns.position.values[: self._size]
        amounts = self._columns.amounts
        assert isinstance(amounts, Bits)  # noqa: S101  outcomes have no measure
        self._before = amounts.before.values[: self._size]
        self._after = amounts.after.values[: self._size]

    def until(self, position: int) -> int:
        """Return the number of deltas recorded up to a position."""
        return int(np.searchsorted(self.position, position, side="right"))

    def inside(
        self, view: Breakdown, some: NDArray[np.int64] | slice | None = None
    ) -> NDArray[np.bool_]:
        """Return a mask of the deltas, or of some: those that count in the cell on a map.

        The grouping of all is cached, as every measure of a page needs the same one.
        """
        if some is None:
            with self.cube.cache.lock:
                grouping = self.cube.grouping(view, self._reached)
                groups, labels = grouping.groups_until(self._reached), list(grouping.labels)
        else:
            grouper = BreakdownGrouper(self.cube.seen_by(view), self.cube.cache, self.cube.columns)
            groups, labels = grouper.groups_of(self._columns, some), grouper.labels
        if self._label not in labels:
            return np.zeros(len(groups), np.bool_)
        return np.asarray(groups == labels.index(self._label))

    def total(self, view: Breakdown, position: int) -> int:
        """Return the figure on a map at a position."""
        with self.cube.cache.lock:
            grouping = self.cube.grouping(view, self._reached)
            if self._label not in grouping.labels:
                return 0
            row = grouping.sums(position)[grouping.labels.index(self._label)]
        return int(row[self._counter.column])

    def by_unit(self) -> dict[str, NDArray[np.int64]]:
        """Return the indices of the deltas of each unit."""
        if not self._size:
            return {}
        codes = self._columns.unit.values[: self._size]
        in_order = np.argsort(codes, kind="stable")
        different, first = np.unique(codes[in_order], return_index=True)
        words = self.cube.cache.units.words
        places = np.split(in_order, first[1:])
        return {words[code][0]: its for code, its in zip(different.tolist(), places, strict=True)}

    def days(self, places: NDArray[np.int64]) -> set[date]:
        """Return the days of some deltas, those of tiers included."""
        tier_days = self._columns.tier_day
        ordinals = [self._columns.day.values[places]]
        ordinals += [] if tier_days is None else [tier_days.values[places]]
        return {date.fromordinal(day) for day in np.unique(np.concatenate(ordinals)).tolist()}

    def steps(
        self, inside: NDArray[np.bool_], first: int = 0, last: int | None = None
    ) -> NDArray[np.int64]:
        """Return the change of the figure by each delta, or by those from `first` to `last`."""
        bit, between = self._counter.bit, slice(first, last)
        if self._counter.distinct:
            count = DistinctCount(bit)
            groups = np.where(inside, 0, OUTSIDE).astype(np.int32)
            count.append(groups, self._columns.org.values[: self._size], self._before, self._after)
            return count.steps[between]
        before, after = self._before[between], self._after[between]
        counted = (after & bit != 0).astype(np.int64) - (before & bit != 0)
        return np.where(inside[between], counted, 0)


class CellChanges:
    """One figure under the map as known at any position, and its changes."""

    def __init__(
        self,
        filters: Filters,
        counters: Sequence[Counter],
        maps: MapSnapshots,
        reached: int,
        moves: dict[Any, Moves],
    ) -> None:
        self._filters = filters
        self._maps = maps
        self._moves = moves
        self._year = filters.plan_year or 0
        self._uses_taxonomies = any(each in OF_TAXONOMIES for each in filters.dimensions)
        self._parts = [_Deltas(each, self._year, reached, filters) for each in counters]

    def figure(self, position: int) -> int:
        """Return the figure as known at a position."""
        view = self._view_on(self._maps.at(position))
        return sum(part.total(view, position) for part in self._parts)

    def changes(self, after: int, until: int) -> Iterator[tuple[int, int]]:
        """Yield (position, change) of every event in between that changes the figure, in order."""
        inside = self._inside(after)
        at = after
        bounds = self._maps.changes(after, until, taxonomies=self._uses_taxonomies)
        for _, together in groupby(bounds, key=self._deltas_until):
            run = list(together)
            yield from self._by_facts(inside, at, run[0])
            yield from self._by_map(inside, run)
            at = run[-1]
            inside = self._inside(at)
        yield from self._by_facts(inside, at, until)

    def _by_facts(self, inside: _Inside, after: int, until: int) -> Iterator[tuple[int, int]]:
        """Yield the changes by the deltas after one position and up to another, under one map."""
        steps, positions = [], []
        for part, chosen in zip(self._parts, inside, strict=True):
            first, last = part.until(after), part.until(until)
            changed = part.steps(chosen, first, last)
            moved = np.flatnonzero(changed)
            steps.append(changed[moved])
            positions.append(part.position[first:last][moved])
        # There may be a million of them: they stay arrays until they are consumed.
        events, of = np.unique(np.concatenate(positions), return_inverse=True)
        changes = np.zeros(len(events), np.int64)
        np.add.at(changes, of, np.concatenate(steps))
        for place in np.flatnonzero(changes):
            yield int(events[place]), int(changes[place])

    def _by_map(self, inside: _Inside, run: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the changes by events of the map (or of taxonomies) without deltas in between."""
        if not self._deltas_until(run[0]):
            return
        if len(run) > ONE_BY_ONE:
            yield from self._by_moves(inside, run)
            return
        before = self._total(inside, run[0])
        for position in run:
            after = self._total(self._inside(position), run[0])
            if after != before:
                yield position, after - before
            before = after

    def _by_moves(self, inside: _Inside, run: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the same for a long row, checking only the deltas that an event can have moved."""
        moves = [
            self._moves_of(part, chosen, run)
            for part, chosen in zip(self._parts, inside, strict=True)
        ]
        inside = [each.copy() for each in inside]
        before = self._total(inside, run[0])
        for position in sorted(set[int]().union(*moves)):
            for moved, chosen in zip(moves, inside, strict=True):
                if position in moved:
                    places, found = moved[position]
                    chosen[places] = found
            after = self._total(inside, run[0])
            if after != before:
                yield position, after - before
            before = after

    def _moves_of(self, part: _Deltas, inside: NDArray[np.bool_], run: Sequence[int]) -> Moves:
        """Return the deltas of a part that each event of a row moves, shared by all measures."""
        key = (key_of(self._filters), part.cube, len(inside), run[0], run[-1])
        if key not in self._moves:
            self._moves[key] = self._walked(part, inside.copy(), run)
            while len(self._moves) > KEPT_MOVES:
                self._moves.pop(next(iter(self._moves)), None)
        return self._moves[key]

    def _walked(self, part: _Deltas, inside: NDArray[np.bool_], run: Sequence[int]) -> Moves:
        moves: Moves = {}
        of_units = part.by_unit()
        with (begun := self._maps.at(run[0] - 1)).lock:
            affected = AffectedUnits(begun.territory, self._days(part, of_units))
        for step in self._maps.walk(run[0] - 1, run[-1], taxonomies=self._uses_taxonomies):
            units = affected.by(step.touched)
            if not units:
                continue
            places = np.concatenate([of_units[unit] for unit in units])
            found = part.inside(self._view_on(step.snapshot), places)
            if not np.array_equal(inside[places], found):
                moves[step.position] = places, found
                inside[places] = found
            affected.refresh(step.snapshot.territory, units)
        return moves

    def _days(
        self, part: _Deltas, of_units: Mapping[str, NDArray[np.int64]]
    ) -> dict[str, set[date]]:
        """Return for each unit the days on which its place matters."""
        map_day = self._filters.map.day
        if map_day is not None and not self._uses_taxonomies:
            return {unit: {map_day} for unit in of_units}
        own = {unit: part.days(places) for unit, places in of_units.items()}
        return own if map_day is None else {unit: {map_day, *days} for unit, days in own.items()}

    def _inside(self, position: int) -> _Inside:
        """Return masks of the deltas that count in the cell by the map as known at a position."""
        view = self._view_on(self._maps.at(position))
        return [part.inside(view) for part in self._parts]

    def _view_on(self, snapshot: MapSnapshot) -> Breakdown:
        """Return the breakdown of the cell; it counts nothing where the scope does not exist."""
        try:
            list_query = ListQuery.on(self._filters, _NO_MOMENT, _NO_PAGE, snapshot)
        except NotFound:
            day = self._filters.map.day
            return Breakdown(snapshot, day, None, self._filters.programme, self._year, ())
        return list_query.view(self._year)

    def _total(self, inside: _Inside, position: int) -> int:
        return sum(
            int(part.steps(chosen)[: part.until(position)].sum())
            for part, chosen in zip(self._parts, inside, strict=True)
        )

    def _deltas_until(self, position: int) -> int:
        return sum(part.until(position) for part in self._parts)


def key_of(filters: Filters) -> tuple[object, ...]:
    """Return a key that identifies the cell of some filters."""
    cell = tuple(sorted(filters.dimensions.items()))
    return filters.unit_id, filters.plan_year, filters.programme, filters.map, cell


class AffectedUnits:
    """Tracks the dependencies of the places of some units.

    A scope needs none of its own: the units in it depend on it as on every unit above.
    """

    def __init__(
        self,
        territory: Territory,
        units: Mapping[str, Collection[date]],
    ) -> None:
        """Use a map, and the units of a figure with the days of interest of each."""
        self._units = units
        self._dependencies: dict[str, frozenset[str]] = {}
        self._dependents: dict[str, set[str]] = {}
        self.refresh(territory, units)

    def by(self, touched: frozenset[str] | None) -> set[str]:
        """Return the units whose place may change with an event.

        `touched` is None where taxonomies changed: then any code may be classified differently.
        """
        if touched is None:
            return set(self._dependencies)
        return set[str]().union(
            *(self._dependents[each] for each in touched & self._dependents.keys())
        )

    def refresh(self, territory: Territory, unit_ids: Iterable[str]) -> None:
        """Recompute the dependencies of some units, after the map changed."""
        for unit_id in unit_ids:
            for each in self._dependencies.get(unit_id, ()):
                self._dependents[each].discard(unit_id)
            found = self._dependencies[unit_id] = territory.dependencies_of(
                unit_id, self._units[unit_id]
            )
            for each in found:
                self._dependents.setdefault(each, set()).add(unit_id)
