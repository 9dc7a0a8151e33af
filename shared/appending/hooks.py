"""Hooks of an appender: before the lock, after a commit, after a release, after a fault."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.appending.decider import DECISION_FAULT
from shared.appending.outcomes import Outcome, Refused
from shared.appending.queue import AppendRequest
from shared.appending.results import CommitReport, OnSettled
from shared.errors import LedgerError, Problem
from shared.events.envelope import ReceivedEvent

_logger = logging.getLogger(__name__)


@dataclass
class AppendHooks:
    """Callbacks of the appending thread; add to them before it starts.

    - `before_lock` gets the events of each request before the log is locked, for slow work that
      needs no lock. If it raises, it is called again with each event alone, and those for which it
      raises are not decided.
    - `after_commit` gets the report of each committed group.
    - `after_release` gets the parked events that a group released or refused.
    - `after_fault` is called when an event could not be appended because of an internal error.
    """

    before_lock: list[Callable[[Sequence[ReceivedEvent]], None]] = field(default_factory=list)
    after_commit: list[Callable[[CommitReport], None]] = field(default_factory=list)
    after_release: list[OnSettled] = field(default_factory=list)
    after_fault: list[Callable[[], None]] = field(default_factory=list)

    def prepare(self, requests: Sequence[AppendRequest]) -> dict[int, Outcome]:
        """Call `before_lock`; return the events, by identity, for which it failed."""
        failed: dict[int, Outcome] = {}
        for request in requests:
            for callback in self.before_lock:
                try:
                    callback(request.events)
                except Exception:  # noqa: BLE001  find the events that fail, one by one
                    for event in request.events:
                        try:
                            callback([event])
                        except Exception as failure:  # noqa: BLE001  as above
                            failed[id(event)] = Refused(_problem_of(failure))
        return failed

    def committed(self, report: CommitReport) -> None:
        """Call `after_commit`, and `after_release` if anything was released."""
        for committed in self.after_commit:
            committed(report)
        if report.settled.released:
            for released in self.after_release:
                released(report.settled.released)

    def failed(self) -> None:
        """Call `after_fault`."""
        for fault in self.after_fault:
            fault()


def _problem_of(failure: Exception) -> Problem:
    """Return the problem of an event whose preparation failed."""
    if isinstance(failure, LedgerError):
        return failure.problem
    _logger.error("an event could not be prepared", exc_info=failure)
    return Problem(DECISION_FAULT)
