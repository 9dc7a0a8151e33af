"""The reads of signals: the entities, figures and documents of one scope and year at a position."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import select

from services.reporting.figures.grouping_by_map import Breakdown, row_of
from services.reporting.figures.members import last_of_each
from services.reporting.queries.scope import naming_day
from services.reporting.readmodels.parts.version_rows import known_at
from shared.vocabulary import DEFAULT_PROGRAMME, Dimension

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from services.reporting.figures.cube import Cube, Cubes
    from services.reporting.figures.prefix_sums import Label
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.lists.registrations_and_awards import EntityLists
    from services.reporting.readmodels.catalog import Catalog
    from services.reporting.readmodels.parts.latest_statement import LatestStatements
    from services.reporting.signals.entity_keys import OutcomeKeys, RegistrationKeys
    from services.reporting.signals.limits import Limits
    from shared.readmodel.store import Store

Below = str | None
"""A unit directly below the scope, the scope itself, or None for what is not allocated."""


class States(NamedTuple):
    """The entities of a year as known at a position: parallel arrays, numbers ascending.

    `days` and `tier_days` are proleptic ordinals; `groups` are indices of `labels`.
    """

    things: NDArray[np.int64]
    orgs: NDArray[np.int64]
    units: NDArray[np.int64]
    days: NDArray[np.int64]
    tier_days: NDArray[np.int64]
    bits: NDArray[np.int64]
    groups: NDArray[np.int64]
    labels: Sequence[Below]

    def counted(self, chosen: NDArray[np.bool_]) -> dict[Below, int]:
        """Return the number of chosen entities by unit below the scope."""
        counts = np.bincount(self.groups[chosen], minlength=len(self.labels)).tolist()
        return {label: n for label, n in zip(self.labels, counts, strict=True) if n}


class Sources(NamedTuple):
    """The reads behind every signal, shared by all of one generation."""

    store: Store
    catalog: Catalog
    cubes: Cubes
    lists: EntityLists
    keys: RegistrationKeys
    outcomes: OutcomeKeys
    differing: Callable[[ListQuery], list[Item]]
    """Asserted figures of the scope that differ from the log, with the year of the query."""
    recorded_on: Callable[[int], date | None]
    """The day on which a position was recorded."""


@dataclass(frozen=True)
class Material:
    """The reads of one scope and year at a position; `today` is the day of knowledge."""

    sources: Sources
    query: ListQuery
    year: int
    today: date
    limits: Limits

    @property
    def position(self) -> int:
        """Return the position of everything read."""
        return self.query.position

    @property
    def scope(self) -> str | None:
        """Return the unit, None before there is a country."""
        return self.query.scope.unit_id

    @property
    def day(self) -> date:
        """Return the day that decides which units there are."""
        return naming_day(self.query.filters.map, self.year)

    def view(self, by: Sequence[str], *, year: int | None = None) -> Breakdown:
        """Return a breakdown of the scope, of its year unless stated."""
        filters = self.query.filters
        return Breakdown(
            snapshot=self.query.snapshot,
            day=filters.map.day,
            scope=self.scope,
            programme=DEFAULT_PROGRAMME,
            plan_year=self.year if year is None else year,
            by=tuple(str(each) for each in by),
        )

    def states(self, cube: Cube, year: int | None = None) -> States:
        """Return the entities of the scope by the unit below it."""
        view = self.view((Dimension.UNIT,), year=year)
        with cube.cache.lock:
            grouping = cube.grouping(view, self.position)
            groups = grouping.groups_until(self.position)
            columns = cube.cache.year(view.plan_year, self.position)
            last = last_of_each(columns.thing.values[: len(groups)])
            last = last[groups[last] >= 0]
            labels = [label[0] for label in grouping.labels]
            tier_days = columns.day if columns.tier_day is None else columns.tier_day
            amounts = columns.amounts.after.values  # type: ignore[union-attr]
            parts = (columns.thing, columns.org, columns.unit, columns.day, tier_days)
            chosen = [each.values[last].astype(np.int64) for each in parts]
            bits, below = amounts[last].astype(np.int64), groups[last].astype(np.int64)
            things, orgs, units, days, tiers = chosen
            return States(things, orgs, units, days, tiers, bits, below, labels)

    @cached_property
    def registrations(self) -> States:
        """Return the registrations of the year, withdrawn ones too."""
        return self.states(self.sources.cubes.registrations)

    @cached_property
    def last_year(self) -> States:
        """Return the registrations of the year before."""
        return self.states(self.sources.cubes.registrations, self.year - 1)

    @cached_property
    def awards(self) -> States:
        """Return the awards of the year."""
        return self.states(self.sources.cubes.awards)

    def everywhere(self, bits: int) -> NDArray[np.int64]:
        """Return the entities of the year in the whole country that have one of these bits."""
        cube = self.sources.cubes.registrations
        with cube.cache.lock:
            columns = cube.cache.year(self.year, self.position)
            last = last_of_each(columns.thing.values[: columns.until(self.position)])
            after = columns.amounts.after.values[last]  # type: ignore[union-attr]
            things: NDArray[np.int64] = columns.thing.values[last[after & bits != 0]]
            return things.astype(np.int64)

    def with_outcome(self) -> NDArray[np.int64]:
        """Return the hashes of the streams that reported an outcome of the year in force."""
        cache = self.sources.cubes.outcomes.cache
        with cache.lock:
            columns = cache.year(self.year, self.position)
            count = columns.until(self.position)
            things = columns.thing.values[:count].astype(np.int64)
            changes = columns.amounts.changes[:count]  # type: ignore[union-attr]
            counted = np.flatnonzero(np.bincount(things, changes) > 0) if count else things
        return np.unique(self.sources.outcomes.of(counted, self.position))

    @cached_property
    def last_positions(self) -> Mapping[Below, Sequence[int]]:
        """Return the last positions of each unit below the scope, one for each kind of fact."""
        view = self.view((Dimension.UNIT,))
        found: dict[Below, list[int]] = {}
        cubes = self.sources.cubes
        for cube in (*cubes.counted, cubes.outcomes):
            with cube.cache.lock:
                grouping = cube.grouping(view, self.position)
                groups = grouping.groups_until(self.position)
                columns = cube.cache.year(view.plan_year, self.position)
                last = np.full(len(grouping.labels), -1, np.int64)
                inside = np.flatnonzero(groups >= 0)
                last[groups[inside]] = inside
                for label, place in zip(grouping.labels, last.tolist(), strict=True):
                    if place >= 0:
                        position = int(columns.position.values[place])
                        found.setdefault(label[0], []).append(position)
        return found

    def figures(
        self, by: Sequence[Dimension], *, year: int | None = None
    ) -> dict[Label, dict[str, int]]:
        """Return the figures of registrations by the labels of a breakdown."""
        cube = self.sources.cubes.registrations
        return dict(cube.figures(self.view(by, year=year), self.position, self.position))

    def of_parent(self) -> Material | None:
        """Return the same of the unit above; None for the country."""
        snapshot, scope = self.query.snapshot, self.scope
        if scope is None:
            return None
        with snapshot.lock:
            path = snapshot.locate(scope, self.day).path
        if scope not in path or path.index(scope) == 0:
            return None
        above = path[path.index(scope) - 1]
        query = replace(self.query, scope=replace(self.query.scope, unit_id=above))
        return replace(self, query=query)

    def level_of(self, unit_id: str) -> str | None:
        """Return the administrative level of a unit on the day of the map."""
        snapshot = self.query.snapshot
        with snapshot.lock:
            unit = snapshot.territory.unit(unit_id, self.day)
        return str(unit.level) if unit else None

    def children(self) -> list[str]:
        """Return the units directly below the scope."""
        snapshot = self.query.snapshot
        if self.scope is None:
            return []
        with snapshot.lock:
            return sorted(snapshot.territory.children(self.scope, self.day))

    def below(self, unit_id: str, own_day: date) -> tuple[bool, Below]:
        """Say whether a fact recorded at a unit on a day counts in the scope, and below which."""
        snapshot = self.query.snapshot
        if self.scope is None:
            return False, None
        with snapshot.lock:
            located = snapshot.locate(unit_id, self.query.filters.map.day or own_day)
        if self.scope not in located.path:
            return False, None
        return True, row_of(located.path, self.scope, allocated=located.allocated)

    def statements(self, model: LatestStatements, year: int | None) -> Iterator[Mapping[str, Any]]:
        """Yield the statements in force of a year (None: all) in the whole country."""
        statement = model.statements
        query = select(*statement.c).where(
            model.versions.c.statement == statement.c.position,
            known_at(model.versions, self.position),
        )
        if year is not None:
            query = query.where(statement.c.plan_year == year)
        with self.sources.store.reading() as connection:
            rows = connection.execute(query.order_by(statement.c.position)).mappings().all()
        yield from (dict(row) for row in rows)

    def word(self, cube: Cube, kind: str, number: int) -> str:
        """Return the unit or organisation of an interned number of a cube."""
        words = cube.cache.units.words if kind == "unit" else cube.cache.orgs.words
        return str(words[number][0])

    def unit_name(self, unit_id: str) -> str | None:
        """Return the name of a unit on the day of the map."""
        snapshot = self.query.snapshot
        with snapshot.lock:
            return snapshot.name(unit_id, self.day)
