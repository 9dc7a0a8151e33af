"""The signals of documents: plans that are missing, published figures that differ."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from services.reporting.figures.measures import RegistrationBits
from services.reporting.readmodels.parts.version_rows import known_at
from services.reporting.signals.found import Found, SignalLevel, SignalRows
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from services.reporting.queries.filters import Item
    from services.reporting.signals.material import Below, Material

_Required = dict[str, tuple[str, "Below"]]
"""The unit of each organisation, and the unit below the scope to which it belongs."""


def plan_missing(material: Material) -> Found:
    """Return the organisations without a plan of the year after its deadline.

    Required are those in the scope of a plan of the year, and those that owned registrations the
    year before; an organisation that was succeeded passes this on.
    """
    deadline = material.limits.deadlines["plan"]
    if material.today <= deadline:
        return Found.early()
    plans = list(material.statements(material.sources.catalog.plans, material.year))
    issued = {plan["org_id"] for plan in plans}
    named = {org for plan in plans for org in plan["scope_org_ids"].split()}
    successors = _successors(material)
    required = {**_defined(material, named), **_owners(material)}
    missing: _Required = {}
    for org_id, place in required.items():
        last = _last_of(org_id, successors)
        if not issued & {org_id, last}:
            missing.setdefault(last, place)
    if not missing:
        return Found(SignalLevel.CLEAR)
    late = (material.today - deadline).days

    def read(org_ids: Sequence[str]) -> list[Item]:
        last_plans = _last_plans(material, org_ids)
        return [
            {
                "org_id": org_id,
                "unit_id": missing[org_id][0],
                "unit_name": material.unit_name(missing[org_id][0]),
                "deadline": deadline.isoformat(),
                "days_late": late,
                "last_plan_year": last_plans.get(org_id),
            }
            for org_id in org_ids
        ]

    by_unit = Counter(below for _, below in missing.values())
    return Found(SignalLevel.LOOK, len(missing), by_unit, SignalRows(sorted(missing), read))


def _owners(material: Material) -> _Required:
    """Return the owners of registrations of the year before."""
    states, cube = material.last_year, material.sources.cubes.registrations
    owned = np.flatnonzero((states.orgs > 0) & (states.bits & RegistrationBits.REGISTERED != 0))
    orgs, first = np.unique(states.orgs[owned], return_index=True)
    places = owned[first]
    return {
        material.word(cube, "org", org): (material.word(cube, "unit", unit), states.labels[group])
        for org, unit, group in zip(
            orgs.tolist(),
            states.units[places].tolist(),
            states.groups[places].tolist(),
            strict=True,
        )
    }


def _defined(material: Material, org_ids: Collection[str]) -> _Required:
    """Return these organisations where they were defined, in the scope."""
    return {
        row["org_id"]: (row["unit_id"], below)
        for row in _definitions(material, org_ids)
        for inside, below in [
            material.below(row["unit_id"], date.fromisoformat(row["occurred_on"]))
        ]
        if inside
    }


def _definitions(material: Material, org_ids: Collection[str]) -> Iterator[Mapping[str, Any]]:
    if not org_ids:
        return
    model = material.sources.catalog.organizations
    statement = model.statements.c
    query = select(statement.org_id, statement.unit_id, statement.occurred_on).where(
        model.versions.c.statement == statement.position,
        known_at(model.versions, material.position),
    )
    with material.sources.store.reading() as connection:
        theirs = among(connection, statement.org_id, org_ids)
        rows = connection.execute(query.where(theirs)).mappings().all()
    yield from (dict(row) for row in rows)


def _successors(material: Material) -> Mapping[str, str]:
    return {
        each: row["successor"]
        for row in material.statements(material.sources.catalog.successions, None)
        for each in row["predecessors"].split()
    }


def _last_of(org_id: str, successors: Mapping[str, str]) -> str:
    """Return the organisation that has taken the place of another by now."""
    seen = {org_id}
    while (following := successors.get(org_id)) is not None and following not in seen:
        seen.add(following)
        org_id = following
    return org_id


def _last_plans(material: Material, org_ids: Sequence[str]) -> dict[str, int]:
    """Return the latest earlier year for which each organisation has issued a plan."""
    model = material.sources.catalog.plans
    statement = model.statements.c
    query = (
        select(statement.org_id, func.max(statement.plan_year))
        .where(model.versions.c.statement == statement.position)
        .where(known_at(model.versions, material.position))
        .where(statement.plan_year < material.year)
        .group_by(statement.org_id)
    )
    with material.sources.store.reading() as connection:
        theirs = among(connection, statement.org_id, org_ids)
        return {row[0]: row[1] for row in connection.execute(query.where(theirs))}


def sum_differs(material: Material) -> Found:
    """Return the asserted figures of the scope and year that differ from the log."""
    items = material.sources.differing(material.query)
    last_day = date(material.year, 12, 31)
    below = [material.below(item["unit_id"], last_day)[1] for item in items]
    rows = [{**item, "unit_name": material.unit_name(item["unit_id"])} for item in items]
    return Found.of(rows, below)
