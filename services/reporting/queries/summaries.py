"""The summary of a scope and year, as known at a position, on a map."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from services.reporting.figures.cube import METRIC, NATURE, QUALIFIER
from services.reporting.figures.grouping_by_map import (
    ALLOCATED,
    APPROXIMATE,
    UNKNOWN_KIND,
    Breakdown,
)
from services.reporting.figures.measures import DATED, from_thousandths
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.closings import Reopening
from services.reporting.queries.cross_tables import By, dated_rows_of, rows_of, table_as_json
from services.reporting.queries.scope import naming_day, national, scope_of
from shared.clock import rfc3339
from shared.events.summary_digest import FixedFigures
from shared.vocabulary import (
    DEFAULT_PROGRAMME,
    AdministrativeLevel,
    Dimension,
    Flag,
    Measure,
    Qualifier,
    TaxonomyKind,
)
from shared.web.answers.as_of_parameters import RECORDED, MapChoice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from services.reporting.figures.cube import Cubes
    from services.reporting.figures.prefix_sums import Label
    from services.reporting.map_snapshots import MapSnapshot, MapSnapshots
    from services.reporting.queries.closings import Closings
    from services.reporting.queries.explaining.reasons import Reasons
    from services.reporting.queries.scope import Scope

RECORDED_MAP = MapChoice(RECORDED, None)
FIXED_KEPT = 4_096
"""The number of closings whose figures are cached, so that they are counted once."""
LEVELS_KEPT = 4
"""The number of summaries of a level that are cached: each may have a row for every commune."""


@dataclass(frozen=True, slots=True)
class SummaryQuery:
    """The query of a summary; `unit_id` None is the nation."""

    unit_id: str | None
    plan_year: int
    programme: str
    map: MapChoice
    by: tuple[By, ...] = ()
    level: AdministrativeLevel | None = None
    """The level of the rows of tables by unit; None: the units directly below the scope."""
    coded_in: int | None = None
    """The year whose taxonomies the codes of tables are in; None: the plan year."""
    until: date | None = None
    """The last day of what is counted, for figures whose day is kept; None: everything."""


class Summaries:
    """Answers queries from the cached cubes."""

    def __init__(
        self, cubes: Cubes, maps: MapSnapshots, closings: Closings, reasons: Reasons
    ) -> None:
        self._cubes = cubes
        self._maps = maps
        self._closings = closings
        self._reasons = reasons
        self._fixed: OrderedDict[tuple[str, int, int], FixedFigures] = OrderedDict()
        self._of_levels: OrderedDict[tuple[SummaryQuery, int], dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def summary(self, query: SummaryQuery, as_of: AsOf) -> dict[str, Any]:
        """Return the contract's summary; a scope that is not on the map is 404."""
        summary = self.open(query, as_of)
        closing, reopening = self._closing(summary)
        return {**self._as_json(summary), "closing": closing, "reopening": reopening}

    def counted(self, query: SummaryQuery, as_of: AsOf) -> dict[str, Any]:
        """Return the contract's summary without its closing."""
        return self._as_json(self.open(query, as_of))

    def counted_until(self, query: SummaryQuery, as_of: AsOf) -> dict[str, Any]:
        """Return the measures and tables of what had happened by the end of the query's `until`.

        Only measures whose day is kept are in them: registrations, recognitions, awards granted.
        """
        return self._as_json(self.open(query, as_of))

    def _as_json(self, summary: Summary) -> dict[str, Any]:
        """Return a summary; one of a level has thousands of rows, and a few are kept."""
        as_json = summary.as_json if summary.query.until is None else summary.until_as_json
        if summary.query.level is None:
            return as_json()
        key = (summary.query, summary.as_of.position)
        with self._lock:
            kept = self._of_levels.get(key)
        if kept is None:
            kept = as_json()
        with self._lock:
            self._of_levels[key] = kept
            self._of_levels.move_to_end(key)
            while len(self._of_levels) > LEVELS_KEPT:
                self._of_levels.popitem(last=False)
        return kept

    def fixed(self, unit_id: str, plan_year: int, position: int) -> FixedFigures:
        """Return the figures fixed by a closing of a year at a position (`map=recorded`).

        The programme is `dan_van_kheo`. The log before a position is immutable, so they are cached.
        """
        key = (unit_id, plan_year, position)
        with self._lock:
            if key in self._fixed:
                self._fixed.move_to_end(key)
                return self._fixed[key]
        query = SummaryQuery(unit_id, plan_year, DEFAULT_PROGRAMME, RECORDED_MAP)
        summary = self.open(query, AsOf(position, None))
        fixed = summary.fixed()
        with self._lock:
            self._fixed[key] = fixed
            while len(self._fixed) > FIXED_KEPT:
                self._fixed.popitem(last=False)
        return fixed

    def _closing(self, summary: Summary) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Return the closing in force of the scope's year, with `changed` for its figures.

        If the year was reopened, the reopening is returned instead, as the second.

        A closing fixes the figures of `dan_van_kheo` under `map=recorded`. On any map `changed`
        compares these with the same figures as known at the read's position.
        """
        query, unit_id, position = summary.query, summary.scope.unit_id, summary.as_of.position
        if unit_id is None or query.programme != DEFAULT_PROGRAMME:
            return None, None
        last = self._closings.last(unit_id, query.plan_year, position)
        if last is None:
            return None, None
        recorded = {
            "recordedtime": rfc3339(last.recorded_us),
            "documents": self._reasons.named(last.documents, position),
        }
        if isinstance(last, Reopening):
            item = {"event_position": last.event_position, "reopened_on": last.reopened_on}
            return None, {**item, "reason": last.reason, **recorded}
        if query.map != RECORDED_MAP:
            as_recorded = SummaryQuery(unit_id, query.plan_year, DEFAULT_PROGRAMME, RECORDED_MAP)
            summary = self.open(as_recorded, summary.as_of)
        fixed = self.fixed(unit_id, query.plan_year, last.position)
        rules = fixed.rules_of(last.digest)
        measures = fixed.counted(rules)
        return {
            "position": last.position,
            "digest": last.digest,
            "rules": rules,
            "event_position": last.event_position,
            "closed_on": last.closed_on,
            **recorded,
            "measures": measures,
            "changed": measures != summary.fixed().counted(rules),
        }, None

    def open(self, query: SummaryQuery, as_of: AsOf) -> Summary:
        """Return a summary whose parts are computed on demand."""
        snapshot = self._maps.at(as_of.position)
        named_on = naming_day(query.map, query.plan_year)
        if query.unit_id is None:
            scope = national(query.map, snapshot, named_on)
        else:
            scope = scope_of(query.unit_id, query.map, snapshot, named_on)
        return Summary(self._cubes, query, as_of, snapshot, scope)


@dataclass(frozen=True)
class Summary:
    """One summary, with every part computed on demand."""

    cubes: Cubes
    query: SummaryQuery
    as_of: AsOf
    snapshot: MapSnapshot
    scope: Scope

    def as_json(self) -> dict[str, Any]:
        """Return the contract's summary, except for its closing."""
        query = self.query
        return {
            "scope": self.scope.as_json(),
            "year": query.plan_year,
            "programme": query.programme,
            "map": query.map.stated,
            "known_at": self.as_of.as_json(),
            "measures": self.measures,
            "tables": [self._table(by) for by in query.by],
            "outcomes": self._outcomes(),
            "quality": {**self._quality(), "flags": _flags(self._scope_figures)},
            "digest": self.fixed().digest(),
        }

    def until_as_json(self) -> dict[str, Any]:
        """Return the measures, tables and outcomes of what had happened by the end of a day."""
        tables = []
        named_on, position = naming_day(self.query.map, self.query.plan_year), self.as_of.position
        for by in self.query.by:
            view = self._view(by)
            rows = dated_rows_of(self.cubes, view, by, position)
            tables.append(table_as_json(by, rows, view, named_on))
        total: dict[str, int] = {}
        for cube in (self.cubes.registrations, self.cubes.awards):
            for figures in cube.dated_figures(self._view(()), position, position).values():
                total |= figures
        dated = dict.fromkeys(DATED, 0)
        return {"measures": dated | total, "tables": tables, "outcomes": self._outcomes()}

    @cached_property
    def measures(self) -> dict[str, int]:
        """Return the measures of the scope."""
        return {str(measure): self._scope_figures.get(measure, 0) for measure in Measure}

    def fixed(self) -> FixedFigures:
        """Return the figures of the digest."""
        return FixedFigures(
            unit_id=self.scope.unit_id,
            map=self.query.map.stated,
            programme=self.query.programme,
            year=self.query.plan_year,
            position=self.as_of.position,
            measures=self.measures,
        )

    def _view(self, by: Iterable[str]) -> Breakdown:
        return Breakdown(
            snapshot=self.snapshot,
            day=self.query.map.day,
            scope=self.scope.unit_id,
            programme=self.query.programme,
            plan_year=self.query.plan_year,
            by=tuple(str(each) for each in by),
            level=self.query.level if Dimension.UNIT in by else None,
            coded_in=self.query.coded_in,
            until=self.query.until,
        )

    @cached_property
    def _scope_figures(self) -> dict[str, int]:
        """Return measures and flags of the scope; flags of registrations and awards are summed."""
        view, position = self._view(()), self.as_of.position
        total: dict[str, int] = {}
        for cube in self.cubes.counted:
            for _, figures in cube.figures(view, position, position):
                for name, value in figures.items():
                    total[name] = total.get(name, 0) + value
        return total | self._unknown_kinds()

    def _unknown_kinds(self) -> dict[str, int]:
        """Count the organisations of the scope whose kind their jurisdiction does not know."""
        published = self.snapshot.taxonomies.versions()
        if not any(version.kind is TaxonomyKind.ORGANIZATION_KIND for version in published):
            return {}
        position = self.as_of.position
        found = self.cubes.organizations.figures(self._view((UNKNOWN_KIND,)), position, position)
        counts = {label: sum(figures.values()) for label, figures in found}
        return {Flag.UNKNOWN_ORGANIZATION_KIND: counts.get((True,), 0)}

    def rows(self, by: By) -> dict[Label, dict[str, int]]:
        """Return the figures of a table by the label of each row."""
        position = self.as_of.position
        return rows_of(self.cubes, self._view, by, position, position)

    def _table(self, by: By) -> dict[str, Any]:
        named_on = naming_day(self.query.map, self.query.plan_year)
        return table_as_json(by, self.rows(by), self._view(by), named_on)

    def _quality(self) -> dict[str, Any]:
        """Count registrations carried to a common ancestor, and check for approximate ones."""
        view = self._view((ALLOCATED, APPROXIMATE))
        unallocated, approximate = 0, False
        position = self.as_of.position
        for label, figures in self.cubes.registrations.figures(view, position, position):
            allocated, near = label
            registered = figures[Measure.REGISTERED]
            if not allocated:
                unallocated += registered
            approximate = approximate or bool(near and registered)
        return {"unallocated": unallocated, "approximate": approximate or unallocated > 0}

    def _outcomes(self) -> list[dict[str, Any]]:
        return [
            {
                "metric": metric,
                "nature": nature,
                "value": from_thousandths(sum(by_qualifier.values())),
                "qualifier": joint_qualifier(by_qualifier),
            }
            for (metric, nature), by_qualifier in sorted(self.outcome_parts().items())
        ]

    def outcome_parts(self) -> dict[tuple[str, str], dict[str, int]]:
        """Return by (metric, nature) the sum in thousandths of each qualifier."""
        view = self._view((METRIC, NATURE, QUALIFIER))
        parts: dict[tuple[str, str], dict[str, int]] = {}
        position = self.as_of.position
        for label, count, total in self.cubes.outcomes.values(view, position, position):
            metric, nature, qualifier, *marks = label
            if count and all(marks[:1]):
                of_metric = parts.setdefault((metric, nature), {})
                of_metric[qualifier] = of_metric.get(qualifier, 0) + total
        return parts


def joint_qualifier(parts: Iterable[str]) -> str:
    """Return the qualifier of a sum: exact only if every part is (events.md, Outcomes)."""
    present = set(parts)
    if Qualifier.APPROX in present:
        return Qualifier.APPROX.value
    return (Qualifier.MORE_THAN if Qualifier.MORE_THAN in present else Qualifier.EXACT).value


def _flags(figures: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"code": flag.value, "count": figures[flag]} for flag in Flag if figures.get(flag, 0) > 0
    ]
