"""Names compared with a few hundred others: equal, or the nearest three as suggestions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

from shared.vocabulary.vietnamese import plain

SUGGESTIONS = 3
_LIKENESS = 0.6
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Match(Generic[_T]):
    """The meaning found for a text; without one, `suggestions` are what it may mean."""

    found: _T | None
    suggestions: Sequence[_T] = ()


def nearest(text: str, candidates: Mapping[str, Sequence[_T]]) -> tuple[_T, ...]:
    """Return up to three candidates whose plain names are most like a text."""
    near = get_close_matches(plain(text), candidates, SUGGESTIONS, _LIKENESS)
    found = dict.fromkeys(item for name in near for item in candidates[name])
    return tuple(found)[:SUGGESTIONS]


def by_plain_name(named: Iterable[tuple[str, _T]]) -> dict[str, list[_T]]:
    """Return items by the plain form of their names, in the order given."""
    grouped: dict[str, list[_T]] = {}
    for name, item in named:
        same = grouped.setdefault(plain(name), [])
        if item not in same:
            same.append(item)
    return grouped
