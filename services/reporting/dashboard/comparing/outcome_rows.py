"""The outcomes of a year beside those of the year before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.comparing.shown_tables import derived_heading
from shared.vocabulary import Qualifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.comparing.year_tables import YearTables


def outcome_rows(tables: YearTables) -> list[dict[str, Any]]:
    """Return the outcomes of a year; `before` is the value of the year before, None without one.

    A year under way is compared with the same days of the year before. Only exact values have a
    difference: of "more than 200" and "more than 150" it is not known.
    """
    earlier = {_key(each): each for each in _earlier(tables) or ()}
    now = {_key(each): each for each in tables.summary["outcomes"]}
    return [
        {
            "metric": key[0],
            "nature": key[1],
            "now": now.get(key),
            "before": earlier.get(key),
            "difference": _difference(now.get(key), earlier.get(key)),
        }
        for key in sorted({*now, *earlier})
    ]


def outcome_years(tables: YearTables) -> tuple[str, str] | None:
    """Return the headings of both years of compared outcomes, None where nothing is compared."""
    if _earlier(tables) is None:
        return None
    return derived_heading(tables, "value"), derived_heading(tables, "before")


def _earlier(tables: YearTables) -> Sequence[Mapping[str, Any]] | None:
    """Return the outcomes of the year before, None where nothing is compared."""
    before = tables.before if tables.part is None else tables.part
    return None if before is None else before["outcomes"]


def _key(outcome: Mapping[str, Any]) -> tuple[str, str]:
    return outcome["metric"], outcome["nature"]


def _difference(now: Mapping[str, Any] | None, before: Mapping[str, Any] | None) -> float | None:
    if now is None or before is None:
        return None
    if {now["qualifier"], before["qualifier"]} != {Qualifier.EXACT}:
        return None
    difference: float = round(now["value"] - before["value"], 3)
    return difference
