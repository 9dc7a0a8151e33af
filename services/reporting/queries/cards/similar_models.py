"""Models elsewhere with titles like that of a model, without the words of their owners and places.

The index is asked for pairs of neighbouring words of the title, and what it finds is compared word
by word. It suggests; it does not find every similar model.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from shared.vocabulary.vietnamese import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.finding.finder import Finder

LEAST_LIKENESS = 0.5
"""The least share of words in common among all words of both titles."""
MOST_PAIRS = 5
_OF_EACH = 40
SUGGESTED = 6


class SimilarModel(NamedTuple):
    """A model found by the index, and its likeness from 0 to 1."""

    item: Item
    likeness: float


class SimilarModels:
    """Suggests models by their titles."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def of(self, registration: Item, owner: str, query: ListQuery) -> list[SimilarModel]:
        """Return the models most like a registration's, of the scope of a query."""
        own = _words(registration["title"], (owner, registration["unit_name"]))
        found: dict[str, Item] = {}
        for pair in _pairs(own):
            (models,) = self._finder.find(query, pair, ("model",), (0, _OF_EACH))
            found.update((item["model_id"], item) for item in models.items)
        found.pop(registration["model_id"], None)
        likened = [
            SimilarModel(item, _likeness(own, _words(item["title"], _names(item))))
            for item in found.values()
        ]
        alike = [each for each in likened if each.likeness >= LEAST_LIKENESS]
        return sorted(alike, key=lambda each: -each.likeness)[:SUGGESTED]


def _names(item: Item) -> tuple[str | None, ...]:
    return item["organization"], item["unit_name"]


def _words(title: str, names: Iterable[str | None]) -> list[str]:
    """Return the words of a title that are in no name, in their order; numbers are left out."""
    left_out = {word for name in names if name for word in plain(name).split()}
    words = "".join(each if each.isalnum() else " " for each in plain(title)).split()
    return [word for word in words if word not in left_out and not word.isdecimal()]


def _pairs(words: Sequence[str]) -> list[str]:
    """Return some pairs of neighbouring words, spread over the title; of one word it alone."""
    pairs = [f"{one} {other}" for one, other in pairwise(words)] or list(words)
    step = max(-(-len(pairs) // MOST_PAIRS), 1)
    return pairs[::step]


def _likeness(words: Iterable[str], others: Iterable[str]) -> float:
    one, other = set(words), set(others)
    return len(one & other) / len(one | other) if one | other else 0.0
