"""The list of quarantined streams and parked events of a service, for operators.

It is kept in memory only: every start tries all of them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.appending.decider import Decider, QuarantinedStream
    from shared.appending.results import BatchResult
    from shared.clock import Clock
    from shared.events.envelope import EventKey


class QuarantineList:
    """Streams that cannot be read, and parked events that cannot be decided."""

    def __init__(self, decider: Decider, clock: Clock) -> None:
        self._decider = decider
        self._clock = clock
        self._quarantined: dict[EventKey, QuarantinedStream] = {}
        self._since: dict[tuple[str, int], int] = {}

    def take(self, settled: BatchResult) -> None:
        """Add the events a group could not decide, and remove those it has settled."""
        for parked, _ in settled.released:
            self._quarantined.pop(parked.event.key, None)
        self._quarantined.update(settled.quarantined)

    def clear(self) -> None:
        """Clear the parked events: all are decided again."""
        self._quarantined.clear()

    def __len__(self) -> int:
        return len(self._found())

    def listed(self) -> Sequence[tuple[QuarantinedStream, int]]:
        """Return all entries, parked events first, then by position, each with its start (us)."""
        found, now = self._found(), self._clock()
        self._since = {place: self._since.get(place, now) for place in found}
        return [
            (held, self._since[place])
            for place, held in sorted(found.items(), key=lambda each: (each[1].position, each[0]))
        ]

    def _found(self) -> dict[tuple[str, int], QuarantinedStream]:
        everything = (*self._decider.held(), *self._quarantined.values())
        return {(held.subject, held.position): held for held in everything}
