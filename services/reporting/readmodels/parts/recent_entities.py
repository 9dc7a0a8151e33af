"""What the last runs have folded, kept in memory: most events belong to what was touched lately.

It is as the database has it, for it was written with the last commit; whoever cannot be sure of
that forgets it all.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Thing = TypeVar("Thing")
_RUNS = 3
"""As many things are kept as so many runs can touch."""


class RecentEntities(Generic[Thing]):
    """Things by id, those that were touched last; how many follows the length of the runs."""

    def __init__(self) -> None:
        self._things: dict[str, Thing] = {}
        self._most = 0

    def take(self, ids: Iterable[str]) -> dict[str, Thing]:
        """Return those of some things that are remembered; they are the caller's until `keep`."""
        taken = {}
        for each in ids:
            thing = self._things.pop(each, None)
            if thing is not None:
                taken[each] = thing
        return taken

    def keep(self, things: Mapping[str, Thing], run: int) -> None:
        """Remember what a run of so many facts has touched, and let go what was not for long."""
        for each in things:
            self._things.pop(each, None)  # so that it stands last
        self._things.update(things)
        self._most = max(self._most, _RUNS * run)
        for each in list(islice(self._things, max(0, len(self._things) - self._most))):
            del self._things[each]

    def forget(self) -> None:
        """Drop everything."""
        self._things.clear()
