"""The state that decides, and how far into the log it reaches."""

import logging
from collections.abc import Sequence

from shared.appending.decider import Decider
from shared.appending.problems import LOG_RESTORED
from shared.appending.quarantine import QuarantineList
from shared.appending.releases import Releases
from shared.errors import Problem, Unavailable
from shared.eventlog.protocol import START, Head, Reader
from shared.events.recorded import RecordedEvent

READ_AT_ONCE = 5_000
_logger = logging.getLogger(__name__)


class HeadState:
    """A decider's folded state, brought to the head of the log before anything is decided."""

    def __init__(self, decider: Decider, releases: Releases, quarantine: QuarantineList) -> None:
        self.checkpoint: Head = START
        self.valid = False
        self.restored: Problem | None = None
        self._decider = decider
        self._releases = releases
        self._quarantine = quarantine

    def check_log(self) -> None:
        """Refuse to append once the log's history has changed: no position is assigned twice."""
        if self.restored is not None:
            raise Unavailable(self.restored, 60)

    def invalidate(self) -> bool:
        """Return whether the folded state is valid, and mark it invalid until the commit."""
        valid, self.valid = self.valid, False
        return valid

    def come_to_head(self, log: Reader) -> None:
        """Fold the log to its head, from the beginning if the state is not valid."""
        if not self.valid:
            self.start(log)
            self.valid = True
        self.catch_up(log)

    def start(self, log: Reader) -> None:
        """Forget the state and fold the streams that are always kept, to the head.

        Raises Unavailable when the log has not got the history that was read before.
        """
        known = log.at(self.checkpoint.position)
        if known is None or known.chain != self.checkpoint.chain:
            self._refuse_restored()
        self.checkpoint = log.head()
        self._releases.sweep()
        self._quarantine.clear()
        self._decider.start(log)

    def last_known(self) -> int:
        """Return where to read on: the last folded event is read again to check the history."""
        return max(self.checkpoint.position - 1, 0)

    def catch_up(self, log: Reader, events: Sequence[RecordedEvent] | None = None) -> None:
        """Fold events appended by others, and keep them until parked events are released.

        `events` is the first batch, if it was read already.
        """
        while True:
            position = self.checkpoint.position
            found = log.read(self.last_known(), READ_AT_ONCE) if events is None else events
            known, new = (found[:1], found[1:]) if position else ([], found)
            if position and (not known or known[0].chain != self.checkpoint.chain):
                self._refuse_restored()
            if new and not self._folds(new):
                return self.start(log)
            if len(found) < READ_AT_ONCE:
                return None
            events = None

    def _refuse_restored(self) -> None:
        self.restored = Problem(LOG_RESTORED, {"position": self.checkpoint.position})
        self.check_log()

    def _folds(self, events: Sequence[RecordedEvent]) -> bool:
        """Fold events; False if that failed, perhaps halfway: the decider must start again.

        A start finds the record that cannot be read, and quarantines its stream.
        """
        try:
            self._decider.fold(events)
        except Exception:
            _logger.exception("events from position %d cannot be folded", events[0].position)
            return False
        self._releases.remember(events)
        self.checkpoint = Head(events[-1].position, events[-1].chain, events[-1].recorded_us)
        return True
