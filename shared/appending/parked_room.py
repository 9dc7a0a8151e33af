"""The room for parked events: of one service, and once trust began of each of its publishers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from shared.appending.problems import PARKED_MOST, PARKED_QUOTA, TOO_MANY_PARKED, named
from shared.errors import Problem

if TYPE_CHECKING:
    from shared.appending.decider import Decider
    from shared.eventlog.protocol import AppendSession, Reference
    from shared.events.envelope import ReceivedEvent

PARKED_MOST_OF_ONE = PARKED_MOST // 10
"""Most parked events of one publisher in one service."""


class ParkedRoom:
    """Counts the parked events of one append session, those that the session adds included."""

    def __init__(self, session: AppendSession, decider: Decider) -> None:
        self._session = session
        self._decider = decider
        self._all: int | None = None
        self._of: Counter[str] = Counter()

    def lacking(self, event: ReceivedEvent, waiting_for: tuple[Reference, ...]) -> Problem | None:
        """Return the problem of an event for which there is no room."""
        if self._all is None:
            self._all = self._session.count_parked()
        references = named(waiting_for)
        if self._all >= PARKED_MOST:
            return Problem(TOO_MANY_PARKED, {"waiting": self._all, "references": references})
        source = event.key.source
        if self._decider.authority.began and self._has_its_share(source):
            params = {"publisher": source, "waiting": self._of[source], "references": references}
            return Problem(PARKED_QUOTA, params)
        return None

    def take(self, event: ReceivedEvent) -> None:
        """Count an event that is parked now."""
        self._all = (self._all or 0) + 1
        if event.key.source in self._of:
            self._of[event.key.source] += 1

    def _has_its_share(self, source: str) -> bool:
        """Return whether a publisher has as many parked events as one may have."""
        if source not in self._of:
            self._of[source] = self._session.count_parked(source)
        return self._of[source] >= PARKED_MOST_OF_ONE
