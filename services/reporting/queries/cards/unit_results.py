"""The result of a year of every organisation of a unit, in one table, for the rating of each.

A row is what the card of the organisation says of the year, as far as it happened in the unit: what
its predecessors did counts with it, so that an organisation with a successor has no row of its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from services.reporting.figures.measures import AwardBits
from services.reporting.figures.members import entities_in_groups
from services.reporting.queries.cards.organizations import COUNTED, reached
from services.reporting.readmodels.parts.version_rows import known_at
from shared.vocabulary import Measure
from shared.vocabulary.vietnamese import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.reporting.figures.cube import Cubes
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.lists.other_lists import StatementLists
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store

ANSWERS_KEPT = 4
_EVERY_BIT = -1
_GRANTED = AwardBits.GRANTED
_AWARDED = str(Measure.AWARDS_GRANTED)
_INSPECTED = "inspections"
_NUMBERS = (*map(str, COUNTED), _AWARDED, _INSPECTED)


class UnitResults:
    """Reads the results of a unit's organisations; an answer at a position is kept."""

    def __init__(
        self, store: Store, catalog: Catalog, cubes: Cubes, statements: StatementLists
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._cubes = cubes
        self._statements = statements
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, Sequence[Item]] = OrderedDict()

    def results(self, query: ListQuery) -> Sequence[Item]:
        """Return the result of each organisation in the scope and year of a query, by name.

        Organisations that are defined there and have nothing in the year are among them.
        """
        filters = query.filters
        key = (filters.unit_id, filters.plan_year, filters.map.stated, filters.map.day)
        with self._lock:
            kept = self._kept.get((*key, query.position))
        if kept is None:
            kept = self._read(query)
            with self._lock:
                self._kept[*key, query.position] = kept
                while len(self._kept) > ANSWERS_KEPT:
                    self._kept.popitem(last=False)
        return kept

    def _read(self, query: ListQuery) -> Sequence[Item]:
        named, inside = self._defined(query)
        counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_NUMBERS, 0))
        for org_id, figures in self._registered(query):
            counts[org_id] |= figures
        for org_id in self._awarded(query):
            counts[org_id][_AWARDED] += 1
        for row in self._stated("inspections", query):
            if row["state"] == "conducted" and row["org_id"]:
                counts[row["org_id"]][_INSPECTED] += 1
        plans: dict[str, Mapping[str, Any]] = {}
        for row in sorted(self._stated("plans", query), key=lambda each: each["occurred_on"]):
            plans[row["org_id"]] = row
        before, after = self._lines(query.position)
        owners = {*inside, *counts, *plans}
        last = {each for org_id in owners for each in self._last(org_id, after)}
        results = [
            self._result(org_id, named.get(org_id) or org_id, query, counts, plans, before)
            for org_id in last
        ]
        return sorted(results, key=lambda each: (sort_key(each["org_name"]), each["org_id"]))

    @staticmethod
    def _result(  # noqa: PLR0917  what was read of every organisation
        org_id: str,
        name: str,
        query: ListQuery,
        counts: Mapping[str, Mapping[str, int]],
        plans: Mapping[str, Mapping[str, Any]],
        before: Mapping[str, Sequence[str]],
    ) -> Item:
        line = [org_id, *reached(org_id, before)]
        of_line = [plans[each] for each in line if each in plans]
        plan = max(of_line, key=lambda each: each["occurred_on"], default=None)
        own = [counts[each] for each in line if each in counts]
        return {
            "org_id": org_id,
            "org_name": name,
            "plan_year": query.filters.plan_year,
            **{number: sum(each[number] for each in own) for number in _NUMBERS},
            "plan_number": plan and (plan["document_number"] or ""),
            "plan_signed_on": plan and plan["document_signed_on"],
        }

    def _registered(self, query: ListQuery) -> Iterator[tuple[str, dict[str, int]]]:
        """Yield each owner of registrations in the scope with its figures."""
        cube, year = self._cubes.registrations, query.filters.plan_year
        assert year is not None  # noqa: S101  a result is always of a year
        found = entities_in_groups(
            cube, query.view(year), query.position, query.accepts, bits=_EVERY_BIT
        )
        size = int(found.orgs.max(initial=0)) + 1
        sums = {
            str(measure): np.bincount(found.orgs[found.bits & bit != 0], minlength=size)
            for measure, bit in COUNTED.items()
        }
        present = np.flatnonzero(np.bincount(found.orgs, minlength=size))
        words = cube.cache.orgs.words
        for number in present.tolist():
            if number:
                yield words[number][0], {name: int(of[number]) for name, of in sums.items()}

    def _awarded(self, query: ListQuery) -> Iterator[str]:
        """Yield the recipient of each award granted in the scope."""
        cube, year = self._cubes.awards, query.filters.plan_year
        assert year is not None  # noqa: S101  a result is always of a year
        granted = entities_in_groups(
            cube, query.view(year), query.position, query.accepts, bits=_GRANTED
        )
        model = self._catalog.awards
        version = model.versions.c
        recipients = (
            select(version.thing, version.recipient_org_id)
            .where(version.plan_year == year, known_at(model.versions, query.position))
            .where(version.recipient_org_id.is_not(None))
        )
        with self._store.reading() as connection:
            found = connection.execute(recipients)
            recipient_of = {row.thing: row.recipient_org_id for row in found}
        for number in granted.numbers.tolist():
            if number in recipient_of:
                yield recipient_of[number]

    def _stated(self, name: str, query: ListQuery) -> Iterator[Mapping[str, Any]]:
        """Yield the statements of a list in the scope and year, of every programme."""
        of_year = replace(query, filters=replace(query.filters, programme=None))
        source = self._statements.source(name, of_year)
        with self._store.reading() as connection:
            rows = connection.execute(source.query).mappings().all()
        for row in rows:
            if query.is_inside(row["unit_id"], row["occurred_on"]):
                yield dict(row)

    def _defined(self, query: ListQuery) -> tuple[dict[str, str], list[str]]:
        """Return the names of all organisations, and those that are defined in the scope."""
        filters = replace(query.filters, plan_year=None, programme=None)
        source = self._statements.source("organizations", replace(query, filters=filters))
        names = ("org_id", "name", "unit_id", "occurred_on")
        columns = source.query.with_only_columns(*(source.column(each) for each in names))
        with self._store.reading() as connection:
            rows = connection.execute(columns).all()
        inside = [org_id for org_id, _, unit, day in rows if query.is_inside(unit, day)]
        return {org_id: name for org_id, name, *_ in rows}, inside

    def _lines(self, position: int) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Return the direct predecessors and successors of each organisation."""
        before: dict[str, list[str]] = {}
        after: dict[str, list[str]] = {}
        for predecessor, successor in self._statements.successions(position):
            before.setdefault(successor, []).append(predecessor)
            after.setdefault(predecessor, []).append(successor)
        return before, after

    @staticmethod
    def _last(org_id: str, after: Mapping[str, Sequence[str]]) -> list[str]:
        """Return the organisations without a successor that took the place of one, or itself."""
        ends = [each for each in (org_id, *reached(org_id, after)) if each not in after]
        return ends or [org_id]
