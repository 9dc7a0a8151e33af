"""The listener of the simulation: it reads the stream as FastStream does, and delivers badly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from shared.bus.consumer import Entry
from shared.bus.streams import EVENTS, entry_id
from tests.simulation import fault_points

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from tests.simulation.ports import Fate


class Ear:
    """Reads on from the last entry it has seen; after trouble it begins at the reader's position."""

    def __init__(
        self,
        client: Any,
        events_after: Callable[[], int],
        heard: Callable[[Sequence[Entry]], None],
        fate: Fate,
        random: Random,
    ) -> None:
        self._client = client
        self._events_after = events_after
        self._heard = heard
        self._fate = fate
        self._random = random
        self._last: str | None = None
        self._late: list[Entry] = []

    def step(self) -> int:
        """Deliver what came, or nothing at all: that is the timer."""
        if self._last is None:
            self._last = entry_id(self._events_after())
        try:
            read = self._client.xread({EVENTS: self._last}, count=self._random.randrange(1, 9))
        except RedisError:
            self._last = None
            raise
        entries = [Entry(each, fields.get(b"event", b"")) for each, fields in _entries(read)]
        if entries:
            self._last = entries[-1].id.decode()
        self._heard(self._delivered(entries))
        return len(entries)

    def _delivered(self, entries: list[Entry]) -> list[Entry]:
        late, self._late = self._late, []
        delivered = [*entries, *late]
        if not entries:
            return delivered
        if self._fate.strikes(fault_points.LOST):
            del delivered[self._random.randrange(len(delivered))]
        if self._fate.strikes(fault_points.DOUBLED):
            delivered += self._random.sample(delivered, len(delivered) // 2 + 1 if delivered else 0)
        if self._fate.strikes(fault_points.REORDERED):
            self._random.shuffle(delivered)
        if self._fate.strikes(fault_points.LATE):
            half = len(delivered) // 2
            delivered, self._late = delivered[half:], delivered[:half]
        return delivered


def _entries(read: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    return [entry for _, entries in read for entry in entries]
