"""The units that received awards, by the words of their names.

An entry of an award has its recipient's unit as one word. Names change on the map and not in the
index, so a word of a question is replaced by the units that have it in a name, as known at the
position of the question.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from services.reporting.readmodels.search.entries import word_of_recipient
from shared.vocabulary.search_words import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.map_snapshots import MapSnapshot
    from services.reporting.queries.lists.unit_search import UnitSearch
    from shared.vocabulary.search_words import Question

MOST_UNITS = 200
"""The units that a question may mean; each makes the question to the index longer."""
_KEPT = 2


class RecipientUnits:
    """A cache of the units by word, by the map as known at a position."""

    def __init__(self, units: UnitSearch) -> None:
        self._units = units
        self._lock = threading.Lock()
        self._by_word: OrderedDict[int, Mapping[str, frozenset[str]]] = OrderedDict()

    def instead(self, question: Question, snapshot: MapSnapshot) -> dict[str, list[str]]:
        """Return for each word of a question the words of recipients that count in its place.

        The units with the most words of the question are meant, as far as they are not too many:
        a word in the names of very many units ("xã") means none by itself.
        """
        by_word = self._of(snapshot)
        found = {word: by_word.get(word, frozenset()) for word in question.whole}
        if question.begun is not None:
            begun = (ids for word, ids in by_word.items() if word.startswith(question.begun))
            found[question.begun] = frozenset().union(*begun)
        meant = _with_most(Counter(chain.from_iterable(found.values())))
        return {word: sorted(map(word_of_recipient, ids & meant)) for word, ids in found.items()}

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


def _with_most(words: Counter[str]) -> frozenset[str]:
    """Return the units with the most words, up to the number from which they would be too many."""
    meant: set[str] = set()
    for number in sorted(set(words.values()), reverse=True):
        equal = {unit_id for unit_id, each in words.items() if each == number}
        if len(meant) + len(equal) > MOST_UNITS:
            break
        meant |= equal
    return frozenset(meant)
