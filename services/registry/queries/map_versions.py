"""The history of the map as it was known at any position of the log.

Folding the national map takes a second, so a few versions are cached, and a later one is folded
from the nearest earlier one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from shared.eventlog.protocol import Reader
from shared.territory import Territory

MAPS_KEPT = 3
"""A map of national size takes some 30 MB."""

_UNIT_STREAMS = ("unit/", "reorganization/")

CurrentTerritory = Callable[[], AbstractContextManager[Territory]]
"""Lends the territory at the head of the log; the caller must not keep it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A map's history, and the last position up to which no event changed it."""

    territory: Territory
    holds_to: int

    def is_known_at(self, position: int) -> bool:
        return self.territory.last_position <= position <= self.holds_to


class KnownMaps:
    """Lends the map as known at a position, to one thread at a time."""

    def __init__(self, log: Reader, current: CurrentTerritory) -> None:
        self._log = log
        self._current = current
        self._lock = threading.Lock()
        self._kept: tuple[_Known, ...] = ()

    def last_event(self, position: int) -> int | None:
        """Return the position of the last unit event up to a position, None if not cached."""
        with self._current() as current:
            if current.last_position <= position:
                return current.last_position
        found = (known.territory for known in self._kept if known.is_known_at(position))
        return next((territory.last_position for territory in found), None)

    @contextmanager
    def at(self, position: int) -> Iterator[Territory]:
        """Lend the map's history as known at a position; the caller must not keep it."""
        with self._lock:
            known = self._found(position) or self._now(position) or self._folded(position)
            # Least recently used first: that one is dropped.
            others = (each for each in self._kept if each.territory is not known.territory)
            self._kept = (*others, known)[-MAPS_KEPT:]
            yield known.territory

    def _found(self, position: int) -> _Known | None:
        return next((known for known in self._kept if known.is_known_at(position)), None)

    def _now(self, position: int) -> _Known | None:
        """Return the map at the head of the log if no unit event follows the position."""
        with self._current() as current:
            last = current.last_position
            if last > position:
                return None
            same = (
                known.territory for known in self._kept if known.territory.last_position == last
            )
            return _Known(next(same, None) or current.copy(), position)

    def _folded(self, position: int) -> _Known:
        """Fold the log up to the position, starting from the nearest cached version."""
        earlier = [known for known in self._kept if known.holds_to < position]
        base = max(earlier, key=lambda known: known.holds_to, default=_Known(Territory(), 0))
        events = self._log.under(*_UNIT_STREAMS, after=base.holds_to)
        territory = base.territory.copy()
        territory.fold(event for event in events if event.position <= position)
        following = (event.position - 1 for event in events if event.position > position)
        return _Known(territory, next(following, position))
