"""A cache of the entities of the last runs: most events belong to recently changed ones.

Its content equals that of the database after the last commit; where that is not certain, it is
cleared.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Entity = TypeVar("Entity")
_RUNS = 3
"""The cache holds as many entities as this number of runs can touch."""


class RecentEntities(Generic[Entity]):
    """Recently changed entities by id; their number depends on the length of the runs."""

    def __init__(self) -> None:
        self._entities: dict[str, Entity] = {}
        self._most = 0

    def take(self, ids: Iterable[str]) -> dict[str, Entity]:
        """Remove and return the cached ones of some entities; `keep` returns them to the cache."""
        taken = {}
        for each in ids:
            entity = self._entities.pop(each, None)
            if entity is not None:
                taken[each] = entity
        return taken

    def keep(self, entities: Mapping[str, Entity], run: int) -> None:
        """Cache the entities of a run of so many events, and evict the least recently changed."""
        for each in entities:
            self._entities.pop(each, None)  # to move it to the end
        self._entities.update(entities)
        self._most = max(self._most, _RUNS * run)
        for each in list(islice(self._entities, max(0, len(self._entities) - self._most))):
            del self._entities[each]

    def forget(self) -> None:
        """Drop everything."""
        self._entities.clear()
