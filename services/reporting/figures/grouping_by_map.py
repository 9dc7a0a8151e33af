"""The grouping of deltas for a table: by unit of a map, with codes of the table's taxonomy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from services.reporting.figures.prefix_sums import OUTSIDE, Label
from shared.territory.taxonomies import carry
from shared.vocabulary import AdministrativeLevel, Dimension, TaxonomyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from services.reporting.figures.cache import DeltaCache
    from services.reporting.figures.year_columns import YearColumns
    from services.reporting.map_snapshots import MapSnapshot, UnitPlacement
    from shared.territory.taxonomies import TaxonomyVersion

CARRIED: Mapping[str, TaxonomyKind] = {
    Dimension.FIELD: TaxonomyKind.FIELD,
    Dimension.BLOCK: TaxonomyKind.BLOCK,
    Dimension.TIER: TaxonomyKind.TIER,
}
ALLOCATED = "allocated"
APPROXIMATE = "approximate"
"""Dimensions of our own that tell how an entity was placed, for the quality of a summary."""
UNKNOWN_KIND = "unknown_kind"
"""True if the taxonomy in force at an entity's place and day does not know its kind."""
OF_TAXONOMIES: Mapping[str, TaxonomyKind] = {
    **CARRIED,
    UNKNOWN_KIND: TaxonomyKind.ORGANIZATION_KIND,
}

DEPTH: Mapping[AdministrativeLevel | None, int] = {
    each: depth for depth, each in enumerate((None, *AdministrativeLevel))
}
"""The depth of a level below the country; an unknown unit is above all."""

_DENSE = 1 << 23
"""Up to this range of codes a lookup table is faster than sorting."""


@dataclass(frozen=True)
class Breakdown:
    """A way to group a year, with everything that the groups depend on.

    `day` is the map's, None for each entity's own; with `scope` None nothing is counted. `by`
    holds dimensions of the contract, dimensions of our own, or columns of the cube.
    """

    snapshot: MapSnapshot
    day: date | None
    scope: str | None
    programme: str | None
    plan_year: int
    by: tuple[str, ...]
    level: AdministrativeLevel | None = None
    """The level of the rows by unit; None: the units directly below the scope."""
    coded_in: int | None = None
    """The year whose taxonomies the codes are in, to compare years; None: the plan year."""
    until: date | None = None
    """If stated, each label ends with two marks: whether the entity occurred by the end of this
    day, and whether its tier was given by then."""

    @property
    def key(self) -> tuple[Any, ...]:
        """Return a key that identifies the grouping among those of a year."""
        units_at, taxonomies_at = self.snapshot.key
        table_taxonomy = taxonomies_at if any(each in OF_TAXONOMIES for each in self.by) else 0
        of_map = (units_at, table_taxonomy, self.day, self.scope, self.level)
        return *of_map, self.coded_in, self.until, self.programme, self.by

    def table_taxonomy(self, kind: TaxonomyKind) -> TaxonomyVersion | None:
        """Return the taxonomy of the table, None where codes are used unchanged."""
        if self.scope is None:
            return None
        last_day = date(self.coded_in or self.plan_year, 12, 31)
        snapshot = self.snapshot
        return snapshot.taxonomies.in_force(kind, self.scope, last_day, snapshot.territory)


class BreakdownGrouper:
    """Groups the deltas of a year by a breakdown.

    Each (unit, epoch of its day) is resolved once into a spot, each (dimensions, taxonomies of
    the spot) once into a part of the label; the rest is arithmetic on arrays.
    """

    def __init__(self, view: Breakdown, cache: DeltaCache, columns: Mapping[str, str]) -> None:
        self.labels: list[Label] = []
        self._view = view
        self._cache = cache
        self._names = cache.dimensions
        self._columns = columns
        self._targets: dict[str, TaxonomyVersion | None] = {
            each: version
            for each in view.by
            if each in CARRIED and (version := view.table_taxonomy(CARRIED[each])) is not None
        }
        if UNKNOWN_KIND in view.by:
            self._targets[UNKNOWN_KIND] = None
        self._epochs: dict[Any, int] = {}
        self._epoch_days: list[date] = []
        self._spots: dict[tuple[Label, int], int] = {}
        self._spot_list: list[tuple[Label, int]] = []
        self._taxonomy_sets: dict[tuple[int | None, ...], int] = {}
        self._taxonomy_set_list: list[tuple[TaxonomyVersion | None, ...]] = []
        self._parts: dict[Label, int] = {}
        self._part_list: list[Label] = []
        self._by_label: dict[Label, int] = {}
        self._unmarked: list[Label] = self.labels if view.until is None else []
        self._by_marks: dict[int, int] = {}

    def groups(self, columns: YearColumns, first: int, last: int) -> NDArray[np.int32]:
        """Return the group of each delta from `first` to `last`."""
        return self.groups_of(columns, slice(first, last))

    def groups_of(self, columns: YearColumns, some: slice | NDArray[Any]) -> NDArray[np.int32]:
        """Return the group of each of the selected deltas."""
        with self._view.snapshot.lock:
            unit = columns.unit.values[some]
            day = columns.day.values[some]
            tier_days = columns.tier_day
            tier_day = day if tier_days is None else tier_days.values[some]
            spots = self._spots_of(unit, day, tier_day)
            parts = self._parts_of(spots, columns.dims.values[some])
            numbers = self._numbers_of(spots, parts)
            if self._view.until is not None:
                last = self._view.until.toordinal()
                numbers = self._marked(numbers, day <= last, tier_day <= last)
            return numbers.astype(np.int32)

    def _spots_of(
        self, unit: NDArray[Any], day: NDArray[Any], tier_day: NDArray[Any]
    ) -> NDArray[np.int64]:
        """Return the spot of each entity; the map is the same on all days of an epoch."""
        if self._view.day is not None and not self._targets:
            return mapped(unit.astype(np.int64), lambda code: self._spot(code, None, None))
        epochs = mapped(day.astype(np.int64), self._epoch)
        codes = unit.astype(np.int64)
        if Dimension.TIER not in self._targets:
            count = len(self._epochs)
            codes = codes * count + epochs
            return mapped(codes, lambda code: self._spot(code // count, code % count, None))
        tier_epochs = mapped(tier_day.astype(np.int64), self._epoch)
        count = len(self._epochs)
        codes = (codes * count + epochs) * count + tier_epochs
        return mapped(
            codes,
            lambda code: self._spot(code // count**2, code // count % count, code % count),
        )

    def _parts_of(self, spots: NDArray[np.int64], dims: NDArray[Any]) -> NDArray[np.int64]:
        """Return the part of the label that depends on the dimensions."""
        if not self._targets:
            return mapped(dims.astype(np.int64), lambda code: self._part(0, code))
        if not self._spot_list:  # nothing is in the scope, so there are no taxonomies either
            return np.full(len(spots), OUTSIDE, np.int64)
        width = len(self._cache.dims.words)
        taxonomy_sets = np.array([taxonomy_set for _, taxonomy_set in self._spot_list], np.int64)
        codes = taxonomy_sets[np.maximum(spots, 0)] * width + dims
        return mapped(codes, lambda code: self._part(code // width, code % width))

    def _numbers_of(self, spots: NDArray[np.int64], parts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of each delta's group."""
        width = len(self._part_list)
        pairs = np.where((spots >= 0) & (parts >= 0), spots * width + parts, OUTSIDE)
        return mapped(
            pairs,
            lambda pair: OUTSIDE if pair < 0 else self._number(pair // width, pair % width),
        )

    def _epoch(self, ordinal: int) -> int:
        epoch = self._view.snapshot.epoch(date.fromordinal(ordinal))
        number = self._epochs.setdefault(epoch, len(self._epochs))
        if number == len(self._epoch_days):
            self._epoch_days.append(date.fromordinal(ordinal))
        return number

    def _spot(self, unit: int, epoch: int | None, tier_epoch: int | None) -> int:
        """Return the number of the spot of a unit's entities of an epoch: place and taxonomies.

        `tier_epoch` is that of the tiers' own days, None where it does not matter.
        """
        unit_id = self._cache.units.words[unit][0]
        own = None if epoch is None else self._epoch_days[epoch]
        coded_on = own if tier_epoch is None else self._epoch_days[tier_epoch]
        label = self._where(unit_id, self._view.day or own or date.min)
        if label is None:
            return OUTSIDE
        spot = (label, self._taxonomy_set(unit_id, own, coded_on))
        number = self._spots.setdefault(spot, len(self._spots))
        if number == len(self._spot_list):
            self._spot_list.append(spot)
        return number

    def _where(self, unit_id: str, day: date) -> Label | None:
        """Return the part of the label that depends on the place; None is outside the scope."""
        located = self._view.snapshot.locate(unit_id, day)
        scope = self._view.scope
        if scope is None or scope not in located.path:
            return None
        label: list[Any] = []
        for each in self._view.by:
            if each == Dimension.UNIT:
                label.append(self._row_of(located, scope, day))
            elif each == ALLOCATED:
                label.append(located.allocated)
            elif each == APPROXIMATE:
                label.append(located.approximate)
        return tuple(label)

    def _row_of(self, located: UnitPlacement, scope: str, day: date) -> str | None:
        level, path, allocated = self._view.level, located.path, located.allocated
        if level is None:
            return row_of(path, scope, allocated=allocated)
        snapshot = self._view.snapshot
        for unit in path[path.index(scope) + 1 :]:
            if DEPTH[snapshot.level(unit, day)] >= DEPTH[level]:
                return unit
        return path[-1] if allocated else None

    def _taxonomy_set(self, unit_id: str, day: date | None, tier_day: date | None) -> int:
        """Return a number for the taxonomies of the codes of a unit's entities on a day.

        A tier is a code of the day of the recognition, all others of the entity's own day.
        """
        snapshot = self._view.snapshot
        days = {each: tier_day if each == Dimension.TIER else day for each in self._targets}
        versions = tuple(
            snapshot.taxonomies.in_force(OF_TAXONOMIES[each], unit_id, on, snapshot.territory)
            if on is not None
            else None
            for each, on in days.items()
        )
        key = tuple(version.position if version else None for version in versions)
        number = self._taxonomy_sets.setdefault(key, len(self._taxonomy_sets))
        if number == len(self._taxonomy_set_list):
            self._taxonomy_set_list.append(versions)
        return number

    def _part(self, taxonomy_set: int, dims: int) -> int:
        """Return a number for the codes of some dimensions, mapped to the table's taxonomy."""
        words = dict(zip(self._names, self._cache.dims.words[dims], strict=True))
        if self._view.programme is not None and words["programme"] != self._view.programme:
            return OUTSIDE
        versions = self._taxonomy_set_list[taxonomy_set] if self._targets else ()
        own_versions = dict(zip(self._targets, versions, strict=True))
        label = tuple(
            self._word(each, words[self._columns[each]], own_versions)
            for each in self._view.by
            if each in self._columns
        )
        number = self._parts.setdefault(label, len(self._parts))
        if number == len(self._part_list):
            self._part_list.append(label)
        return number

    def _word(
        self, dimension: str, code: str | None, own_versions: Mapping[str, TaxonomyVersion | None]
    ) -> str | bool | None:
        if code is None or dimension not in self._targets:
            return code
        own, target = own_versions[dimension], self._targets[dimension]
        if target is None:  # not mapped: the entity's own taxonomy decides
            return own is not None and not own.knows(code)
        return carry(code, own, target)

    def _number(self, spot: int, part: int) -> int:
        """Return the number of a group, with its label in the order of the breakdown."""
        where, words = iter(self._spot_list[spot][0]), iter(self._part_list[part])
        label = tuple(next(words if each in self._columns else where) for each in self._view.by)
        number = self._by_label.setdefault(label, len(self._by_label))
        if number == len(self._unmarked):
            self._unmarked.append(label)
        return number

    def _marked(
        self, numbers: NDArray[np.int64], occurred: NDArray[np.bool_], given: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Return the number of each delta's group with its marks."""
        codes = np.where(numbers >= 0, numbers * 4 + occurred * 2 + given, OUTSIDE)
        return mapped(codes, lambda code: OUTSIDE if code < 0 else self._with_marks(code))

    def _with_marks(self, code: int) -> int:
        number = self._by_marks.setdefault(code, len(self._by_marks))
        if number == len(self.labels):
            self.labels.append((*self._unmarked[code // 4], bool(code & 2), bool(code & 1)))
        return number


def row_of(path: Sequence[str], scope: str, *, allocated: bool) -> str | None:
    """Return the row of a table by unit: a child, the scope for its own entities, or None.

    None is for entities carried to the scope as common ancestor: unallocated below it.
    """
    below = path[path.index(scope) + 1 :]
    if below:
        return below[0]
    return scope if allocated else None


def mapped(codes: NDArray[np.int64], resolve: Callable[[int], int]) -> NDArray[np.int64]:
    """Return `resolve(code)` for each code, calling it once for each different one."""
    if not len(codes):
        return codes
    lowest = int(codes.min())
    span = int(codes.max()) - lowest + 1
    if span > _DENSE:
        different, place = np.unique(codes, return_inverse=True)
        found = np.fromiter((resolve(int(code)) for code in different), np.int64, len(different))
        return found[place]
    shifted = codes - lowest
    present = np.flatnonzero(np.bincount(shifted, minlength=span))
    table = np.zeros(span, np.int64)
    table[present] = [resolve(int(code) + lowest) for code in present]
    return table[shifted]
