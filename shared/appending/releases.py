"""Events of other services that may release parked events here."""

from collections.abc import Sequence

from shared.appending.group_commit import GroupCommit
from shared.eventlog.protocol import AppendSession
from shared.events.recorded import RecordedEvent

REMEMBERED = 20_000
FOR_EVER = 2**62


class Releases:
    """Keeps events of other services until the parked events they may release are decided."""

    def __init__(self) -> None:
        self._foreign: list[RecordedEvent] = []
        self._swept = False
        """False while it is unknown what was appended: all parked events are decided again."""

    @property
    def due(self) -> bool:
        """True if parked events may be released now."""
        return bool(self._foreign) or not self._swept

    def sweep(self) -> None:
        """Have all parked events decided again: some may have become releasable unnoticed."""
        self._foreign.clear()
        self._swept = False

    def forget(self) -> None:
        """Drop the kept events: all parked events were decided after them."""
        self._foreign.clear()
        self._swept = True

    def remember(self, events: Sequence[RecordedEvent]) -> None:
        """Keep events that others have appended."""
        if len(self._foreign) > REMEMBERED:
            self.sweep()  # this far behind, deciding all parked events again is cheaper
        if self._swept:
            self._foreign.extend(events)

    def release(self, group: GroupCommit, session: AppendSession) -> None:
        """Decide again the parked events that may be released."""
        if self._swept:
            group.release_for(self._foreign)
        else:
            group.release_all(session.parked_until(FOR_EVER))
