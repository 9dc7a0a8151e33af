"""The signals of a unit that began or ended on a day: two answers of the same functions compared.

A day is compared with the day before it, each as known at its end and on its own map, so that the
answer for a past day stays the same. Signals of the year of the day and of the year before are
compared, as deadlines of a year pass in the next one too.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple, Self

from services.reporting.dashboard.page_parameters import default_map
from services.reporting.queries.filters import Filters
from services.reporting.signals.found import SignalCode
from services.reporting.signals.reads import SignalQuery
from shared.clock import MICROSECONDS, day_in_vietnam
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import CURRENT, RECORDED, MapChoice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.facade import Pin, Queries

_DAY = timedelta(days=1)
_SETTLED_US = 600 * MICROSECONDS
"""A day is over when this has passed since its end: its last event has been stored by then."""


class SignalChange(NamedTuple):
    """A signal of a plan year with its numbers before and after; 0: nothing to be looked at."""

    year: int
    code: SignalCode
    before: int
    after: int


class SignalDay(NamedTuple):
    """A day, the position at its end, its map, and every signal whose number changed on it."""

    day: date
    as_of: AsOf
    map: MapChoice
    changes: Sequence[SignalChange]

    @property
    def is_told(self) -> bool:
        """Say whether a signal began or ended, which a mere change of a number does not."""
        return any(not (each.before and each.after) for each in self.changes)


def signal_day(pin: Pin, unit_id: str, day: date) -> SignalDay:
    """Return what changed on a day that is over."""
    before, after = _At.of(pin, unit_id, day - _DAY), _At.of(pin, unit_id, day)
    found = []
    for year in (day.year, day.year - 1):
        old, new = before.numbers(year), after.numbers(year)
        for code in SignalCode:
            earlier, later = old.get(code, 0), new.get(code, 0)
            # None: not computed for a scope so large.
            if earlier is not None and later is not None and earlier != later:
                found.append(SignalChange(year, code, earlier, later))
    return SignalDay(day, after.as_of, after.map, found)


def is_before_everything(pin: Pin, day: date) -> bool:
    """Say whether nothing was recorded until the end of a day."""
    return pin(day.isoformat())[1].position == 0


def last_day(now_us: int) -> date:
    """Return the last day that is over."""
    return day_in_vietnam(now_us - _SETTLED_US) - _DAY


class _At(NamedTuple):
    """A unit at the end of a day."""

    reads: Queries
    unit_id: str
    day: date
    as_of: AsOf
    map: MapChoice

    @classmethod
    def of(cls, pin: Pin, unit_id: str, day: date) -> Self:
        reads, as_of = pin(day.isoformat())
        return cls(reads, unit_id, day, as_of, _map_of(reads, unit_id, day, as_of))

    def numbers(self, year: int) -> Mapping[SignalCode, int | None]:
        scope = None if self.unit_id == self.reads.country(self.as_of) else self.unit_id
        filters = Filters(scope, year, DEFAULT_PROGRAMME, self.map)
        return self.reads.signals.numbers(SignalQuery(filters, self.as_of, self.day))


def _map_of(reads: Queries, unit_id: str, day: date, as_of: AsOf) -> MapChoice:
    """Return the default map of the unit's pages as it was on the day."""
    stated = default_map(reads.life(unit_id, as_of, day), day)
    if stated == RECORDED:
        return MapChoice(RECORDED, None)
    chosen = day if stated == CURRENT else date.fromisoformat(stated)
    return MapChoice(chosen.isoformat(), chosen)
