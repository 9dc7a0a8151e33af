"""The reader's choices, as in the address of every page.

The default map of a page is one on which its unit exists: `recorded` shows nothing of a unit before
its first day, though its predecessors have figures; today's map lacks a unit that has ended. The
API is not affected: its default is always `recorded`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from shared.events.payloads.payload import ID_PATTERN
from shared.web.answers.as_of_parameters import CURRENT, RECORDED
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from services.reporting.map_snapshots import Life
    from shared.errors import Language

YEAR_PAGE = "/"
EXPLANATION_PAGE = "/pages/explanation"
MODEL_PAGE = "/pages/model"
RECONCILIATION_PAGE = "/pages/reconciliation"
CHANGES_PAGE = "/pages/changes"
YEARS_PAGE = "/pages/years"
UNITS_PAGE = "/pages/units"
ANNEXES_PAGE = "/pages/annexes"
HELP_PAGE = "/pages/help"
MY_UNIT_PAGE = "/pages/my-unit"
"""The address of the form that remembers a unit; it shows no page of its own."""
AWARD_PAGE = "/pages/award"
ORGANIZATION_PAGE = "/pages/organization"
RESULTS_PAGE = "/pages/results"
FIND_PAGE = "/pages/find"
LIST_PAGE = "/pages/list"
EXCHANGE_PAGE = "/pages/exchange"
TABLE_PAGE = "/pages/table"
SIGNALS_PAGE = "/pages/signals"
INTEGRITY_PAGE = "/pages/integrity"
TRUST_PAGE = "/pages/trust"
PROVINCES_PAGE = "/pages/provinces"
FORWARDING_PAGE = "/pages/forwarding"

KNOWN_AT, MAP, MAP_DAY, SINCE, SINCE_DAY = "known_at", "map", "map_day", "since", "since_day"
CHOSEN = ("lang", "year", "unit", KNOWN_AT, MAP)
"""The parameters that every page has."""

_DAY_OF = {MAP_DAY: MAP, SINCE_DAY: SINCE}
"""Form fields for a day that override another parameter when filled in."""
_FORGOTTEN_WHEN_EMPTY = frozenset({"year", "unit", KNOWN_AT, MAP, SINCE, "measure", "q", *_DAY_OF})
"""Parameters dropped when empty; an empty dimension means a cell without a value."""

EVERY = "*"
"""The value of a form field that filters by nothing."""

_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_YEARS = range(1900, 3000)
_LONGEST_MOMENT = 40
_LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class PageParameters:
    """The language, year, unit (None: the nation), day of knowledge (None: now) and map.

    An unstated map is the unit's own (`default_map`); an address keeps only stated parameters.
    """

    lang: Language = "vi"
    year: int | None = None
    unit: str | None = None
    known_at: str | None = None
    map: str | None = None

    @classmethod
    def read(cls, stated: Mapping[str, str]) -> PageParameters:
        """Return the parameters of an address; an impossible year or unit is 422.

        The moment of knowledge and the map are parsed where they are used.
        """
        year, unit, known_at = stated.get("year"), stated.get("unit"), stated.get(KNOWN_AT)
        if year is not None and not (_FOUR_DIGITS.fullmatch(year) and int(year) in _YEARS):
            raise parameter_error("year", vi="phải là một năm có bốn chữ số", en="must be a year")
        if unit is not None and not re.fullmatch(ID_PATTERN, unit):
            raise parameter_error("unit", vi="không phải mã đơn vị", en="is no id of a unit")
        if known_at is not None and len(known_at) > _LONGEST_MOMENT:
            raise parameter_error(KNOWN_AT, vi="quá dài", en="is too long")
        return cls(
            lang="en" if stated.get("lang") == "en" else "vi",
            year=None if year is None else int(year),
            unit=unit,
            known_at=known_at,
            map=stated.get(MAP),
        )

    def address(self, path: str = YEAR_PAGE, /, **changed: object) -> str:
        """Return the address of a page with the same choices, except for the changed ones.

        None drops a parameter; an empty text stays, as it means a dimension without a value.
        """
        chosen = {
            "unit": self.unit,
            "year": self.year,
            KNOWN_AT: self.known_at,
            MAP: self.map,
            "lang": self.lang,
            **changed,
        }
        kept = {name: value for name, value in chosen.items() if value is not None}
        if kept.get("lang") == "vi":
            del kept["lang"]
        return f"{path}?{urlencode(kept)}" if kept else path


def tidied(stated: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return form parameters as in an address: without empty ones, days in their place.

    `map=current&map_day=2025-06-30` becomes `map=2025-06-30`: a filled-in day takes precedence.
    """
    days = {_DAY_OF[name]: value for name, value in stated if name in _DAY_OF and value}
    kept = [
        (name, value)
        for name, value in stated
        if name not in days
        and name not in _DAY_OF
        and value != EVERY
        and (value or name not in _FORGOTTEN_WHEN_EMPTY)
    ]
    return [*kept, *days.items()]


def start_of(parameters: Mapping[str, str]) -> int:
    """Return the number of rows before the first shown one (`start`); no number is 422."""
    stated = parameters.get("start", "0")
    if not (stated.isascii() and stated.isdigit() and len(stated) <= _LONGEST_NUMBER):
        raise parameter_error("start", vi="phải là một số", en="must be a number")
    return int(stated)


def default_map(life: Life | None, today: date) -> str:
    """Return the default map of a unit; None is the nation, or an unknown unit.

    It is today's for the nation and for a unit that exists today. A unit that has ended takes
    `recorded`, or, where it was itself made of others, the map of its last day, to which their
    figures are carried; a future unit takes the map of its first day.
    """
    if life is None or life.exists(today):
        return CURRENT
    if today < life.first:
        return life.first.isoformat()
    if life.last is not None and life.preceded_by and life.exists(life.last):
        return life.last.isoformat()
    return RECORDED
