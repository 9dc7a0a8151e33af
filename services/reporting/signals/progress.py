"""The progress of a year: the targets of its plans, and registrations added up by month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
from sqlalchemy import select

from services.reporting.figures.measures import RegistrationBits
from services.reporting.readmodels.parts.version_rows import known_at
from shared.vocabulary import DEFAULT_PROGRAMME, Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from services.reporting.signals.material import Material, States

_MONTHS = range(1, 13)


class PlanTarget(NamedTuple):
    """The target of one measure, and the plan that states it."""

    measure: Measure
    value: float
    org_id: str
    document_number: str | None


class YearProgress(NamedTuple):
    """The targets of a scope and year, and its registrations up to the end of each month.

    `now` ends with the month of the day of knowledge; `before` is the whole year before.
    """

    targets: Sequence[PlanTarget]
    now: Sequence[int]
    before: Sequence[int]


def progress_of(material: Material) -> YearProgress:
    """Return the progress of the scope's year."""
    now = _by_month(material.registrations, material.year)
    if material.today.year <= material.year:
        passed = material.today.month if material.today.year == material.year else 0
        now = now[:passed]
    before = _by_month(material.last_year, material.year - 1)
    return YearProgress(list(_targets(material)), now, before)


def understood(targets: object) -> Iterator[tuple[Measure, float]]:
    """Yield the targets of a plan in the documented form; all others are ignored.

    The form is an object from the code of a measure to a number, or a list of objects with
    `measure` and `value` alone. Of several for one measure the last is taken.
    """
    if isinstance(targets, dict):
        stated: Iterable[tuple[object, object]] = targets.items()
    elif isinstance(targets, list):
        whole = (each for each in targets if isinstance(each, dict))
        stated = [(e["measure"], e["value"]) for e in whole if set(e) == {"measure", "value"}]
    else:
        return
    known = {str(measure): measure for measure in Measure}
    found: dict[Measure, float] = {}
    for name, value in stated:
        number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        if number and isinstance(name, str) and name in known:
            found[known[name]] = value  # type: ignore[assignment]
    yield from found.items()


def _targets(material: Material) -> Iterator[PlanTarget]:
    model = material.sources.catalog.plans
    plan = model.statements.c
    query = (
        select(plan.org_id, plan.document_number, plan.targets)
        .where(model.versions.c.statement == plan.position)
        .where(known_at(model.versions, material.position))
        .where(plan.plan_year == material.year, plan.programme == DEFAULT_PROGRAMME)
        .where(plan.unit_id == material.scope, plan.targets.is_not(None))
        .order_by(plan.position)
    )
    with material.sources.store.reading() as connection:
        rows = connection.execute(query).all()
    order = list(Measure)
    for org_id, number, targets in rows:
        found: list[tuple[Measure, Any]] = sorted(
            understood(orjson.loads(targets)), key=lambda each: order.index(each[0])
        )
        for measure, value in found:
            yield PlanTarget(measure, value, org_id, number)


def _by_month(states: States, year: int) -> list[int]:
    """Return the registrations up to the end of each month, by the day on which they occurred.

    Days before the year count in January, later ones in December.
    """
    days = states.days[states.bits & RegistrationBits.REGISTERED != 0]
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
