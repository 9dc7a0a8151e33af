"""Receives forwarded events in the order of the ledger that they come from, under the append lock.

An event is taken if it is the next one of its ledger, by position and by chain; one that was
received before is answered again. Every answer that is final moves the ledger's head, in the
transaction of the events, whichever service has the event.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.appending.origins.problems import ORIGIN_FORKED, ORIGIN_GAP
from shared.appending.outcomes import Accepted, Duplicate, Outcome, Parked, Refused, Unfit
from shared.errors import Problem
from shared.eventlog.protocol import OriginChains, OriginHead, RefusedEvent
from shared.events.envelope import NO_CHAIN, EventKey, ReceivedEvent, link

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.clock import Clock
    from shared.eventlog.protocol import AppendSession
    from shared.events.origin import OriginPlace

_BUSY = 429
_FAULT = 500


class _OriginLedger:
    """One ledger that forwards: its head as it moves, and the chains of what is new."""

    def __init__(self, session: AppendSession, head: OriginHead) -> None:
        self.head = head
        self.chains: list[bytes] = []
        self._session = session
        self._first = head.position + 1
        self._known: OriginChains | None = None

    def new_chains(self) -> OriginChains | None:
        """Return the chains of the positions that were not received before."""
        return OriginChains(self._first, tuple(self.chains)) if self.chains else None

    def chain_at(self, position: int) -> bytes | None:
        """Return the chain at a position up to the head."""
        if position == 0:
            return NO_CHAIN
        if position == self.head.position:
            return self.head.chain
        if position >= self._first:
            return self.chains[position - self._first]
        known = self._known
        if known is None or not known.first <= position < known.first + len(known.chains):
            known = self._known = self._session.origin_chains(self.head.ledger, position)
        return None if known is None else known.chains[position - known.first]

    def stopped_by(self, origin: OriginPlace) -> Problem | None:
        """Return why an event cannot be taken: it is not the next one, or of another history."""
        head, position = self.head, origin.position
        if position > head.position + 1:
            places = {"head": head.position, "next": head.position + 1, "position": position}
            return Problem(ORIGIN_GAP, {"ledger": head.ledger, **places})
        before = self.chain_at(position - 1)
        is_known = position <= head.position
        if (
            before is None
            or link(before, position, origin.recorded_us, origin.digest) != origin.chain
            or (is_known and self.chain_at(position) != origin.chain)
        ):
            return Problem(ORIGIN_FORKED, {"ledger": head.ledger, "position": position})
        return None

    def received(self, origin: OriginPlace, outcome: Outcome) -> None:
        """Move the head over an event that was answered."""
        if origin.position <= self.head.position:
            return
        self.chains.append(origin.chain)
        self.head = replace(
            self.head,
            position=origin.position,
            chain=origin.chain,
            recorded_us=origin.recorded_us,
            recorded=self.head.recorded + isinstance(outcome, Accepted),
            duplicates=self.head.duplicates + isinstance(outcome, Duplicate),
            parked=self.head.parked + isinstance(outcome, Parked),
            refused=self.head.refused + isinstance(outcome, Refused | Unfit),
        )


class Receiving:
    """Receives the forwarded events of one group."""

    def __init__(
        self, session: AppendSession, clock: Clock, decide: Callable[[ReceivedEvent], Outcome]
    ) -> None:
        self._session = session
        self._clock = clock
        self._decide = decide
        self._ledgers: dict[str, _OriginLedger] = {}
        self._refused: dict[EventKey, RefusedEvent] = {}

    def receive(self, event: ReceivedEvent, origin: OriginPlace) -> Outcome:
        """Return the outcome of a forwarded event, decided like any other if it can be taken."""
        ledger = self._ledger(origin.ledger)
        problem = ledger.stopped_by(origin)
        if problem is not None:
            self._seen(ledger, origin, problem)
            return Refused(problem)
        outcome = self._decide(event)
        if is_final(outcome):
            ledger.received(origin, outcome)
            self._seen(ledger, origin, None)
            if isinstance(outcome, Refused | Unfit):
                refused = RefusedEvent.of(event, outcome.problem, self._clock())
                self._refused[event.key] = refused
        return outcome

    def write(self, refusals: Sequence[RefusedEvent]) -> None:
        """Write the heads, and all refusals, to the session; they take effect with its commit.

        `refusals` are those that are kept for any event; of a forwarded one every refusal is.
        """
        for each in refusals:
            self._refused.pop(each.key, None)
        self._session.refuse([*refusals, *self._refused.values()])
        for ledger in self._ledgers.values():
            self._session.move_origin(ledger.head, ledger.new_chains())

    def _ledger(self, name: str) -> _OriginLedger:
        found = self._ledgers.get(name)
        if found is None:
            head = self._session.origin(name) or OriginHead(name)
            found = self._ledgers[name] = _OriginLedger(self._session, head)
        return found

    def _seen(self, ledger: _OriginLedger, origin: OriginPlace, problem: Problem | None) -> None:
        now, head = self._clock(), ledger.head
        since = None if problem is None else now
        if problem and head.problem and problem.rule is head.problem.rule:
            since = head.problem_us
        ledger.head = replace(
            head,
            received_us=now,
            head=max(head.head if origin.head is None else origin.head, head.position),
            problem=problem,
            problem_us=since,
        )


def is_final(outcome: Outcome) -> bool:
    """Return whether an event need not be sent again: it was not refused for a passing reason."""
    if not isinstance(outcome, Refused):
        return True
    status = outcome.problem.rule.status
    return status < _FAULT and status != _BUSY
