"""What a reader chose, as it stands in the address of every page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from shared.events.payloads.payload import ID_PATTERN
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.errors import Language

YEAR_PAGE = "/"
EXPLANATION_PAGE = "/pages/explanation"
MODEL_PAGE = "/pages/model"
RECONCILIATION_PAGE = "/pages/reconciliation"
CHANGES_PAGE = "/pages/changes"
YEARS_PAGE = "/pages/years"
UNITS_PAGE = "/pages/units"
ANNEXES_PAGE = "/pages/annexes"

KNOWN_AT, MAP, MAP_DAY, SINCE, SINCE_DAY = "known_at", "map", "map_day", "since", "since_day"
CHOSEN = ("lang", "year", "unit", KNOWN_AT, MAP)
"""The parameters that every page has."""

_DAY_OF = {MAP_DAY: MAP, SINCE_DAY: SINCE}
"""Fields of a form that take the place of another parameter where a day is written into them."""
_FORGOTTEN_WHEN_EMPTY = frozenset({"year", "unit", KNOWN_AT, MAP, SINCE, "measure", "q", *_DAY_OF})
"""A form sends its empty fields too; an empty dimension, though, means a cell without a value."""

_FOUR_DIGITS = re.compile(r"[0-9]{4}")
_YEARS = range(1900, 3000)
_LONGEST_MOMENT = 40


@dataclass(frozen=True, slots=True)
class PageParameters:
    """The language, year, unit (None: the nation), day of knowledge (None: now) and map.

    A map that is not stated is the unit's own (`default_map`); an address keeps what was stated.
    """

    lang: Language = "vi"
    year: int | None = None
    unit: str | None = None
    known_at: str | None = None
    map: str | None = None

    @classmethod
    def read(cls, stated: Mapping[str, str]) -> PageParameters:
        """Return what an address says; a year or a unit that cannot be one is 422.

        What is known on a day, and the map of a day, are read by whoever asks for them.
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
        """Return the address of a page with the same choices, but for what is changed.

        None drops a parameter; an empty text stays, for it means a dimension without a value.
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
    """Return the parameters of a form as an address has them: no empty ones, days in their place.

    `map=current&map_day=2025-06-30` is `map=2025-06-30`: a day that is written down is meant.
    """
    days = {_DAY_OF[name]: value for name, value in stated if name in _DAY_OF and value}
    kept = [
        (name, value)
        for name, value in stated
        if name not in days and name not in _DAY_OF and (value or name not in _FORGOTTEN_WHEN_EMPTY)
    ]
    return [*kept, *days.items()]
