"""Given events, when an event comes, then what the rules say: three deciders on one log in memory.

What is given must itself be accepted, so that no test rests on an impossible history.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from services.reporting.decider import ReportingDecider
from shared.appending.decider import Accept, Decider, Decision, NotLoaded
from shared.appending.outcomes import Parked, Refused
from shared.appending.recording import recorded_at
from shared.eventlog.protocol import Head, Reference
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.support.memory_log import MemoryEventLog


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one event."""

    decision: Decision

    @property
    def accepted(self) -> bool:
        """Whether the event keeps every rule."""
        return isinstance(self.decision, Accept)

    @property
    def waiting_for(self) -> set[tuple[str, str]]:
        """What a parked event waits for, nothing when it is not parked."""
        return set(self.decision.waiting_for) if isinstance(self.decision, Parked) else set()

    @property
    def code(self) -> str | None:
        """The rule that was broken."""
        return self.decision.problem.rule.code if isinstance(self.decision, Refused) else None

    @property
    def says(self) -> str:
        """The refusal in English."""
        match self.decision:
            case Refused(problem):
                return problem.rule.words("en", problem.params)
            case _:
                return str(self.decision)


class History:
    """A log in memory and the three services that decide on it."""

    def __init__(self, log: MemoryEventLog | None = None, **deciders: Decider) -> None:
        self.log = log or MemoryEventLog()
        self.deciders: dict[Family, Decider] = {
            Family.REGISTRY: RegistryDecider(),
            Family.EVALUATION: EvaluationDecider(),
            Family.REPORTING: ReportingDecider(),
            **{Family(name): decider for name, decider in deciders.items()},
        }
        for family, decider in self.deciders.items():
            decider.start(self.log.as_family(family))

    def given(self, *events: ReceivedEvent, service: Family | None = None) -> "History":
        """Record events, each of which the rules must accept."""
        for event in events:
            verdict = self.when(event, service=service)
            assert verdict.accepted, f"{event.type} is not accepted: {verdict.says}"
            self.record(event, service=service)
        return self

    def when(self, event: ReceivedEvent, *, service: Family | None = None) -> Verdict:
        """Decide an event at the head of the log, without recording it."""
        family = service or _service_of(event)
        decider, log = self.deciders[family], self.log.as_family(family)
        decider.load(log, decider.streams(event))
        recorded_us = max(log.head().recorded_us, event.time_us)
        while True:
            try:
                return Verdict(decider.decide(event, recorded_us))
            except NotLoaded as missing:
                decider.load(log, missing.subjects)

    def record(self, event: ReceivedEvent, *, service: Family | None = None) -> RecordedEvent:
        """Append an event whatever the rules say, and let every service fold it."""
        (recorded,) = self.record_all([event], service=service)
        return recorded

    def record_all(
        self, events: Sequence[ReceivedEvent], *, service: Family | None = None
    ) -> list[RecordedEvent]:
        """Append events of one service at once, and let every service fold them."""
        family = service or _service_of(events[0])
        rows = []
        with self.log.as_family(family).append_session() as session:
            head = session.head()
            versions = dict(session.versions({event.subject for event in events}))
            for event in events:
                recorded = recorded_at(head, event, max(head.recorded_us, event.time_us))
                versions[event.subject] += 1
                rows.append((recorded, versions[event.subject]))
                head = Head(recorded.position, recorded.chain, recorded.recorded_us)
            session.insert(rows)
        appended = [recorded for recorded, _ in rows]
        for decider in self.deciders.values():
            decider.fold(appended)
        return appended

    def provides(self, event: ReceivedEvent) -> dict[Family, set[Reference]]:
        """Record an event and return the references that each service sees come into being."""
        recorded = self.record(event)
        return {family: set(d.provides(recorded)) for family, d in self.deciders.items()}

    def restarted(self) -> "History":
        """Return the same log with services that have just started."""
        return self._started_on(self.log)

    def copied(self) -> "History":
        """Return a log that holds the same, with services that have just started."""
        log = MemoryEventLog()
        log.store = self.log.store.trial()
        return self._started_on(log)

    def _started_on(self, log: MemoryEventLog) -> "History":
        again = History()
        again.log = log
        for family, decider in again.deciders.items():
            decider.start(log.as_family(family))
        return again


def given(*events: ReceivedEvent) -> History:
    """Return a history of these events."""
    return History().given(*events)


def _service_of(event: ReceivedEvent) -> Family:
    return next(family for family in Family if family in CATALOGUE[event.type].families)
