"""The signal of near duplicates: two units with models whose titles are almost the same."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import select

from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.readmodels.parts.version_rows import known_at
from services.reporting.signals.found import Found, SignalLevel, SignalRows
from services.reporting.signals.minhash import alike
from shared.database.columns import among
from shared.vocabulary.vietnamese import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from services.reporting.queries.filters import Item
    from services.reporting.signals.material import Material, States

AT_ONCE = 20_000
"""Up to this number of registrations of a scope it is computed with the other signals."""
_FEW = 2_000
"""Up to this number of entities their titles are read by number, else by year."""


class _Twin(NamedTuple):
    """A row: two registrations and their likeness, or the first of many with one common name."""

    first: int
    second: int | None
    likeness: float | None
    shared_by: int | None


def near_duplicate(material: Material) -> Found:
    """Return pairs of registrations in two units with nearly the same title words.

    Words of the owner's name do not count. A title that more registrations share than the
    criterion allows is one row, a common name.
    """
    limits = material.limits.criteria["near_duplicate"]
    states = material.registrations
    registered = np.flatnonzero(states.bits & Bits.REGISTERED != 0)
    classes = _classes(material, states, registered)
    members = list(classes.values())
    units = dict(zip(states.things.tolist(), states.units.tolist(), strict=True))
    likenesses = alike(list(classes), limits["likeness"], int(limits["common"]))
    common, twins = list[_Twin](), list[_Twin]()
    in_groups = {each for group in likenesses.groups for each in group}
    for group in likenesses.groups:
        things = sorted(thing for each in group for thing in members[each])
        common.append(_Twin(things[0], None, None, len(things)))
    for index, things in enumerate(members):
        if len(things) > limits["common"]:
            if index not in in_groups:
                common.append(_Twin(things[0], None, None, len(things)))
        else:
            same = combinations(things, 2)
            twins += [_Twin(a, b, 1.0, None) for a, b in same if units[a] != units[b]]
    for one, other, likeness in likenesses.pairs:
        if max(len(members[one]), len(members[other])) <= limits["common"]:
            pairs = product(members[one], members[other])
            apart = (sorted(pair) for pair in pairs if units[pair[0]] != units[pair[1]])
            twins += [_Twin(first, second, likeness, None) for first, second in apart]
    rows = [*common, *sorted(twins, key=lambda twin: (-(twin.likeness or 0), twin[:2]))]
    if not rows:
        return Found(SignalLevel.CLEAR)
    by_unit = _by_unit(states, rows)
    return Found(
        SignalLevel.LOOK, len(rows), by_unit, SignalRows(rows, lambda some: _items(material, some))
    )


def _by_unit(states: States, rows: Sequence[_Twin]) -> Mapping[str | None, int]:
    """Count each row in every unit below the scope that it names."""
    below = dict(zip(states.things.tolist(), states.groups.tolist(), strict=True))
    counts: Counter[str | None] = Counter()
    for row in rows:
        named = {below[row.first], below[row.second if row.second is not None else row.first]}
        counts.update(states.labels[each] for each in named)
    return counts


def _classes(
    material: Material,
    states: States,
    registered: Any,  # noqa: ANN401  an array of indices
) -> dict[frozenset[str], list[int]]:
    """Return the registrations by their title words, without those of the owner's name."""
    things = states.things[registered].tolist()
    owners = dict(zip(things, states.orgs[registered].tolist(), strict=True))
    names = _owner_names(material, set(owners.values()) - {0})
    cached: dict[tuple[str, int], frozenset[str]] = {}
    classes: dict[frozenset[str], list[int]] = {}
    for thing, title in _titles(material, things):
        key = (title, owners[thing])
        if (words := cached.get(key)) is None:
            words = cached[key] = _words(title, names.get(owners[thing], ""))
        if words:
            classes.setdefault(words, []).append(thing)
    return classes


def _words(title: str, owner: str) -> frozenset[str]:
    text = plain(title)
    if owner:
        text = text.replace(owner, " ")
    return frozenset("".join(c if c.isalnum() else " " for c in text).split())


def _owner_names(material: Material, numbers: Collection[int]) -> dict[int, str]:
    """Return the search form of the names of owners, by interned number."""
    cube = material.sources.cubes.registrations
    org_ids = {material.word(cube, "org", number): number for number in numbers}
    model = material.sources.catalog.organizations
    statement = model.statements.c
    query = select(statement.org_id, statement.name).where(
        model.versions.c.statement == statement.position,
        known_at(model.versions, material.position),
    )
    with material.sources.store.reading() as connection:
        rows = connection.execute(query.where(among(connection, statement.org_id, org_ids))).all()
    return {org_ids[org_id]: plain(name) for org_id, name in rows}


def _titles(material: Material, things: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Return (entity, title) as known at the position, for these entities in order."""
    model = material.sources.catalog.registrations
    title, entity = model.titles.c, model.things.c
    query = select(title.thing, title.title).where(title.from_position <= material.position)
    with material.sources.store.reading() as connection:
        if len(things) <= _FEW:
            query = query.where(among(connection, title.thing, things))
        else:
            query = query.where(entity.thing == title.thing, entity.plan_year == material.year)
        rows = connection.execute(query.order_by(title.thing, title.from_position)).all()
    latest = {row[0]: row[1] for row in rows}
    return ((thing, latest[thing]) for thing in things)


def _items(material: Material, rows: Sequence[_Twin]) -> list[Item]:
    things = {each for row in rows for each in (row.first, row.second) if each is not None}
    items = material.sources.lists.registration_items(material.query, sorted(things))
    by_thing = {item["thing"]: item for item in items}
    return [_item(row, by_thing) for row in rows]


def _item(row: _Twin, by_thing: Mapping[int, Item]) -> Item:
    first = by_thing[row.first]
    second = None if row.second is None else by_thing[row.second]
    days = None
    if second is not None:
        one, other = (date.fromisoformat(each["occurred_on"]) for each in (first, second))
        days = abs((one - other).days)
    names = ("registration_id", "title", "unit_id", "unit_name", "occurred_on")
    return {
        "reason": "common_name" if second is None else "two_units",
        **{name: first[name] for name in names},
        "other_registration_id": second and second["registration_id"],
        "other_title": second and second["title"],
        "other_unit_id": second and second["unit_id"],
        "other_unit_name": second and second["unit_name"],
        "likeness": None if row.likeness is None else round(row.likeness, 3),
        "days_between": days,
        "count": row.shared_by,
    }
