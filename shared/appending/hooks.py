"""Whom an appender tells what, and when: before the lock, after a commit, after a fault."""

import logging
from collections.abc import Callable, Sequence

from shared.appending.decider import DECISION_FAULT
from shared.appending.outcomes import Outcome, Refused
from shared.appending.queue import AppendRequest
from shared.appending.results import CommitReport, OnSettled
from shared.errors import LedgerError, Problem
from shared.events.envelope import ReceivedEvent

_logger = logging.getLogger(__name__)


class AppendHooks:
    """What others have asked to be told of, by the thread that appends."""

    def __init__(self) -> None:
        self._on_group: list[Callable[[CommitReport], None]] = []
        self._on_settled: list[OnSettled] = []
        self._on_fault: list[Callable[[], None]] = []
        self._on_taken: list[Callable[[Sequence[ReceivedEvent]], None]] = []

    def on_taken(self, callback: Callable[[Sequence[ReceivedEvent]], None]) -> None:
        """Call back with the events of each request before the log is locked for them.

        What takes long and can be done beforehand belongs there. If it raises, it is called again
        with each event alone, and those for which it does are not decided.
        """
        self._on_taken.append(callback)

    def on_group(self, callback: Callable[[CommitReport], None]) -> None:
        """Call back after each committed group, from the appending thread."""
        self._on_group.append(callback)

    def on_settled(self, callback: OnSettled) -> None:
        """Call back with parked events that were released or refused."""
        self._on_settled.append(callback)

    def on_fault(self, callback: Callable[[], None]) -> None:
        """Call back when an event could not be appended by a fault of our own."""
        self._on_fault.append(callback)

    def _made_ready(self, taken: Sequence[AppendRequest]) -> dict[int, Outcome]:
        """Do what is done beforehand; return the events, by identity, for which it failed."""
        undecidable: dict[int, Outcome] = {}
        for submission in taken:
            for make_ready in self._on_taken:
                try:
                    make_ready(submission.events)
                except Exception:  # noqa: BLE001  one by one, only those that fail are answered so
                    for event in submission.events:
                        try:
                            make_ready([event])
                        except Exception as failure:  # noqa: BLE001  as above
                            undecidable[id(event)] = Refused(_problem_of(failure))
        return undecidable

    def _tell(self, report: CommitReport) -> None:
        for tell in self._on_group:
            tell(report)
        if report.settled.released:
            for settle in self._on_settled:
                settle(report.settled.released)

    def _tell_fault(self) -> None:
        for tell in self._on_fault:
            tell()


def _problem_of(failure: Exception) -> Problem:
    """Return what is answered for an event that could not even be prepared."""
    if isinstance(failure, LedgerError):
        return failure.problem
    _logger.error("an event could not be made ready", exc_info=failure)
    return Problem(DECISION_FAULT)
