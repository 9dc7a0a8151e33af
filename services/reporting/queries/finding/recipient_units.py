"""The units that received awards, by the words of their names.

An entry of an award has its recipient's unit as one word. Names change on the map and not in the
index, so a word of a question is replaced by the units that have it in a name, as known at the
position of the question.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING

from services.reporting.readmodels.search.entries import word_of_recipient
from shared.vocabulary.search_words import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.map_snapshots import MapSnapshot
    from services.reporting.queries.lists.unit_search import UnitSearch
    from shared.vocabulary.search_words import Question

MOST_UNITS = 1_000
"""A word in the names of more units ("xã") names none of them by itself."""
_KEPT = 2


class RecipientUnits:
    """A cache of the units by word, by the map as known at a position."""

    def __init__(self, units: UnitSearch) -> None:
        self._units = units
        self._lock = threading.Lock()
        self._by_word: OrderedDict[int, Mapping[str, frozenset[str]]] = OrderedDict()

    def instead(self, question: Question, snapshot: MapSnapshot) -> dict[str, list[str]]:
        """Return for each word of a question the words of recipients that count in its place."""
        by_word = self._of(snapshot)
        found = {word: by_word.get(word, frozenset()) for word in question.whole}
        if question.begun is not None:
            begun = (ids for word, ids in by_word.items() if word.startswith(question.begun))
            found[question.begun] = frozenset().union(*begun)
        named = frozenset().union(*(ids for ids in found.values() if len(ids) <= MOST_UNITS))
        if not named:
            return {}
        return {word: sorted(map(word_of_recipient, ids & named)) for word, ids in found.items()}

    def _of(self, snapshot: MapSnapshot) -> Mapping[str, frozenset[str]]:
        at = snapshot.key[0]
        with self._lock:
            if at in self._by_word:
                self._by_word.move_to_end(at)
                return self._by_word[at]
        by_word: defaultdict[str, set[str]] = defaultdict(set)
        for unit_id, names in self._units.names(snapshot):
            for word in words_of(*names).split():
                by_word[word].add(unit_id)
        kept = {word: frozenset(ids) for word, ids in by_word.items()}
        with self._lock:
            self._by_word[at] = kept
            while len(self._by_word) > _KEPT:
                self._by_word.popitem(last=False)
        return kept
