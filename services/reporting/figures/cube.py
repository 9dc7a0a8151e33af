"""The cached cubes of reporting, and the sums of any breakdown of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.reporting.figures.accumulators import Values
from services.reporting.figures.cache import DeltaCache
from services.reporting.figures.delta_tables import NO_YEAR
from services.reporting.figures.grouping_by_map import UNKNOWN_KIND, Breakdown, BreakdownGrouper
from services.reporting.figures.measures import (
    AWARDS,
    COMMENDATIONS,
    INSPECTIONS,
    ORGANIZATIONS,
    REGISTRATIONS,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from services.reporting.figures.measures import Counting
    from services.reporting.figures.prefix_sums import Grouping, Label
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store

    CacheOf = Callable[[Any, Counting | None], DeltaCache]

Figures = "dict[str, int]"
METRIC, NATURE, QUALIFIER = "metric", "nature", "qualifier"


class Cube:
    """The deltas of one read model behind a query interface: figures by group, at any position."""

    def __init__(
        self, cache: DeltaCache, columns: Mapping[str, str], *, of_every_year: bool = False
    ) -> None:
        self.cache = cache
        self.columns = columns
        """The dimensions that its groups may have, with the table's column of each."""
        self._of_every_year = of_every_year

    def year_of(self, plan_year: int) -> int:
        """Return the year under which the deltas of a plan year are stored."""
        return NO_YEAR if self._of_every_year else plan_year

    def seen_by(self, view: Breakdown) -> Breakdown:
        """Return the breakdown to query: data without a year has no programme either."""
        return replace(view, plan_year=NO_YEAR, programme=None) if self._of_every_year else view

    def figures(
        self, view: Breakdown, position: int, reached: int
    ) -> Iterator[tuple[Label, dict[str, int]]]:
        """Yield the figures of each non-empty group of a breakdown."""
        counting = self.cache.counting
        assert counting is not None  # noqa: S101  outcomes have values instead
        for label, row in self._sums(view, position, reached):
            yield label, dict(zip(counting.figures, row, strict=True))

    def dated_figures(
        self, view: Breakdown, position: int, reached: int
    ) -> dict[Label, dict[str, int]]:
        """Return by group the figures of what had happened by the end of a breakdown's `until`.

        Only figures whose day is kept have such a number.
        """
        counting = self.cache.counting
        assert counting is not None  # noqa: S101  outcomes have values instead
        found: dict[Label, dict[str, int]] = {}
        for (*label, occurred, given), row in self._sums(view, position, reached):
            group = found.setdefault(tuple(label), dict.fromkeys(counting.days_kept, 0))
            figures = dict(zip(counting.figures, row, strict=True))
            for by_then, dated in ((occurred, counting.dated), (given, counting.dated_by_tier)):
                for name in dated if by_then else ():
                    group[name] += figures[name]
        return {label: group for label, group in found.items() if any(group.values())}

    def values(
        self, view: Breakdown, position: int, reached: int
    ) -> Iterator[tuple[Label, int, int]]:
        """Yield for each group the number of values, and their exact sum in thousandths."""
        for label, row in self._sums(view, position, reached):
            yield label, row[0], Values.total(row)

    def grouping(self, view: Breakdown, reached: int) -> Grouping:
        """Return the grouped deltas of a breakdown's year; the caller holds the cache's lock."""
        view = self.seen_by(view)
        return self.cache.grouping(
            view.plan_year,
            reached,
            view.key,
            lambda: BreakdownGrouper(view, self.cache, self.columns),
            sparse=view.level is not None,
        )

    def _sums(self, view: Breakdown, position: int, reached: int) -> list[tuple[Label, list[int]]]:
        with self.cache.lock:
            grouping = self.grouping(view, reached)
            sums = grouping.sums(position)
            labels = grouping.labels
            return [
                (label, row) for label, row in zip(labels, sums.tolist(), strict=True) if any(row)
            ]


class Cubes:
    """Registrations, awards, commendations, inspections and outcomes; and organisations."""

    def __init__(self, catalog: Catalog, cache_of: CacheOf) -> None:
        """Use a function that opens the deltas of a read model."""
        self.registrations = Cube(
            cache_of(catalog.registrations, REGISTRATIONS), _columns(REGISTRATIONS)
        )
        self.awards = Cube(cache_of(catalog.awards, AWARDS), _columns(AWARDS))
        self.commendations = Cube(
            cache_of(catalog.commendations, COMMENDATIONS), _columns(COMMENDATIONS)
        )
        self.inspections = Cube(cache_of(catalog.inspections, INSPECTIONS), _columns(INSPECTIONS))
        self.outcomes = Cube(
            cache_of(catalog.outcomes, None),
            {METRIC: METRIC, NATURE: NATURE, QUALIFIER: QUALIFIER},
        )
        self.organizations = Cube(
            cache_of(catalog.organizations, ORGANIZATIONS),
            {UNKNOWN_KIND: "kind"},
            of_every_year=True,
        )

    @classmethod
    def stored(cls, store: Store, catalog: Catalog) -> Cubes:
        """Return the cubes over the tables of the read models."""
        return cls(
            catalog,
            lambda model, counting: DeltaCache(
                store, model.delta_tables, counting, model.writer.recent
            ),
        )

    @property
    def counted(self) -> tuple[Cube, ...]:
        """Return the cubes that count measures and flags; that of outcomes sums values."""
        return self.registrations, self.awards, self.commendations, self.inspections

    def years(self) -> list[int]:
        """Return the years with any data, in order."""
        everything = (*self.counted, self.outcomes)
        return sorted({year for cube in everything for year in cube.cache.years()})


def _columns(counting: Counting) -> Mapping[str, str]:
    return {str(dimension): column for dimension, column in counting.dimensions}
