"""The choices of a year's tables in an address: the measure to compare, the order, the level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.vocabulary import AdministrativeLevel, Measure
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPARE, SORT, LEVEL = "compare", "sort", "level"
OF_TABLES = (COMPARE, SORT, LEVEL)
"""The parameters of every page with the tables of a year."""
COMPARED = (
    Measure.REGISTERED,
    Measure.ELIGIBLE,
    Measure.RECOGNIZED,
    Measure.EXEMPLARY,
    Measure.AWARDS_GRANTED,
)
"""The measures that tables can be compared in."""
LEVELS = (AdministrativeLevel.PROVINCE, AdministrativeLevel.DISTRICT, AdministrativeLevel.COMMUNE)
NAME = "name"
DERIVED = (
    "value",
    "before",
    "whole_before",
    "difference",
    "percent",
    "share",
    "rate",
    "rate_of_eligible",
    "rank",
)
"""The columns of a compared table."""


@dataclass(frozen=True, slots=True)
class TableChoice:
    """The chosen measure, order and level of the tables; None where nothing is chosen."""

    compare: Measure | None = None
    sort: str | None = None
    """A column's name, after a minus sign for the largest first."""
    level: AdministrativeLevel | None = None

    @classmethod
    def read(cls, stated: Mapping[str, str]) -> TableChoice:
        """Return the choices of an address; values that do not exist are 422."""
        compare = _one_of(stated, COMPARE, tuple(map(str, COMPARED)))
        level = _one_of(stated, LEVEL, tuple(map(str, LEVELS)))
        sort = stated.get(SORT)
        if sort is not None and sort.removeprefix("-") not in {NAME, *DERIVED, *map(str, Measure)}:
            raise parameter_error(SORT, vi="không phải một cột của bảng", en="is no column")
        return cls(
            Measure(compare) if compare else None,
            sort,
            AdministrativeLevel(level) if level else None,
        )

    @property
    def parameters(self) -> dict[str, str | None]:
        """Return the choices as parameters of an address."""
        return {
            COMPARE: self.compare and str(self.compare),
            SORT: self.sort,
            LEVEL: self.level and str(self.level),
        }


def _one_of(stated: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    value = stated.get(name)
    if value is None or value in allowed:
        return value
    listed = ", ".join(allowed)
    raise parameter_error(name, vi=f"phải là một trong: {listed}", en=f"must be one of: {listed}")
