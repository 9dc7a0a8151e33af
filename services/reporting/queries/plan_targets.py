"""The targets of plans: those of a scope itself, and those of the units inside it, added up."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import select

from services.reporting.readmodels.parts.version_rows import known_at
from shared.vocabulary import DEFAULT_PROGRAMME, Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from services.reporting.signals.material import Material
    from shared.vocabulary import AdministrativeLevel


class PlanTarget(NamedTuple):
    """The target of one measure, and the plan that states it.

    `unit_id` is the unit on the map that the plan is of, `level` its level; both None where the
    map does not tell it.
    """

    measure: Measure
    value: float
    org_id: str
    document_number: str | None
    unit_id: str | None
    level: AdministrativeLevel | None


class SubordinateTargets(NamedTuple):
    """The targets of one measure in plans of units inside a scope.

    `total` is their sum, None where they overlap: two plans of one unit, or plans of units of
    different levels, of which one may be inside the other.
    """

    measure: Measure
    total: float | None
    targets: Sequence[PlanTarget]


class PlanTargets(NamedTuple):
    """The targets of a scope and year: its own, and those of the units inside it by measure."""

    own: Sequence[PlanTarget]
    subordinate: Sequence[SubordinateTargets]


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


def targets_of(material: Material) -> PlanTargets:
    """Return the targets of the scope's year."""
    own: list[PlanTarget] = []
    below: dict[Measure, list[PlanTarget]] = {}
    units: dict[Measure, Counter[str]] = {}
    for recorded, target in _targets(material):
        if recorded == material.scope:
            own.append(target)
        else:
            below.setdefault(target.measure, []).append(target)
            units.setdefault(target.measure, Counter())[recorded] += 1
    order = list(Measure)
    subordinate = [
        SubordinateTargets(measure, _sum(below[measure], units[measure]), below[measure])
        for measure in sorted(below, key=order.index)
    ]
    return PlanTargets(own, subordinate)


def _sum(targets: Sequence[PlanTarget], units: Counter[str]) -> float | None:
    """Return the sum of targets that do not overlap, else None."""
    levels = {each.level for each in targets}
    if len(levels) > 1 or None in levels or max(units.values()) > 1:
        return None
    return sum(each.value for each in targets)


def _targets(material: Material) -> Iterator[tuple[str, PlanTarget]]:
    """Yield the unit as recorded and the target, for each plan and measure in the scope."""
    model = material.sources.catalog.plans
    plan = model.statements.c
    query = (
        select(plan.org_id, plan.document_number, plan.targets, plan.unit_id, plan.occurred_on)
        .where(model.versions.c.statement == plan.position)
        .where(known_at(model.versions, material.position))
        .where(plan.plan_year == material.year, plan.programme == DEFAULT_PROGRAMME)
        .where(plan.targets.is_not(None))
        .order_by(plan.position)
    )
    with material.sources.store.reading() as connection:
        rows = connection.execute(query).all()
    order = list(Measure)
    for org_id, number, targets, unit_id, occurred_on in rows:
        if not material.query.is_inside(unit_id, occurred_on):
            continue
        found: list[tuple[Measure, Any]] = sorted(
            understood(orjson.loads(targets)), key=lambda each: order.index(each[0])
        )
        unit, level = _placed(material, unit_id, occurred_on) if found else (None, None)
        for measure, value in found:
            yield unit_id, PlanTarget(measure, value, org_id, number, unit, level)


def _placed(
    material: Material, unit_id: str, occurred_on: str
) -> tuple[str | None, AdministrativeLevel | None]:
    """Return the unit of a plan on the map, and its level."""
    snapshot = material.query.snapshot
    day = material.query.filters.map.day or date.fromisoformat(occurred_on)
    with snapshot.lock:
        located = snapshot.locate(unit_id, day)
        if not located.allocated:
            return None, None
        unit = located.path[-1]
        return unit, snapshot.level(unit, day)
