"""The history of the map as it was known at any position of the log.

To fold the national map takes a second, so a few of them are kept, and a later one goes on from an
earlier one.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from shared.eventlog.protocol import Reader
from shared.territory import Territory

MAPS_KEPT = 3
"""One of national size takes some 30 MB."""

_UNIT_STREAMS = ("unit/", "reorganization/")

CurrentTerritory = Callable[[], AbstractContextManager[Territory]]
"""Lends the territory at the head of the log; it must not be kept."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A map's history, and the last position for which it is known that nothing changed it."""

    territory: Territory
    holds_to: int

    def is_known_at(self, position: int) -> bool:
        return self.territory.last_position <= position <= self.holds_to


class KnownMaps:
    """Lends what was known of the map at a position, to one thread at a time."""

    def __init__(self, log: Reader, current: CurrentTerritory) -> None:
        self._log = log
        self._current = current
        self._lock = threading.Lock()
        self._kept: tuple[_Known, ...] = ()

    def last_event(self, position: int) -> int | None:
        """Return where the last unit event up to a position stands; None: not known at once."""
        with self._current() as current:
            if current.last_position <= position:
                return current.last_position
        found = (known.territory for known in self._kept if known.is_known_at(position))
        return next((territory.last_position for territory in found), None)

    @contextmanager
    def at(self, position: int) -> Iterator[Territory]:
        """Lend the map's history by the events up to a position; it must not be kept."""
        with self._lock:
            known = self._found(position) or self._now(position) or self._folded(position)
            # What was asked for last goes last; the first is dropped.
            others = (each for each in self._kept if each.territory is not known.territory)
            self._kept = (*others, known)[-MAPS_KEPT:]
            yield known.territory

    def _found(self, position: int) -> _Known | None:
        return next((known for known in self._kept if known.is_known_at(position)), None)

    def _now(self, position: int) -> _Known | None:
        """Return the map at the head of the log, if it is what was known at the position."""
        with self._current() as current:
            last = current.last_position
            if last > position:
                return None
            same = (
                known.territory for known in self._kept if known.territory.last_position == last
            )
            return _Known(next(same, None) or current.copy(), position)

    def _folded(self, position: int) -> _Known:
        """Fold what the log holds up to the position, onwards from the nearest that is kept."""
        earlier = [known for known in self._kept if known.holds_to < position]
        base = max(earlier, key=lambda known: known.holds_to, default=_Known(Territory(), 0))
        events = self._log.under(*_UNIT_STREAMS, after=base.holds_to)
        territory = base.territory.copy()
        territory.fold(event for event in events if event.position <= position)
        following = (event.position - 1 for event in events if event.position > position)
        return _Known(territory, next(following, position))
