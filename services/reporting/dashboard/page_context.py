"""The context of one page request: its resolved choices, with all reads at one position."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from services.reporting.api.signals import day_of_signals
from services.reporting.dashboard.page_parameters import YEAR_PAGE, default_map
from services.reporting.dashboard.texts.formatting import PageTexts
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import Filters, Pin, Queries, SummaryQuery, naming_day
from shared.clock import Clock, day_in_vietnam
from shared.errors import NotFound
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import MapChoice, lies_ahead, map_choice
from shared.web.answers.pagination import Page, decode_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from services.reporting.dashboard.page_parameters import PageParameters
    from services.reporting.dashboard.provinces.lines import Lines
    from services.reporting.integrity.evidence import LogEvidence
    from services.reporting.map_snapshots import Life
    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.filters import Item
    from shared.vocabulary import AdministrativeLevel
    from shared.web.answers.pagination import Listed

NEW_MAP = date(2025, 7, 1)
"""From this day on there are no districts, and most communes are made of several former ones."""
MOST_FIGURES = 5_000


@dataclass(frozen=True)
class PageContext:
    """A page with its choices; `year` is the chosen one, else the latest with any data.

    The country is treated as the nation, under one name and one address. `life` is the chosen
    unit's; `years` are those with any data in the log; `known_ahead` means that the chosen day of
    knowledge has not passed yet, so the page shows the current state.
    """

    reads: Queries
    choice: PageParameters
    words: PageTexts
    as_of: AsOf
    map: MapChoice
    year: int
    years: Sequence[int]
    today: date
    life: Life | None
    known_ahead: bool
    evidence: LogEvidence | None = None
    lines: Lines | None = None

    @classmethod
    def of(
        cls,
        pin: Pin,
        choice: PageParameters,
        clock: Clock,
        evidence: LogEvidence | None = None,
        lines: Lines | None = None,
    ) -> PageContext:
        """Resolve the choices; raises the reads' errors about a moment or a map (422, 503)."""
        reads, as_of = pin(choice.known_at)
        today = day_in_vietnam(clock())
        unit = None if choice.unit == reads.country(as_of) else choice.unit
        life = None if unit is None else reads.life(unit, as_of, today)
        years = sorted(reads.years(), reverse=True)
        year = choice.year or (years[0] if years else today.year)
        return cls(
            reads=reads,
            choice=replace(choice, year=year, unit=unit),
            words=PageTexts(choice.lang),
            as_of=as_of,
            map=map_choice(choice.map or default_map(life, today), clock),
            year=year,
            years=years,
            today=today,
            life=life,
            known_ahead=choice.known_at is not None and lies_ahead(choice.known_at, clock),
            evidence=evidence,
            lines=lines,
        )

    @property
    def day(self) -> date:
        """Return the day that decides the names shown."""
        return naming_day(self.map, self.year)

    @property
    def known_day(self) -> date:
        """Return the day of knowledge: the one that the page shows the state of."""
        return day_of_signals(self.choice.known_at, self.as_of, self.today)

    @property
    def unit(self) -> str | None:
        """Return the chosen unit, None for the nation."""
        return self.choice.unit

    @property
    def before_new_map(self) -> bool:
        """Say whether most of the year's registrations are in units that the map lacks."""
        return self.map.day is not None and self.map.day < NEW_MAP and self.year >= NEW_MAP.year

    def summary(
        self,
        by: Iterable[str] = (),
        *,
        year: int | None = None,
        map_: MapChoice | None = None,
        as_of: AsOf | None = None,
        level: AdministrativeLevel | None = None,
    ) -> dict[str, Any]:
        """Return the summary of the scope: of the chosen year, map and moment, unless stated."""
        query = SummaryQuery(
            self.unit, year or self.year, DEFAULT_PROGRAMME, map_ or self.map, read_by(by), level
        )
        return self.reads.summary(query, as_of or self.as_of)

    def filters(
        self, cell: Mapping[str, str | bool | None] | None = None, *, every_year: bool = False
    ) -> Filters:
        """Return the filters of the scope: for a year's figure in a cell, or for all assertions."""
        year = None if every_year else self.year
        programme = None if every_year else DEFAULT_PROGRAMME
        return Filters(self.unit, year, programme, self.map, cell or {})

    def demonstration(self, *years: int) -> list[str]:
        """Return the kinds of demonstration data that are part of the scope's figures."""
        try:
            return self.reads.demonstration(self.filters(every_year=True), years, self.as_of)
        except NotFound:  # the page shows nothing of a unit that the map lacks
            return []

    def called(self, units: Iterable[tuple[str, date]]) -> Callable[[str, date], str]:
        """Return a function for the name of each of these units on its day."""
        names = self.reads.called(units, self.as_of)
        return lambda unit_id, day: names.get((unit_id, day)) or unit_id

    def unit_address(self, unit_id: str, path: str = YEAR_PAGE, /, **changed: object) -> str:
        """Return the address of a page of another unit.

        It keeps the map of this page if the unit is on it, else it takes the unit's default map.
        """
        life = self.reads.life(unit_id, self.as_of, self.today)
        own = default_map(life, self.today)
        on_map = self.map.day is None or (life is not None and life.exists(self.map.day))
        kept = self.choice.map or (None if self.map.stated == own else self.map.stated)
        unit = None if unit_id == self.reads.country(self.as_of) else unit_id
        stated = {"unit": unit, "map": kept if on_map else None, **changed}
        return self.choice.address(path, **stated)

    def place(self) -> str:
        """Return the name of the scope."""
        if self.unit is None:
            return self.words("nation")
        return self.called([(self.unit, self.day)])(self.unit, self.day)


def page_of(parameters: Mapping[str, str], limit: int) -> Page:
    """Return the page of a list that `cursor` names; an unreadable cursor is 422."""
    cursor = parameters.get("cursor")
    return Page(limit, None if cursor is None else decode_cursor(cursor))


def every(read: Callable[[Page], Listed]) -> list[Item]:
    """Return all items of a list, up to the limit of what a page can sensibly show."""
    found: list[Item] = []
    listed = read(Page(limit=1_000))
    found.extend(listed.items)
    while listed.after is not None and len(found) < MOST_FIGURES:
        listed = read(Page(limit=1_000, place=listed.after))
        found.extend(listed.items)
    return found
