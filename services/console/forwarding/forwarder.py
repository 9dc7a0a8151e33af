"""Forwards a ledger to another: reads its log in order, and posts each event with its origin.

How far the other ledger is it says itself, at the start and whenever it answers that an event is
not the next one; the state file is a convenience.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from services.console.client.http_client import get_json
from services.console.forwarding.places import (
    LogPlace,
    last_shared,
    place_at,
    place_of,
    received,
)
from services.console.forwarding.reasons import reason_of
from shared.appending.origins.problems import (
    ORIGIN_ELSEWHERE,
    ORIGIN_FORKED,
    ORIGIN_GAP,
    STOPPING,
)
from shared.client.delivery import Item, Line, Undeliverable, batches
from shared.client.forwarding_state import NOT_TAKEN, Forwarded, Refusal
from shared.clock import system_clock, to_microseconds
from shared.errors import Problem
from shared.events.origin import place_in, with_origin
from shared.events.recorded import from_feed
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.console.client.feed import Feed
    from shared.client.delivery import Batch, Delivery
    from shared.client.forwarding_state import ForwardingState
    from shared.clock import Clock
    from shared.events.recorded import RecordedEvent

_TOO_MANY, _FAULT = 429, 500
_LONGEST_PAUSE_SECONDS = 30.0
_REFUSALS = "1000"
"""How many refusals are read at once."""


Answers = Sequence[tuple[Line, Item]]


class Stopped(Exception):  # noqa: N818  the state says why
    """The other ledger takes nothing more from this one; `problem` is its reason, as JSON."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("code")))
        self.problem = problem


@dataclass
class Forwarder:
    """Forwards a ledger, under the name `state.ledger`, to another.

    `reporting` is the address of the service of the first that says where its log ends; `advanced`
    is called after the receipts of each batch.
    """

    own: Feed
    reporting: str
    nation: Delivery
    kept: ForwardingState
    state: Forwarded
    advanced: Callable[[Forwarded], None] = lambda _state: None
    clock: Clock = system_clock
    pause: Callable[[float], None] = time.sleep
    _any_refused: bool = False

    def begin(self) -> None:
        """Go on where the other ledger is; raises `Stopped` if it has another history of this one.

        Events whose receipts were lost are sent again, from the last receipt that was kept.
        """
        there, shared, counts = received(self.nation, self.state.ledger)
        if there.position == 0:
            there = last_shared(self.own, self._head(), self.nation, self.state.ledger)
            shared = there.position
        if place_at(self.own, there.position) != there:
            raise self._forked(there.position)
        is_new = self.state.counts is None
        if there.position < self.state.position:
            self.kept.go_back(there.position, counts)
        position = there.position if is_new else min(self.state.position, there.position)
        place = place_at(self.own, position)
        if place is None:
            raise self._forked(position)
        self.state = replace(
            self.state,
            position=place.position,
            chain=place.chain,
            head=self._head(),
            answered_us=self.clock(),
            stop=None,
            counts=self.state.counts or {},
            shared=shared,
        )
        self._read_refusals()
        if not self.state.behind:
            self._greet()
        self.kept.save(self.state)

    def forward(self) -> int:
        """Forward all that is recorded now; return the number of events.

        The next events are read while these are sent. Raises `Stopped`, `Undeliverable`, and
        `Unanswered` if the ledger itself cannot be read.
        """
        self.state = replace(self.state, head=self._head())
        page = self._after(LogPlace(self.state.position, self.state.chain))
        sent = 0
        with ThreadPoolExecutor(1) as reading:
            while page:
                coming = reading.submit(self._after, place_of(page[-1]))
                events = {event.position: event for event in page}
                for batch in batches(self._line(event) for event in page):
                    self._send(batch, partial(self._store, events))
                sent += len(page)
                page = coming.result()
        if self._any_refused:
            self._read_refusals()
        return sent

    def send_again(self) -> Counter[str]:
        """Send each refused event again, in order; return how many got which status.

        Those that are taken now are no longer among the refusals. Raises as `forward` does.
        """
        positions = self.kept.refused_positions()
        answered: Counter[str] = Counter()

        def store(answers: Answers) -> None:
            answered.update(str(item["status"]) for _, item in answers)
            taken = [line.number for line, item in answers if item["status"] not in NOT_TAKEN]
            self.kept.take_again(taken)

        while positions:
            page = [from_feed(item) for item in self.own.page(positions[0] - 1)]
            wanted, last = set(positions), page[-1].position
            for batch in batches(self._line(each) for each in page if each.position in wanted):
                self._send(batch, store)
            positions = [each for each in positions if each > last]
        self._read_refusals()
        return answered

    def _read_refusals(self) -> None:
        """Store what the other ledger refused since, also of what was parked there before."""
        for family in Family:
            cursor = self.kept.refusals_read(family)
            while True:
                more = {"cursor": cursor} if cursor else {}
                page = self.nation.page_of(
                    family, "refused", origin=self.state.ledger, limit=_REFUSALS, **more
                )
                self.kept.add_refusals(family, cursor, [_refusal(item) for item in page["items"]])
                cursor = page["next"]
                if cursor is None:
                    break
        self._any_refused = False

    def _greet(self) -> None:
        """Send an event again: the other ledger sees that nothing is withheld meanwhile.

        It is the last one that was not refused: another would be refused again, and listed twice.
        """
        last = self.kept.last_taken(self.state.position)
        if last <= self.state.shared:
            return
        (event,) = map(from_feed, self.own.page(last - 1, 1))
        for batch in batches([self._line(event)]):
            (item,) = self._answered(batch, batch.lines)
            if item["problem"] is not None and item["problem"]["code"] in STOPPING:
                raise Stopped(item["problem"])

    def _send(self, batch: Batch, store: Callable[[Answers], None]) -> None:
        """Send a batch until every event of it has a final answer; store the answers."""
        lines: Sequence[Line] = batch.lines
        attempt = 0
        while lines:
            items = self._answered(batch, lines)
            final = self._received_of(lines, list(takewhile(_is_final, items)))
            if final:
                store(list(zip(lines, final, strict=False)))
            if len(final) < len(lines):
                attempt = 0 if final else attempt + 1
                self._pause_for(items[len(final)], attempt)
            lines = lines[len(final) :]

    def _received_of(self, lines: Sequence[Line], final: Sequence[Item]) -> Sequence[Item]:
        """Return the answers to the events that the other ledger counts as received.

        It does so with an invalid one too, unless it cannot read it or does not believe the sender.
        A replica of it may not have the last ones yet; what came before one that was taken is.
        """
        if all(item["status"] != "invalid" for item in final):
            return final
        answered = list(zip(lines, final, strict=False))
        taken = [line.number for line, item in answered if item["status"] != "invalid"]
        there = received(self.nation, self.state.ledger).place.position
        there = max([there, *taken[-1:]])
        return [item for line, item in answered if line.number <= there]

    def _answered(self, batch: Batch, lines: Sequence[Line]) -> Sequence[Item]:
        if batch.family is None:
            raise AssertionError(batch)
        raws, head = [line.raw for line in lines], max(self.state.head, lines[-1].number)
        try:
            return self.nation.send(batch.family, raws, origin_head=head)
        except Undeliverable as error:
            if error.problem is not None and error.problem.get("code") in STOPPING:
                raise Stopped(error.problem) from error
            raise

    def _pause_for(self, item: Item, attempt: int) -> None:
        """Pause before an event is sent again; raise if the other ledger takes nothing more."""
        problem = item["problem"]
        if _is_final(item) or problem["code"] in STOPPING:
            raise Stopped(problem)
        seconds = min(_LONGEST_PAUSE_SECONDS, 0.2 * 2 ** min(attempt, 10))
        self.nation.busy(problem["code"], seconds)
        self.pause(seconds)

    def _store(self, events: Mapping[int, RecordedEvent], answers: Answers) -> None:
        now, last = self.clock(), events[answers[-1][0].number]
        self.state = replace(
            self.state,
            position=last.position,
            chain=last.chain.hex(),
            head=max(self.state.head, last.position),
            recorded_us=last.recorded_us,
            forwarded_us=now,
            answered_us=now,
            stop=None,
        )
        statuses = [str(item["status"]) for _, item in answers]
        self._any_refused |= not NOT_TAKEN.isdisjoint(statuses)
        self.kept.save(self.state, statuses)
        self.advanced(self.state)

    def _line(self, event: RecordedEvent) -> Line:
        """Return an event with its origin, its record otherwise byte for byte."""
        ledger, chain = self.state.ledger, event.chain
        raw = with_origin(event.body, ledger, event.position, chain, event.recorded_us)
        return Line(event.position, 0, raw)

    def _after(self, last: LogPlace) -> list[RecordedEvent]:
        """Return the next events; raises `Stopped` if the log is not the one that was forwarded.

        So it does if one of them was itself forwarded to this ledger.
        """
        first = max(0, last.position - 1)
        events = [from_feed(item) for item in self.own.page(first)]
        if last.position:
            if not events or place_of(events[0]) != last:
                raise self._forked(last.position)
            del events[0]
        for event in events:
            origin = place_in(event.body)
            if origin is not None:
                params = {"ledger": origin.ledger, "position": event.position}
                raise Stopped(Problem(ORIGIN_ELSEWHERE, params).as_json())
        return events

    def _head(self) -> int:
        head: int = get_json(self.own.client, f"{self.reporting}/completeness", {})["log"]["head"]
        return head

    def _forked(self, position: int) -> Stopped:
        problem = Problem(ORIGIN_FORKED, {"ledger": self.state.ledger, "position": position})
        return Stopped(problem.as_json())


def is_gap(stopped: Stopped) -> bool:
    """Return whether the other ledger is elsewhere than was thought, which may pass."""
    return bool(stopped.problem.get("code") == ORIGIN_GAP.code)


def _is_final(item: Item) -> bool:
    """Return whether an event need not be sent again."""
    problem = item.get("problem")
    if problem is None:
        return True
    status = problem["status"]
    return problem["code"] not in STOPPING and status < _FAULT and status != _TOO_MANY


def _refusal(item: Item) -> Refusal:
    return Refusal(
        item["originposition"],
        item["source"],
        item["id"],
        item["type"],
        item["subject"],
        *reason_of(item["problem"]),
        to_microseconds(datetime.fromisoformat(item["at"])),
    )
