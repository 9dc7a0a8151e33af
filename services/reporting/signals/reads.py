"""Signals as known at a position: those of a scope and year, the rows of one, its past."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from services.reporting.domain.assertions import Result
from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.queries.filters import ListQuery
from services.reporting.signals.catalog import SIGNALS
from services.reporting.signals.entity_keys import OutcomeKeys, RegistrationKeys
from services.reporting.signals.found import Found, SignalCode, SignalLevel
from services.reporting.signals.limits import Limits, limits_of
from services.reporting.signals.material import Material, Sources
from services.reporting.signals.near_duplicates import AT_ONCE
from services.reporting.signals.progress import YearProgress, progress_of
from shared.clock import day_in_vietnam
from shared.errors import NotFound
from shared.web.answers.pagination import Listed, Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.figures.cube import Cubes
    from services.reporting.map_snapshots import MapSnapshots
    from services.reporting.queries.as_of import AsOf, AsOfResolver
    from services.reporting.queries.filters import Filters, Item
    from services.reporting.queries.lists.registrations_and_awards import EntityLists
    from services.reporting.queries.reconciliation import Reconciliation
    from services.reporting.readmodels.catalog import Catalog
    from shared.eventlog.protocol import Reader
    from shared.readmodel.store import Store

ANSWERS_KEPT = 512
NUMBERS_KEPT = 4_096
COMPARED_EACH_DAY = 2_000
"""Up to this number of registrations near duplicates are computed for every day of a feed."""
PROGRESS_KEPT = 64
MATERIALS_KEPT = 2
"""The entities of two years of a nation take some tens of megabytes."""
PAST_MONTHS = 6
_PAGE = 1_000

Numbers: TypeAlias = "Mapping[SignalCode, int | None]"


@dataclass(frozen=True)
class SignalQuery:
    """The question: the scope, year and map of `filters`, as known at a position and on a day.

    `today` decides whether a deadline has passed: the day of knowledge.
    """

    filters: Filters
    as_of: AsOf
    today: date

    @property
    def year(self) -> int:
        """Return the year, which is always stated."""
        assert self.filters.plan_year is not None  # noqa: S101  required by the routes
        return self.filters.plan_year


class OtherReads(NamedTuple):
    """The reads that signals share with the rest of reporting."""

    cubes: Cubes
    maps: MapSnapshots
    lists: EntityLists
    reconciliation: Reconciliation
    moments: AsOfResolver


class SignalState(NamedTuple):
    """One signal of a scope and year, with the limits that it was judged by."""

    code: SignalCode
    found: Found
    limits: Limits


class PastNumber(NamedTuple):
    """The number of a signal as known at the end of a day; None where it cannot be said."""

    day: date
    position: int
    number: int | None


class Signals:
    """Answers signals; an answer at a position is kept, as it never changes."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        catalog: Catalog,
        others: OtherReads,
    ) -> None:
        self._log = log
        self._maps = others.maps
        self._moments = others.moments
        self._reconciliation = others.reconciliation
        self._sources = Sources(
            store,
            catalog,
            others.cubes,
            others.lists,
            RegistrationKeys(store, catalog.registrations),
            OutcomeKeys(store, catalog.outcomes),
            self._differing,
            self._recorded_on,
        )
        self._lock = threading.Lock()
        self._answers: OrderedDict[object, Found] = OrderedDict()
        self._numbers: OrderedDict[object, Numbers] = OrderedDict()
        self._materials: OrderedDict[object, Material] = OrderedDict()
        self._progress: OrderedDict[object, YearProgress] = OrderedDict()

    def every(self, query: SignalQuery) -> list[SignalState]:
        """Return all signals; near duplicates of a large scope only if they are known already."""
        material = self._material(query)
        return [
            SignalState(code, self._found(code, query, material, patient=False), material.limits)
            for code in SIGNALS
        ]

    def numbers(self, query: SignalQuery) -> Numbers:
        """Return the number of each signal that says: to be looked at; none for an unknown scope.

        It is None for near duplicates of a larger scope, also where they are known already.
        """
        key = _key(query)
        with self._lock:
            if key in self._numbers:
                self._numbers.move_to_end(key)
                return self._numbers[key]
        numbers = self._numbers_of(query)
        with self._lock:
            self._numbers[key] = numbers
            while len(self._numbers) > NUMBERS_KEPT:
                self._numbers.popitem(last=False)
        return numbers

    def _numbers_of(self, query: SignalQuery) -> Numbers:
        try:
            material = self._material(query)
        except NotFound:
            return {}
        numbers: dict[SignalCode, int | None] = {}
        for code in SIGNALS:
            if code is SignalCode.NEAR_DUPLICATE and _registered(material) > COMPARED_EACH_DAY:
                numbers[code] = None
                continue
            found = SIGNALS[code].find(material)
            if found.level is SignalLevel.LOOK:
                numbers[code] = found.number
        return numbers

    def one(self, code: SignalCode, query: SignalQuery) -> SignalState:
        """Return one signal."""
        material = self._material(query)
        found = self._found(code, query, material, patient=True)
        return SignalState(code, found, material.limits)

    def rows(self, code: SignalCode, query: SignalQuery, page: Page) -> Listed:
        """Return a page of the rows of a signal; its cursor keeps position, map and day."""
        start = page.after("start", 0)
        found = self.one(code, query).found
        items = found.rows.part(max(start, 0), page.limit)
        following = start + len(items)
        if following >= len(found.rows.keys):
            return Listed(items, None)
        day = query.filters.map.day
        place = {
            "at": query.as_of.position,
            "day": day.isoformat() if day else "",
            "today": query.today.isoformat(),
            "start": following,
        }
        return Listed(items, place)

    def progress(self, query: SignalQuery) -> YearProgress:
        """Return the targets of a scope and year, and its registrations by month."""
        key = _key(query)
        with self._lock:
            kept = self._progress.get(key)
        if kept is None:
            kept = progress_of(self._material(query))
            with self._lock:
                self._progress[key] = kept
                while len(self._progress) > PROGRESS_KEPT:
                    self._progress.popitem(last=False)
        return kept

    def past(self, code: SignalCode, query: SignalQuery) -> list[PastNumber]:
        """Return the number as known at the ends of the last months before the day of knowledge.

        The map is that of the query; the number is None before the scope was known, and for near
        duplicates of a large scope.
        """
        found: list[PastNumber] = []
        end = query.today.replace(day=1) - timedelta(days=1)
        for _ in range(PAST_MONTHS):
            as_of = replace(self._moments.resolve(end.isoformat()), edition=query.as_of.edition)
            if as_of.position > query.as_of.position:
                as_of = query.as_of
            found.append(PastNumber(end, as_of.position, self._number(code, query, as_of, end)))
            end = end.replace(day=1) - timedelta(days=1)
        return found[::-1]

    def _number(self, code: SignalCode, query: SignalQuery, as_of: AsOf, day: date) -> int | None:
        earlier = replace(query, as_of=as_of, today=day)
        try:
            material = self._material(earlier)
            return self._found(code, earlier, material, patient=False).number
        except NotFound:  # a unit that was not known then
            return None

    def _found(
        self, code: SignalCode, query: SignalQuery, material: Material, *, patient: bool
    ) -> Found:
        key = (code, *_key(query))
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        if code is SignalCode.NEAR_DUPLICATE and not patient and _registered(material) > AT_ONCE:
            return Found(SignalLevel.LATER, None)
        found = SIGNALS[code].find(material)
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return found

    def _material(self, query: SignalQuery) -> Material:
        """Return what the signals of a query read; raises NotFound for a scope not on the map."""
        key = _key(query)
        with self._lock:
            if key in self._materials:
                self._materials.move_to_end(key)
                return self._materials[key]
        list_query = ListQuery.of(query.filters, query.as_of, Page(_PAGE), self._maps)
        limits = limits_of(query.year, list_query.scope.unit_id, list_query.snapshot)
        material = Material(self._sources, list_query, query.year, query.today, limits)
        with self._lock:
            self._materials[key] = material
            while len(self._materials) > MATERIALS_KEPT:
                self._materials.popitem(last=False)
        return material

    def _differing(self, list_query: ListQuery) -> list[Item]:
        """Return the asserted figures of a scope and year that differ from the log."""
        filters = replace(list_query.filters, plan_year=None, programme=None)
        found: list[Item] = []
        page: Page | None = Page(_PAGE)
        while page is not None:
            asked = replace(list_query, filters=filters, page=page)
            listed = self._reconciliation.page(asked, list_query.filters.plan_year)
            found += [each for each in listed.items if each["result"] == Result.DIFFERS]
            page = None if listed.after is None else Page(_PAGE, listed.after)
        return found

    def _recorded_on(self, position: int) -> date | None:
        place = self._log.at(position)
        return None if place is None else day_in_vietnam(place.recorded_us)


def _key(query: SignalQuery) -> tuple[object, ...]:
    filters = query.filters
    chosen = (filters.map.stated, filters.map.day)
    return filters.unit_id, query.year, chosen, query.as_of.position, query.today


def _registered(material: Material) -> int:
    registered = material.registrations.bits & Bits.REGISTERED != 0
    return int(registered.sum())
