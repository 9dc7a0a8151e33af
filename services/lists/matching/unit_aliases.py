"""Other names and spellings of units on a day, read from `unit_aliases.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from shared.vocabulary.vietnamese import plain


@dataclass(frozen=True, slots=True)
class UnitAlias:
    """Another name of a unit, within a jurisdiction; `means` is its name as decreed."""

    jurisdiction: str
    name: str
    means: str


@dataclass(frozen=True, slots=True)
class UnitAliases:
    """The names in force on a day, and the syllables that are spelled in two ways."""

    names: tuple[UnitAlias, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)

    def spelled(self, name: str) -> str:
        """Return the plain form of a name, each syllable in one of its spellings."""
        return " ".join(self.spellings.get(word, word) for word in plain(name).split())


NO_ALIASES = UnitAliases()


@cache
def _document() -> Mapping[str, Any]:
    text = files(__package__).joinpath("unit_aliases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def aliases_on(day: date) -> UnitAliases:
    """Return the names and spellings that are in force on a day."""
    names = _in_force(_document()["names"], day)
    spellings = _in_force(_document()["spellings"], day)
    return UnitAliases(
        tuple(UnitAlias(each["jurisdiction"], each["name"], each["means"]) for each in names),
        {plain(one): plain(other) for each in spellings for one, other in each["pairs"]},
    )


def _in_force(entries: Iterable[Mapping[str, Any]], day: date) -> list[Mapping[str, Any]]:
    return [
        each
        for each in entries
        if each["valid_from"] <= day and ("valid_to" not in each or day < each["valid_to"])
    ]
