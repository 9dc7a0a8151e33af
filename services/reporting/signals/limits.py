"""Deadlines and thresholds in force: dated defaults of the package, then the jurisdiction's own."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from shared.vocabulary import TaxonomyKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.map_snapshots import MapSnapshot
    from shared.territory.taxonomies import TaxonomyVersion

_MONTH_DAY = re.compile(r"\d{2}-\d{2}")
_NOT_VALUES = frozenset({"code", "valid_from", "source"})


@dataclass(frozen=True)
class Limits:
    """The deadlines and thresholds of one year; `sources` says where each comes from."""

    deadlines: Mapping[str, date]
    criteria: Mapping[str, Mapping[str, float]]
    sources: Mapping[str, str]

    def threshold(self, code: str, name: str) -> float:
        """Return one threshold of a signal."""
        return self.criteria[code][name]


def limits_of(year: int, scope: str | None, snapshot: MapSnapshot) -> Limits:
    """Return what is in force for a unit on the last day of a year, as the snapshot knows it."""
    last_day = date(year, 12, 31)
    deadlines: dict[str, date] = {}
    criteria: dict[str, Mapping[str, float]] = {}
    sources: dict[str, str] = {}
    own = {
        kind: _published(kind, scope, last_day, snapshot)
        for kind in (TaxonomyKind.DEADLINE, TaxonomyKind.CRITERIA)
    }
    for code, entry in _in_force("deadline", last_day).items():
        version = own[TaxonomyKind.DEADLINE]
        stated = _deadline(_attributes(version, code), year)
        deadlines[code] = stated or _day_of(year, entry["month_day"]) or last_day
        sources[code] = _basis(version) if stated else entry["source"]
    for code, entry in _in_force("criteria", last_day).items():
        version = own[TaxonomyKind.CRITERIA]
        values = {name: value for name, value in entry.items() if name not in _NOT_VALUES}
        stated_values = _numbers(_attributes(version, code), values)
        criteria[code] = {**values, **stated_values}
        sources[code] = _basis(version) if stated_values else entry["source"]
    return Limits(deadlines, criteria, sources)


def _published(
    kind: TaxonomyKind, scope: str | None, day: date, snapshot: MapSnapshot
) -> TaxonomyVersion | None:
    if scope is None:
        return None
    with snapshot.lock:
        return snapshot.taxonomies.in_force(kind, scope, day, snapshot.territory)


def _attributes(version: TaxonomyVersion | None, code: str) -> Mapping[str, Any]:
    entry = version.entries.get(code) if version else None
    return (entry.attributes or {}) if entry else {}


def _basis(version: TaxonomyVersion | None) -> str:
    """Return the source of a jurisdiction's own rule, in both languages."""
    assert version is not None  # noqa: S101  only a version has attributes
    day, named = version.valid_from.isoformat(), version.version
    return (
        f"Danh mục của địa phương, phiên bản {named}, từ {day} · "
        f"Taxonomy of the jurisdiction, version {named}, from {day}"
    )


def _deadline(attributes: Mapping[str, Any], year: int) -> date | None:
    """Return a stated deadline: `day`, or `month_day` of the year; others are ignored."""
    if isinstance(day := attributes.get("day"), str):
        try:
            return date.fromisoformat(day)
        except ValueError:
            return None
    return _day_of(year, attributes.get("month_day"))


def _day_of(year: int, month_day: object) -> date | None:
    if not isinstance(month_day, str) or not _MONTH_DAY.fullmatch(month_day):
        return None
    try:
        return date.fromisoformat(f"{year}-{month_day}")
    except ValueError:
        return None


def _numbers(attributes: Mapping[str, Any], known: Mapping[str, float]) -> dict[str, float]:
    """Return the stated positive numbers of known thresholds; others are ignored."""
    return {
        name: value
        for name, value in attributes.items()
        if name in known
        and isinstance(value, int | float)
        and not isinstance(value, bool)
        and value > 0
    }


def _in_force(kind: str, day: date) -> dict[str, Mapping[str, Any]]:
    rules = sorted(_defaults()[kind], key=lambda each: each["valid_from"])
    return {each["code"]: each for each in rules if each["valid_from"] <= day}


@lru_cache(maxsize=1)
def _defaults() -> Mapping[str, Any]:
    text = files(__package__).joinpath("defaults.toml").read_text("utf-8")
    return tomllib.loads(text)
