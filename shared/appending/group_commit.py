"""Group commit: decide each event of a group at the head, and release parked events in between.

The order is the contract's (events.md, Accepting): known id, parked, `expectedversion`, the rules;
a parked event is recorded directly after the event that releases it.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from shared.appending import recording
from shared.appending.decider import (
    DECISION_FAULT,
    Accept,
    Decider,
    Decision,
    NotLoaded,
    QuarantinedStream,
    StreamQuarantined,
    Undecided,
    reason_of,
)
from shared.appending.origins.receiving import Receiving
from shared.appending.outcomes import Accepted, Duplicate, Outcome, Parked, Refused, Unfit
from shared.appending.parked_room import ParkedRoom
from shared.appending.problems import (
    PARKED_EXPIRED,
    UNKNOWN_REFERENCE,
    named,
    reused,
    wrong_version,
)
from shared.appending.results import BatchResult
from shared.clock import Clock
from shared.errors import Problem, Unavailable
from shared.eventlog.protocol import (
    AppendSession,
    Head,
    LookupResult,
    ParkedEvent,
    Reference,
    RefusedEvent,
    StoredEvent,
)
from shared.events.envelope import EventKey, ReceivedEvent
from shared.events.recorded import RecordedEvent

_logger = logging.getLogger(__name__)


class GroupCommit:
    """Decides the events of one group, in order, within one append session."""

    def __init__(
        self,
        session: AppendSession,
        decider: Decider,
        head: Head,
        lookup: LookupResult,
        *,
        clock: Clock,
        park_us: int,
    ) -> None:
        self.head = self._started = head
        self.settled = BatchResult()
        self._session = session
        self._decider = decider
        self._clock = clock
        self._now_us = 0
        self._park_us = park_us
        self._pending: list[tuple[RecordedEvent, int]] = []
        self._versions = dict(lookup.versions)
        self._known = dict(lookup.known)
        self._waiting_keys: dict[EventKey, ParkedEvent] = {}
        self._new_parked: dict[int, ParkedEvent] = {}
        self._new_numbers = count(-1, -1)
        self._gone: set[int] = set()
        self._moved: dict[int, tuple[Reference, ...]] = {}
        self._refusals: list[RefusedEvent] = []
        self._any_parked = lookup.any_parked
        self._parked_room = ParkedRoom(session, decider)
        self._receiving = Receiving(session, clock, self._judged)

    @property
    def any_waits(self) -> bool:
        """True if events of this family may be parked after the commit of this group."""
        return self._any_parked or bool(self._new_parked)

    def decide(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Decide the events of the lookup, in order; return their outcomes in the same order."""
        self._see_waiting([event.key for event in events])
        receive = self._receiving.receive
        outcomes = [receive(e, e.origin) if e.origin else self._judged(e) for e in events]
        self.settled.outcomes.extend(outcomes)
        return outcomes

    def release_for(self, recorded: Iterable[RecordedEvent]) -> None:
        """Decide again the parked events that these events, of any service, may release."""
        if self._any_parked:
            self._release([r for event in recorded for r in self._decider.provides(event)])

    def release_all(self, parked: Sequence[ParkedEvent]) -> None:
        """Decide all parked events again: some may have become releasable unnoticed."""
        self._prefetch([item.event for item in parked])
        for item in parked:
            if item.number not in self._gone and (recorded := self._try(item)):
                self._release(self._decider.provides(recorded))

    def expire(self) -> None:
        """Refuse parked events that have expired."""
        for item in self._session.parked_until(self._clock()) if self._any_parked else ():
            if item.number not in self._gone:
                problem = Problem(PARKED_EXPIRED, {"references": named(item.waiting_for)})
                self._settle(item, self._refuse(item.event, problem))

    def write(self) -> None:
        """Write all decisions to the session; they take effect with its commit."""
        self._flush()
        if self._gone:
            self._session.unpark([number for number in self._gone if number > 0])
        for number, waiting_for in self._moved.items():
            if number > 0 and number not in self._gone:
                self._session.wait_on(number, waiting_for)
        self._session.park(
            [i for number, i in self._new_parked.items() if number not in self._gone]
        )
        self._receiving.write(self._refusals)

    def recorded(self) -> Sequence[RecordedEvent]:
        """Return every event that the group has accepted so far, in order of position."""
        self._flush()
        return self._session.read(self._started.position, self.settled.accepted)

    def _see_waiting(self, keys: Sequence[EventKey]) -> None:
        if self._any_parked:
            # Parked events that this group has settled stay in the database until `write`.
            waiting = self._session.parked_with(keys).items()
            self._waiting_keys.update((k, i) for k, i in waiting if i.number not in self._gone)

    def _prefetch(self, events: Sequence[ReceivedEvent]) -> None:
        """Load what deciding parked events needs: the group's lookup did not include them."""
        if not events:
            return
        keys = [event.key for event in events]
        self._known.update(self._session.known(keys))
        self._see_waiting(keys)
        unknown = [event for event in events if event.key not in self._known]
        self._versions.update(
            self._session.versions({e.subject for e in unknown} - self._versions.keys())
        )
        wanted = {stream for event in unknown for stream in self._decider.streams(event)}
        if wanted:
            self._load(wanted)

    def _judged(self, event: ReceivedEvent) -> Outcome:
        return self._objected(event) or self._submitted(event)

    def _objected(self, event: ReceivedEvent) -> Outcome | None:
        """Return the validation error of an event, unless the same event is known already."""
        if event.objection is None:
            return None
        waiting = self._waiting_keys.get(event.key)
        before = self._known.get(event.key) or (waiting and waiting.event)
        return None if before and before.content == event.content else Unfit(event.objection)

    def _submitted(self, event: ReceivedEvent) -> Outcome:
        known = self._recorded_before(event)
        if known is not None:
            if _has_other_content(event, known):
                return self._reused(event, known.position)
            self.settled.duplicates += 1
            return Duplicate(known.position, known.chain)
        waiting = self._waiting_keys.get(event.key)
        if waiting is not None:
            if _has_other_content(event, waiting.event):
                return self._reused(event, "—")
            return Parked(self._moved.get(waiting.number, waiting.waiting_for))
        if event.expected_version is not None:
            actual = self._version(event.subject)
            if not _is_expected(event, actual):
                self.settled.refused += 1
                return Refused(wrong_version(event, actual))
        return self._ruled(event)

    def _recorded_before(self, event: ReceivedEvent) -> StoredEvent | None:
        """Return the recorded event with this key, if any: no event is recorded twice."""
        return self._known.get(event.key)

    def _ruled(self, event: ReceivedEvent) -> Outcome:
        match self._decision(event):
            case Accept():
                return self._accept(event)
            case Refused(problem):
                return self._refuse(event, problem)
            case Parked(waiting_for) if event.expected_version is not None:
                params = {"references": named(waiting_for)}
                return self._refuse(event, Problem(UNKNOWN_REFERENCE, params))
            case Parked(waiting_for):
                return self._park(event, waiting_for)
            case Undecided(problem):
                self._count_undecided(problem)
                return Refused(problem)

    def _decision(self, event: ReceivedEvent) -> Decision | Undecided:
        self._now_us = recording.never_earlier(self.head.recorded_us, self._clock())
        while True:
            try:
                return self._decider.decide(event, self._now_us)
            except NotLoaded as missing:
                self._load(missing.subjects)
            except StreamQuarantined as quarantined:
                return Undecided(quarantined.problem, quarantined.held)
            except Unavailable:
                raise
            except Exception as error:  # deciding is pure: there is nothing to undo
                _logger.exception("the rules failed on %s of %s", event.key.id, event.key.source)
                held = QuarantinedStream(event.subject, 0, event.type, reason_of(error))
                return Undecided(Problem(DECISION_FAULT), held)

    def _count_undecided(self, problem: Problem) -> None:
        if problem.rule is DECISION_FAULT:
            self.settled.faults += 1
        else:
            self.settled.held += 1

    def _load(self, subjects: Iterable[str]) -> None:
        # Streams are read from the session, which must hold what this group has accepted.
        self._flush()
        self._decider.load(self._session, subjects)

    def _flush(self) -> None:
        self._session.insert(self._pending)
        self._pending = []

    def _version(self, subject: str) -> int:
        if subject not in self._versions:
            self._flush()
            self._versions.update(self._session.versions([subject]))
        return self._versions[subject]

    def _accept(self, event: ReceivedEvent) -> Outcome:
        recorded = self._record(event)
        if self._any_parked or self._new_parked:
            self._release(self._decider.provides(recorded))
        return Accepted(recorded.position, recorded.chain)

    def _record(self, event: ReceivedEvent) -> RecordedEvent:
        recorded = recording.recorded_at(self.head, event, self._now_us)
        version = self._version(event.subject) + 1
        self._versions[event.subject] = version
        self._pending.append((recorded, version))
        self._known[event.key] = StoredEvent(recorded.position, recorded.chain, event.content)
        self.head = Head(recorded.position, recorded.chain, recorded.recorded_us)
        self._decider.fold([recorded])
        self.settled.accepted += 1
        return recorded

    def _park(self, event: ReceivedEvent, waiting_for: tuple[Reference, ...]) -> Outcome:
        if (problem := self._parked_room.lacking(event, waiting_for)) is not None:
            self.settled.held += 1
            return Refused(problem)
        self._parked_room.take(event)
        now = self._clock()
        number = next(self._new_numbers)
        parked = ParkedEvent(number, event, waiting_for, now, now + self._park_us)
        self._new_parked[number] = self._waiting_keys[event.key] = parked
        self.settled.parked += 1
        return Parked(waiting_for)

    def _release(self, references: Iterable[Reference]) -> None:
        """Decide parked events waiting for these references, then those each of them releases.

        Depth first, and iterative: a chain of events that wait for one another may be long.
        """
        rows = [self._waiters(references)]
        while rows:
            item = next(rows[-1], None)
            if item is None:
                rows.pop()
            elif recorded := self._try(item):
                rows.append(self._waiters(self._decider.provides(recorded)))

    def _waiters(self, references: Iterable[Reference]) -> Iterator[ParkedEvent]:
        """Yield events still waiting for any of these references, in order of arrival."""
        wanted = set(references)
        if not wanted:
            return
        stored = self._session.parked_for(list(wanted)) if self._any_parked else ()
        # Another service may have recorded an event with the same id since.
        self._prefetch([item.event for item in stored if item.number not in self._gone])
        new_parked = [i for i in self._new_parked.values() if wanted & {*self._waits(i)}]
        for item in (*stored, *new_parked):
            if item.number not in self._gone and wanted & {*self._waits(item)}:
                yield item

    def _waits(self, item: ParkedEvent) -> tuple[Reference, ...]:
        return self._moved.get(item.number, item.waiting_for)

    def _try(self, item: ParkedEvent) -> RecordedEvent | None:
        """Decide a parked event again; return the recorded event if it is accepted."""
        known = self._recorded_before(item.event)
        if known is not None:
            self._settle(item, self._refuse(item.event, reused(item.event, known.position)))
            return None
        match self._decision(item.event):
            case Accept():
                recorded = self._record(item.event)
                self._settle(item, Accepted(recorded.position, recorded.chain))
                return recorded
            case Refused(problem):
                self._settle(item, self._refuse(item.event, problem))
            case Parked(waiting_for):
                self._moved[item.number] = waiting_for
            case Undecided(problem, held):
                # It stays parked, and is decided again when the decider is started again.
                self._count_undecided(problem)
                self.settled.quarantined[item.event.key] = held._replace(
                    subject=item.event.subject, position=0, event_type=item.event.type
                )
        return None

    def _settle(self, item: ParkedEvent, outcome: Outcome) -> None:
        self._gone.add(item.number)
        self._waiting_keys.pop(item.event.key, None)
        self.settled.released.append((item, outcome))

    def _refuse(self, event: ReceivedEvent, problem: Problem) -> Outcome:
        self._refusals.append(RefusedEvent.of(event, problem, self._clock()))
        self.settled.refused += 1
        return Refused(problem)

    def _reused(self, event: ReceivedEvent, position: object) -> Outcome:
        self.settled.refused += 1
        return Refused(reused(event, position))


def _has_other_content(event: ReceivedEvent, before: StoredEvent | ReceivedEvent) -> bool:
    """Return whether the id was used for other content: an id has one content for ever."""
    return before.content != event.content


def _is_expected(event: ReceivedEvent, actual: int) -> bool:
    """Return whether the stream is at the version that the publisher expects."""
    return actual == event.expected_version
