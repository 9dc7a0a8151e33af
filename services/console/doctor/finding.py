"""The result of a check: well, needing attention, or broken; in both languages, with advice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Level(IntEnum):
    """The outcome of a check; the worst is the exit code of the command."""

    WELL = 0
    LOOK = 1
    BROKEN = 2


class Bilingual(NamedTuple):
    """A sentence in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the report; `do` holds commands and sentences, in the order to follow."""

    check: str
    level: Level
    found: Bilingual
    why: Bilingual | None = None
    do: tuple[Bilingual, ...] = ()


def well(check: str, vi: str, en: str) -> Finding:
    """Return a check without a fault."""
    return Finding(check, Level.WELL, Bilingual(vi, en))


def look(check: str, found: Bilingual, why: Bilingual, *do: Bilingual | str) -> Finding:
    """Return a check that needs attention."""
    return Finding(check, Level.LOOK, found, why, _steps(do))


def broken(check: str, found: Bilingual, why: Bilingual, *do: Bilingual | str) -> Finding:
    """Return a check of something that does not work."""
    return Finding(check, Level.BROKEN, found, why, _steps(do))


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level."""
    return max((finding.level for finding in findings), default=Level.WELL)


def _steps(do: Iterable[Bilingual | str]) -> tuple[Bilingual, ...]:
    """Turn a bare string into a command, which is the same in both languages."""
    return tuple(_bilingual(do))


def _bilingual(do: Iterable[Bilingual | str]) -> Iterator[Bilingual]:
    for step in do:
        yield step if isinstance(step, Bilingual) else Bilingual(step, step)
