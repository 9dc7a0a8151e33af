"""Receives forwarded events in the order of the ledger that they come from, under the append lock.

An event is taken if it is the next one of its ledger, by position and by chain; one that was
received before is answered again. The first one of a ledger that began as a copy of this log may
follow any position up to which both have one history. Every answer that is final moves the
ledger's head, in the transaction of the events, whichever service has the event.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from shared.appending.origins.problems import ORIGIN_FORKED, ORIGIN_GAP
from shared.appending.outcomes import Accepted, Duplicate, Outcome, Parked, Refused, Unfit
from shared.errors import Problem
from shared.eventlog.protocol import OriginChains, OriginHead, RefusedEvent
from shared.events.envelope import EventKey, ReceivedEvent, link

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
        self.name = head.ledger
        self._session = session
        self._head = head
        self._position = head.position
        self._chain = head.chain
        self._last: OriginPlace | None = None
        self._chains: list[bytes] = []
        self._answers: Counter[type[Outcome]] = Counter()
        self._stated: int | None = None
        self._problem: Problem | None = head.problem
        self._known: OriginChains | None = None
        self._waits: Problem | None = None

    def stopped_by(self, origin: OriginPlace) -> Problem | None:
        """Return why an event cannot be taken: it is not the next one, or of another history."""
        head, position = self._position, origin.position
        problem = None
        if position > head + 1 and not self._begins(origin):
            places = {"head": head, "next": head + 1, "position": position}
            problem = Problem(ORIGIN_GAP, {"ledger": self.name, **places})
        elif position <= head + 1 and (
            not self._continues(origin)
            or (position <= head and self._chain_at(position) != origin.chain)
        ):
            problem = Problem(ORIGIN_FORKED, {"ledger": self.name, "position": position})
        # A gap after an event that waits is only what follows from it.
        self._problem = self._waits or problem
        self._stated = origin.head if origin.head is not None else self._stated
        return problem

    def received(self, origin: OriginPlace, outcome: Outcome) -> None:
        """Move the head over an event that was answered."""
        if origin.position > self._position:
            self._position, self._chain, self._last = origin.position, origin.chain, origin
            self._chains.append(origin.chain)
            self._answers[type(outcome)] += 1

    def wait(self, problem: Problem) -> None:
        """State the problem for which the next event is to be sent again."""
        self._problem = self._waits = problem

    def write(self, now_us: int) -> None:
        """Write the head to the session, and the chains of the positions new to this log."""
        head, answers, problem = self._head, self._answers, self._problem
        since = None if problem is None else now_us
        if problem and head.problem and problem.rule is head.problem.rule:
            since = head.problem_us
        moved = OriginHead(
            ledger=self.name,
            position=self._position,
            chain=self._chain,
            recorded_us=self._last.recorded_us if self._last else head.recorded_us,
            head=max(head.head if self._stated is None else self._stated, self._position),
            received_us=now_us,
            recorded=head.recorded + answers[Accepted],
            duplicates=head.duplicates + answers[Duplicate],
            parked=head.parked + answers[Parked],
            refused=head.refused + answers[Refused] + answers[Unfit],
            problem=problem,
            problem_us=since,
        )
        new = OriginChains(self._first_new, tuple(self._chains)) if self._chains else None
        self._session.move_origin(moved, new)

    @property
    def _first_new(self) -> int:
        return self._position - len(self._chains) + 1

    def _begins(self, origin: OriginPlace) -> bool:
        """Return whether a ledger of which nothing came yet is a copy of this log up to an event.

        Nobody can make another history with the same chain, so the chain is enough.
        """
        return self._position == 0 and _links(self._own_chain_at(origin.position - 1), origin)

    def _continues(self, origin: OriginPlace) -> bool:
        """Return whether the chain of an event is computed from the one before it."""
        return _links(self._chain_at(origin.position - 1), origin)

    def _chain_at(self, position: int) -> bytes | None:
        """Return the chain at a position up to the head."""
        if position == self._position:
            return self._chain
        if position >= self._first_new:
            return self._chains[position - self._first_new]
        known = self._known
        if known is None or not known.first <= position < known.first + len(known.chains):
            known = self._known = self._session.origin_chains(self.name, position)
        # Before the first position that came, the ledger is a copy of this log.
        return known.chains[position - known.first] if known else self._own_chain_at(position)

    def _own_chain_at(self, position: int) -> bytes | None:
        own = self._session.at(position)
        return None if own is None else own.chain


def _links(before: bytes | None, origin: OriginPlace) -> bool:
    place = origin.position, origin.recorded_us, origin.digest
    return before is not None and link(before, *place) == origin.chain


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
            return Refused(problem)
        outcome = self._decide(event)
        if is_final(outcome):
            ledger.received(origin, outcome)
            if isinstance(outcome, Refused | Unfit):
                refused = RefusedEvent.of(event, outcome.problem, self._clock())
                self._refused[event.key] = refused
        elif isinstance(outcome, Refused):
            ledger.wait(outcome.problem)
        return outcome

    def write(self, refusals: Sequence[RefusedEvent]) -> None:
        """Write the heads, and all refusals, to the session; they take effect with its commit.

        `refusals` are those that are kept for any event; of a forwarded one every refusal is.
        """
        for each in refusals:
            self._refused.pop(each.key, None)
        self._session.refuse([*refusals, *self._refused.values()])
        for ledger in self._ledgers.values():
            ledger.write(self._clock())

    def _ledger(self, name: str) -> _OriginLedger:
        found = self._ledgers.get(name)
        if found is None:
            head = self._session.origin(name) or OriginHead(name)
            found = self._ledgers[name] = _OriginLedger(self._session, head)
        return found


def is_final(outcome: Outcome) -> bool:
    """Return whether an event need not be sent again: it was not refused for a passing reason."""
    if not isinstance(outcome, Refused):
        return True
    status = outcome.problem.rule.status
    return status < _FAULT and status != _BUSY
