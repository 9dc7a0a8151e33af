"""Signals of single registrations: their promises, their inspection, their decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from services.reporting.figures.measures import AwardBits
from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.figures.members import is_among
from services.reporting.readmodels.registrations.state import SUBJECT
from services.reporting.signals.found import Found, SignalLevel, SignalRows
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from services.reporting.queries.filters import Item
    from services.reporting.signals.material import Material, States

REGISTRATION_ROW = (
    "registration_id",
    "model_id",
    "title",
    "unit_id",
    "unit_name",
    "occurred_on",
    "owner_org_id",
)


def chosen_registrations(
    material: Material,
    states: States,
    chosen: NDArray[np.bool_],
    columns: Sequence[str],
    more: Callable[[int, Mapping[str, Any]], Item] = lambda _thing, _row: {},
) -> Found:
    """Return chosen registrations as an answer; `more` returns further columns of a row."""
    things = states.things[chosen].tolist()
    if not things:
        return Found(SignalLevel.CLEAR)

    def read(numbers: Sequence[int]) -> list[Item]:
        by_thing = {
            row["thing"]: row
            for row in material.sources.lists.registration_items(material.query, numbers)
        }
        rows = [(number, by_thing[number]) for number in numbers]
        return [{**{c: row[c] for c in columns}, **more(thing, row)} for thing, row in rows]

    return Found(SignalLevel.LOOK, len(things), states.counted(chosen), SignalRows(things, read))


def promise_thin(material: Material) -> Found:
    """Return registrations without objectives, criteria and outputs, or later without an outcome.

    Outcomes are asked for after their deadline.
    """
    states = material.registrations
    registered = states.bits & Bits.REGISTERED != 0
    unpromised = registered & (states.bits & Bits.PROMISED == 0)
    due = material.today > material.limits.deadlines["outcome"]
    reported = np.ones(len(states.things), np.bool_)
    if due:
        subjects = material.sources.keys.of(material.year, states.things).subjects
        reported = is_among(subjects, material.with_outcome())
    promised = set(states.things[registered & ~unpromised].tolist())
    silent = set(states.things[registered & ~reported].tolist())

    def more(thing: int, _row: Mapping[str, Any]) -> Item:
        return {
            "promised": thing in promised,
            "outcome_reported": thing not in silent if due else None,
        }

    return chosen_registrations(
        material, states, unpromised | (registered & ~reported), REGISTRATION_ROW, more
    )


def recognized_uninspected(material: Material) -> Found:
    """Return recognised registrations that no inspection of the year names or covers.

    An inspection covers the registrations that it names, those of its organisation, and where it
    names no organisation those of its unit.
    """
    states, cube = material.registrations, material.sources.cubes.registrations
    recognized = states.bits & Bits.RECOGNIZED != 0
    if not recognized.any():
        return Found(SignalLevel.CLEAR)
    conducted = [
        row
        for row in material.statements(material.sources.catalog.inspections, material.year)
        if row["state"] == "conducted"
    ]
    named = {each for row in conducted for each in row["registration_ids"].split()}
    orgs = {row["org_id"] for row in conducted if row["org_id"]}
    units = {row["unit_id"] for row in conducted if not row["org_id"]}
    covered = (
        np.isin(states.things, _things_of(material, named))
        | np.isin(states.orgs, _numbers(cube.cache.orgs.words, orgs))
        | np.isin(states.units, _numbers(cube.cache.units.words, units))
    )
    columns = (*REGISTRATION_ROW, "recognized_on", "decision_number", "decided_by_org_id")
    return chosen_registrations(material, states, recognized & ~covered, columns)


def decision_without_number(material: Material) -> Found:
    """Return recognitions and awards whose decision has no number."""
    states, awards = material.registrations, material.awards
    unnumbered = states.bits & Bits.DECISION_WITHOUT_NUMBER != 0
    unnumbered_awards = awards.bits & AwardBits.DECISION_WITHOUT_NUMBER != 0
    keys = [
        *((True, each) for each in states.things[unnumbered].tolist()),
        *((False, each) for each in awards.things[unnumbered_awards].tolist()),
    ]
    if not keys:
        return Found(SignalLevel.CLEAR)
    by_unit = states.counted(unnumbered)
    for below, count in awards.counted(unnumbered_awards).items():
        by_unit[below] = by_unit.get(below, 0) + count

    def read(some: Sequence[tuple[bool, int]]) -> list[Item]:
        lists = material.sources.lists
        registrations = lists.registration_items(material.query, [n for of, n in some if of])
        awarded = lists.award_items(material.query, [n for of, n in some if not of])
        rows = {(True, row["thing"]): _unnumbered(row) for row in registrations}
        rows |= {(False, row["thing"]): _unnumbered_award(row) for row in awarded}
        return [rows[key] for key in some]

    return Found(SignalLevel.LOOK, len(keys), by_unit, SignalRows(keys, read))


def _unnumbered(row: Item) -> Item:
    kept = {name: row[name] for name in ("registration_id", "title", "unit_id", "unit_name")}
    decided = {"occurred_on": row["recognized_on"], "decided_by_org_id": row["decided_by_org_id"]}
    return {**kept, "award_id": None, "award_form": None, **decided}


def _unnumbered_award(row: Item) -> Item:
    names = ("award_id", "unit_id", "unit_name", "occurred_on", "award_form")
    kept = {name: row[name] for name in names}
    by = row["grantor_org_id"]
    return {**kept, "registration_id": None, "title": None, "decided_by_org_id": by}


def _things_of(material: Material, registration_ids: Collection[str]) -> list[int]:
    if not registration_ids:
        return []
    table = material.sources.catalog.registrations.things.c
    with material.sources.store.reading() as connection:
        subjects = [SUBJECT + each for each in registration_ids]
        query = select(table.thing).where(among(connection, table.subject, subjects))
        return list(connection.scalars(query))


def _numbers(words: Sequence[tuple[Any, ...]], wanted: Collection[str]) -> list[int]:
    if not wanted:
        return []
    return [number for number, word in enumerate(words) if word and word[0] in wanted]
