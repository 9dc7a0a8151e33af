"""The signal of silent units: those below the scope, or the scope itself where it has none."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from services.reporting.signals.found import Found
from shared.vocabulary import Dimension, Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.reporting.queries.filters import Item
    from services.reporting.signals.material import Below, Material

_Days = dict[str | None, int]
"""The last day, as an ordinal, by unit below the scope."""


def unit_silent(material: Material) -> Found:
    """Return the units without a registration by the deadline, or without any event for long.

    Judged are units with registrations in the year before or in the year; events count by the day
    on which they occurred or were recorded, up to the last day of the year.
    """
    deadline = material.limits.deadlines["registration"]
    patience = int(material.limits.threshold("unit_silent", "days"))
    first, until = date(material.year, 1, 1), min(material.today, date(material.year, 12, 31))
    if material.today <= deadline and (until - first).days < patience:
        return Found.early()
    now, before = _registered(material, material.year), _registered(material, material.year - 1)
    last = _last_days(material, until)
    rows: list[Item] = []
    judged: list[str | None] = [*material.children()] or [material.scope]
    for unit_id in judged:
        if unit_id is None or not (before.get(unit_id) or now.get(unit_id)):
            continue
        heard = last.get(unit_id)
        quiet = until.toordinal() - max(heard or 0, first.toordinal())
        unregistered = material.today > deadline and not now.get(unit_id)
        silent = quiet >= patience
        if not unregistered:
            silent = silent and not _recorded_lately(material, unit_id, until, patience)
        if unregistered or silent:
            rows.append(
                {
                    "unit_id": unit_id,
                    "unit_name": material.unit_name(unit_id),
                    "reason": "no_registration" if unregistered else "no_event",
                    "last_event_on": heard and date.fromordinal(heard).isoformat(),
                    "days_silent": quiet,
                    "registered_last_year": before.get(unit_id, 0),
                }
            )
    return Found.of(rows, [row["unit_id"] for row in rows])


def _registered(material: Material, year: int) -> dict[Below, int]:
    found = material.figures((Dimension.UNIT,), year=year)
    return {label[0]: figures[Measure.REGISTERED] for label, figures in found.items()}


def _last_days(material: Material, until: date) -> _Days:
    """Return the last day on which an event of the year occurred, of those until a day."""
    last: _Days = {}
    for below, day in _days(material, until.toordinal()):
        last[below] = max(last.get(below, 0), day)
    return last


def _days(material: Material, until: int) -> Iterator[tuple[Below, int]]:
    cubes = material.sources.cubes
    others = (cubes.awards, cubes.commendations, cubes.inspections)
    for states in (material.registrations, *(material.states(cube) for cube in others)):
        for days in (states.days, states.tier_days):
            chosen = (days <= until) & (states.bits != 0)
            latest = np.zeros(len(states.labels), np.int64)
            np.maximum.at(latest, states.groups[chosen], days[chosen])
            yield from ((b, d) for b, d in zip(states.labels, latest.tolist(), strict=True) if d)
    catalog = material.sources.catalog
    for model in (catalog.plans, catalog.reviews, catalog.proposals):
        for row in material.statements(model, material.year):
            day = date.fromisoformat(row["occurred_on"])
            inside, below = material.below(row["unit_id"], day)
            if inside and day.toordinal() <= until:
                yield below, day.toordinal()


def _recorded_lately(material: Material, unit_id: str, until: date, patience: int) -> bool:
    """Say whether anything of the unit and year was recorded in the days before `until`."""
    for position in material.last_positions.get(unit_id, ()):
        day = material.sources.recorded_on(position)
        if day is not None and 0 <= (until - day).days < patience:
            return True
    return False
