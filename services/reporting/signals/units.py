"""Signals that judge a unit and each unit directly below it by their figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.figures.measures import TASKED
from services.reporting.signals.found import Found
from shared.vocabulary import Dimension, Measure, TaxonomyKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from services.reporting.queries.filters import Item
    from services.reporting.signals.material import Material

_TO_NORMAL = 0.6745
"""The third quartile of the standard normal distribution: makes a MAD comparable to a deviation."""


@dataclass
class UnitFigures:
    """The figures of one judged unit."""

    unit_id: str
    registered: int = 0
    recognized: int = 0
    tasked: int = 0
    by_field: Counter[str | None] = field(default_factory=Counter)

    def add(self, field_code: str | None, figures: Mapping[str, int]) -> None:
        """Add the figures of one field."""
        self.registered += figures[Measure.REGISTERED]
        self.recognized += figures[Measure.RECOGNIZED]
        self.tasked += figures[TASKED]
        self.by_field[field_code] += figures[Measure.REGISTERED]


def judged_units(material: Material) -> list[UnitFigures]:
    """Return the scope, then each unit directly below it with any registration."""
    if material.scope is None:
        return []
    whole = UnitFigures(material.scope)
    parts: dict[str, UnitFigures] = {}
    table = material.figures((Dimension.UNIT, Dimension.FIELD))
    for (unit_id, field_code), figures in table.items():
        whole.add(field_code, figures)
        if unit_id not in {None, material.scope}:
            parts.setdefault(unit_id, UnitFigures(unit_id)).add(field_code, figures)
    return [whole, *(parts[each] for each in sorted(parts))]


def task_unlinked(material: Material) -> Found:
    """Return the units where too many registrations name no task that they serve."""
    most, least = (material.limits.threshold("task_unlinked", each) for each in ("share", "least"))
    units = judged_units(material)
    rows = [
        _share_row(material, each, each.registered - each.tasked, each.registered)
        for each in units
        if each.registered >= least and each.registered - each.tasked > most * each.registered
    ]
    return _answer(rows, units, least)


def field_concentrated(material: Material) -> Found:
    """Return the units with most registrations in one field, and fields that have none."""
    limits = material.limits
    most, least = (limits.threshold("field_concentrated", each) for each in ("share", "least"))
    taxonomy = material.view(()).table_taxonomy(TaxonomyKind.FIELD)
    fields = list(taxonomy.entries) if taxonomy else []
    units, rows = judged_units(material), list[dict[str, Any]]()
    for each in units:
        if each.registered < least:
            continue
        code, part = each.by_field.most_common(1)[0]
        if part >= most * each.registered:
            row = _share_row(material, each, part, each.registered)
            rows.append({**row, "reason": "one_field", "field_code": code})
        for code in fields:
            if not each.by_field[code]:
                row = _share_row(material, each, 0, each.registered)
                rows.append({**row, "reason": "empty_field", "field_code": code})
    return _answer(rows, units, least)


class Peers(NamedTuple):
    """The rates of a unit and of its peers: their number, median and median deviation."""

    number: int
    median: float
    deviation: float

    @classmethod
    def of(cls, rates: Iterable[float]) -> Peers:
        """Return the statistics of rates."""
        listed = list(rates)
        middle = median(listed)
        return cls(len(listed), middle, median(abs(each - middle) for each in listed))

    def z(self, rate: float) -> float | None:
        """Return the modified z of a rate; None where most rates are the same."""
        return _TO_NORMAL * (rate - self.median) / self.deviation if self.deviation else None


def recognized_rate(material: Material) -> Found:
    """Return the units that recognise far more or fewer than their peers, or every one of many."""
    limits = material.limits.criteria["recognized_rate"]
    units = judged_units(material)
    if not units:
        return _answer([], units, limits["least"])
    whole, parts = units[0], units[1:]
    rows = list[dict[str, Any]]()
    above = material.of_parent()
    siblings = judged_units(above)[1:] if above else []
    for each, peers in ((whole, siblings), *((part, parts) for part in parts)):
        if each.registered < limits["least"]:
            continue
        row = _rated(material, each, peers, limits)
        if row is not None:
            rows.append(row)
    return _answer(rows, units, limits["least"])


def _rated(
    material: Material, unit: UnitFigures, peers: list[UnitFigures], limits: Mapping[str, float]
) -> Item | None:
    level = material.level_of(unit.unit_id)
    rates = {
        each.unit_id: each.recognized / each.registered
        for each in peers
        if each.registered >= limits["least"] and material.level_of(each.unit_id) == level
    }
    own = unit.recognized / unit.registered
    enough = len(rates) >= limits["peers"]
    among = Peers.of(rates.values()) if enough else None
    z = among.z(own) if among else None
    if unit.recognized == unit.registered >= limits["all_of"]:
        reason = "all_recognized"
    elif z is not None and abs(z) >= limits["z"]:
        reason = "far_from_peers"
    else:
        return None
    return {
        **_share_row(material, unit, unit.recognized, unit.registered),
        "reason": reason,
        "peers": len(rates),
        "median": None if among is None else round(among.median, 3),
        "z": None if z is None else round(z, 2),
    }


def _share_row(material: Material, unit: UnitFigures, part: int, whole: int) -> Item:
    return {
        "unit_id": unit.unit_id,
        "unit_name": material.unit_name(unit.unit_id),
        "part": part,
        "whole": whole,
        "share": round(part / whole, 3),
    }


def _answer(rows: list[Item], units: list[UnitFigures], least: float) -> Found:
    """Return the rows by unit; `few` where no unit has enough registrations to be judged."""
    few = not any(each.registered >= least for each in units)
    return Found.of(rows, _below(rows), few=few)


def _below(rows: list[Item]) -> Iterator[str]:
    for row in rows:
        yield row["unit_id"]
