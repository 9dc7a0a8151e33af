"""What may release parked events: what others have appended since whatever waits was decided."""

from collections.abc import Sequence

from shared.appending.group_commit import GroupCommit
from shared.eventlog.protocol import AppendSession
from shared.events.recorded import RecordedEvent

REMEMBERED = 20_000
FOR_EVER = 2**62


class Releases:
    """Remembers what other services appended, until what waits for it here is decided again."""

    def __init__(self) -> None:
        self._foreign: list[RecordedEvent] = []
        self._swept = False
        """False while nobody knows what came: then whatever waits is decided again."""

    @property
    def due(self) -> bool:
        """Say whether anything that waits may be released now."""
        return bool(self._foreign) or not self._swept

    def sweep(self) -> None:
        """Have whatever waits decided again: it may have been provided for while nobody looked."""
        self._foreign.clear()
        self._swept = False

    def forget(self) -> None:
        """Forget what came: whatever waits was decided after it."""
        self._foreign.clear()
        self._swept = True

    def remember(self, events: Sequence[RecordedEvent]) -> None:
        """Keep what others have appended."""
        if len(self._foreign) > REMEMBERED:
            self.sweep()  # so far behind, it is cheaper to decide again whatever waits
        if self._swept:
            self._foreign.extend(events)

    def release(self, group: GroupCommit, session: AppendSession) -> None:
        """Decide again what may be released."""
        if self._swept:
            group.release_for(self._foreign)
        else:
            group.release_all(session.parked_until(FOR_EVER))
