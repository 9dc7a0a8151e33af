"""The progress of a year: the targets of its plans, and registrations added up by month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from services.reporting.figures.measures import RegistrationBits
from services.reporting.queries.plan_targets import PlanTargets, targets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from services.reporting.signals.material import Material, States

_MONTHS = range(1, 13)


class YearProgress(NamedTuple):
    """The targets of a scope and year, and its registrations up to the end of each month.

    `now` ends with the month of the day of knowledge; `before` is the whole year before. `only_day`
    is the day that all registrations of the year bear, None where they bear several.
    """

    targets: PlanTargets
    now: Sequence[int]
    before: Sequence[int]
    only_day: date | None


def progress_of(material: Material) -> YearProgress:
    """Return the progress of the scope's year."""
    now = _by_month(material.registrations, material.year)
    if material.today.year <= material.year:
        passed = material.today.month if material.today.year == material.year else 0
        now = now[:passed]
    before = _by_month(material.last_year, material.year - 1)
    days = _days(material.registrations)
    only_day = date.fromordinal(int(days[0])) if len(days) and days.min() == days.max() else None
    return YearProgress(targets_of(material), now, before, only_day)


def _days(states: States) -> NDArray[np.int64]:
    """Return the day of each registration, as a proleptic ordinal."""
    days: NDArray[np.int64] = states.days[states.bits & RegistrationBits.REGISTERED != 0]
    return days


def _by_month(states: States, year: int) -> list[int]:
    """Return the registrations up to the end of each month, by the day on which they occurred.

    Days before the year count in January, later ones in December.
    """
    days = _days(states)
    firsts = [date(year, month, 1).toordinal() for month in _MONTHS]
    if not len(days):
        return [0] * len(firsts)
    first = int(days.min())
    of_days = np.bincount(days - first)
    known = np.flatnonzero(of_days)
    months = np.searchsorted(firsts, known + first, side="right") - 1
    by_month = np.bincount(np.clip(months, 0, len(firsts) - 1), of_days[known], len(firsts))
    counts: list[int] = np.cumsum(by_month).astype(np.int64).tolist()
    return counts
