"""A cache of the entities of the last runs: most events belong to recently changed ones.

Its content equals that of the database after the last commit; where that is not certain, it is
cleared.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Thing = TypeVar("Thing")
_RUNS = 3
"""The number of runs whose entities are kept."""


class RecentEntities(Generic[Thing]):
    """Recently changed entities by id; their number depends on the length of the runs."""

    def __init__(self) -> None:
        self._things: dict[str, Thing] = {}
        self._most = 0

    def take(self, ids: Iterable[str]) -> dict[str, Thing]:
        """Remove and return the cached ones of some entities; `keep` returns them to the cache."""
        taken = {}
        for each in ids:
            thing = self._things.pop(each, None)
            if thing is not None:
                taken[each] = thing
        return taken

    def keep(self, things: Mapping[str, Thing], run: int) -> None:
        """Cache the entities of a run of so many events, and evict the least recently changed."""
        for each in things:
            self._things.pop(each, None)  # to move it to the end
        self._things.update(things)
        self._most = max(self._most, _RUNS * run)
        for each in list(islice(self._things, max(0, len(self._things) - self._most))):
            del self._things[each]

    def forget(self) -> None:
        """Drop everything."""
        self._things.clear()
