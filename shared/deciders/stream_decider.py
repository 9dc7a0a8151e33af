"""The part of a decider that all services share: its state, and the order of its checks.

A service adds its rules: the references of an event, and the refusals of its row of the contract.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import ClassVar, cast

from shared.appending.decider import Accept, Decision, QuarantinedStream
from shared.appending.outcomes import Parked, Refused
from shared.deciders.quarantine import ReadableTaxonomies, UnreadableStreams
from shared.deciders.stream_cache import STREAMS_KEPT, Lookup, StreamCache, StreamFold
from shared.errors import Problem, Unavailable
from shared.eventlog.protocol import Reader, Reference
from shared.events.envelope import EventKey, ReceivedEvent
from shared.events.payloads.officers import OFFICER_EVENTS
from shared.events.payloads.payload import Payload
from shared.events.payloads.redaction import EventRedacted
from shared.events.payloads.registrations import ModelRegistered
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.units import UnitOpened, UnitsReorganized
from shared.events.recorded import RecordedEvent
from shared.rules.common_rules import UNIT_EVENTS, vietnam_day
from shared.rules.forwarded import names_a_position_of_origin
from shared.rules.person_references import not_a_reference
from shared.rules.redaction import Redactable, cannot_be_redacted
from shared.rules.registration import Registration
from shared.rules.retraction import Recorded, key_of, retracted_keys
from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies
from shared.trust.authority import AUTHORITY_TYPES, Authority
from shared.trust.authority_events import broken_authority_rule
from shared.trust.authority_rules import (
    Coverage,
    Speech,
    not_speaking,
    outside_grant,
)
from shared.vocabulary import Family, Power

_NEEDS_GRANT = frozenset({*UNIT_EVENTS, *OFFICER_EVENTS})
"""Events that change the map, or who may act in a unit."""


class StreamDecider(ABC):
    """Decides at the head of the log on the map, the taxonomies and the streams needed."""

    family: Family
    in_memory: ClassVar[tuple[str, ...]] = (
        "unit/",
        "reorganization/",
        "taxonomy/",
        "trust/",
        "publisher/",
    )
    """Prefixes of the subjects that are folded at the start and always kept in memory."""

    def __init__(
        self,
        kinds: Mapping[str, StreamFold],
        lookups: Mapping[str, Lookup] | None = None,
        *,
        streams_kept: int = STREAMS_KEPT,
    ) -> None:
        self._cache = StreamCache(
            kinds,
            {"event": find_recorded, "redactable": find_redactable, **(lookups or {})},
            limit=streams_kept,
        )
        self.position = 0
        self._unreadable = UnreadableStreams()
        self._forget()

    def start(self, log: Reader) -> None:
        """Reset, and fold everything that is always in memory up to the head of the log."""
        self._cache.clear()
        self._unreadable = UnreadableStreams()
        self._forget()
        # The head is read first, so that events appended meanwhile are folded and not skipped.
        head = log.head().position
        events = log.under(*self.in_memory)
        try:
            self._remember(events)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001  the record is found by folding one by one
            self._unreadable.fold_without(events, self._forget, self._remember)
        self.position = max(head, events[-1].position if events else 0)

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Fold recorded events of any service, in order; unloaded streams stay unloaded."""
        self._cache.fold(events)
        if not events or events[-1].position <= self.position:
            return
        kept = [
            event
            for event in events
            if event.subject.startswith(self.in_memory) and event.position > self.position
        ]
        if kept:
            self._remember(self._unreadable.hold_more(kept) if self._unreadable else kept)
        self.position = events[-1].position

    def take_back(self, events: Sequence[RecordedEvent]) -> bool:
        """Forget events that were folded last and were not committed; False: start again."""
        if any(event.subject.startswith(self.in_memory) for event in events):
            return False
        self._cache.drop(events)
        if events:
            self.position = events[0].position - 1
        return True

    def missing(self, events: Sequence[ReceivedEvent]) -> Collection[str]:
        """Return the streams that deciding these events needs and that are not in memory."""
        return self._cache.missing(stream for event in events for stream in self.streams(event))

    def take(self, log: Reader, streams: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Load streams from all their events; unreadable streams are quarantined."""
        self._cache.take(log, streams, events)

    def load(self, log: Reader, subjects: Iterable[str]) -> None:
        """Load streams as of the head of the log."""
        self._cache.load(log, subjects)

    def decide(self, event: ReceivedEvent, recorded_us: int) -> Decision:
        """Decide one event that would be recorded at a time in microseconds.

        Its key must be live and its publisher have a right at all; then its references must be
        known, its units covered, and the rules apply.
        """
        if self._unreadable:
            self._unreadable.require_none(event)
        day = vietnam_day(recorded_us)
        if event.origin is not None and (problem := names_a_position_of_origin(event)):
            return Refused(problem)
        if self.authority.began and (problem := self._not_speaking(event, day)):
            return Refused(problem)
        unknown = tuple(self.unknown(event))
        if unknown:
            return Parked(unknown)
        if self.authority.began and (problem := self._not_covered(event, day)):
            return Refused(problem)
        problem = broken_authority_rule(event, self.authority, self._coverage, day)
        problem = problem or self._not_redactable(event) or self.problem(event)
        return Accept() if problem is None else Refused(problem)

    def without_authority(self, event: ReceivedEvent, recorded_us: int) -> Problem | None:
        """Refuse an event that its publisher had no right to, recorded at a time (microseconds).

        For audits: other rules may have changed since, and are not asked. Raises `NotLoaded` and
        `StreamQuarantined` like `decide`, LookupError if a reference is not known.
        """
        day = vietnam_day(recorded_us)
        problem = None
        if self.authority.began:
            problem = self._not_speaking(event, day)
            if problem is None and (unknown := tuple(self.unknown(event))):
                raise LookupError(", ".join(f"{each.kind} {each.id}" for each in unknown))
            problem = problem or self._not_covered(event, day)
        return problem or broken_authority_rule(event, self.authority, self._coverage, day)

    def _not_speaking(self, event: ReceivedEvent, day: date) -> Problem | None:
        """Refuse an event whose key is not live, or whose publisher has no right here at all.

        Nor may it name a person but by a reference: it is not even parked.
        """
        problem = not_speaking(event, self.family, self.authority, day)
        return problem or not_a_reference(event.payload)

    def _not_covered(self, event: ReceivedEvent, day: date) -> Problem | None:
        """Refuse an event about a unit that no right of its publisher covers."""
        if event.type in AUTHORITY_TYPES:
            return None
        payload = event.payload
        units: tuple[str, ...] = ()
        power = Power.PUBLISH
        if isinstance(payload, EventRetracted):
            recorded = self.recorded(key_of(payload))
            units = (payload.unit_id,) if payload.unit_id else ()
            power = Power.PUBLISH if payload.retracts.source == event.key.source else Power.CORRECT
            payload = recorded.event.payload if recorded else payload
        elif isinstance(payload, EventRedacted):
            found = self.redactable(payload.position)
            units = (payload.unit_id,) if payload.unit_id else ()
            own = found is not None and found.event.key.source == event.key.source
            power = Power.PUBLISH if own else Power.CORRECT
            payload = found.event.payload if found else payload
        of_new = event.payload if isinstance(event.payload, EventRedacted) else payload
        if power is Power.PUBLISH and type(payload) in _NEEDS_GRANT:
            power = Power.GRANT
        units = (*units, *self.written_about(payload))
        if self._coverage.has_full_right(event.key.source, power, units, day):
            return None
        speech = Speech(units, power, partial(self.new_ids, of_new))
        return outside_grant(event, speech, self._coverage, day)

    def streams(self, event: ReceivedEvent) -> Iterable[str]:
        """Return the streams that deciding this event probably needs."""
        payload = event.payload
        if isinstance(payload, EventRetracted):
            return (question_of(key_of(payload)),)
        if isinstance(payload, EventRedacted):
            return (f"redactable/{payload.position}",)
        return self.streams_of(event)

    def held(self) -> Sequence[QuarantinedStream]:
        """Return the streams found unreadable so far."""
        return (*self._unreadable.streams.values(), *self._cache.held.values())

    @abstractmethod
    def provides(self, event: RecordedEvent) -> Iterable[Reference]:
        """Return the references that this event brings into existence."""

    @abstractmethod
    def streams_of(self, event: ReceivedEvent) -> Iterable[str]:
        """Return the streams that deciding an event (not a retraction) probably needs."""

    @abstractmethod
    def unknown(self, event: ReceivedEvent) -> Iterable[Reference]:
        """Return the references of the event that the log does not hold."""

    @abstractmethod
    def problem(self, event: ReceivedEvent) -> Problem | None:
        """Return the rule that the event breaks, or None."""

    @abstractmethod
    def written_about(self, payload: Payload) -> Iterable[str]:
        """Return the units that an event writes about, with those of what it changes.

        All references of the event are known. Units that it merely names are not among them.
        """

    @abstractmethod
    def new_ids(self, payload: Payload) -> Iterable[str]:
        """Return the ids that begin with this event."""

    def registration(self, registration_id: str) -> Registration | None:
        """Return the state of a registration, or None."""
        state = self._cache.state(f"registration/{registration_id}")
        return cast("Registration | None", state)

    def earlier(self, subject: str) -> Payload | None:
        """Return the latest statement of a stream, None for a new one."""
        return cast("Payload | None", self._cache.state(subject))

    def recorded(self, key: EventKey) -> Recorded | None:
        """Return an event of the log by its key, and whether it was retracted."""
        return cast("Recorded | None", self._cache.answer(question_of(key)))

    def redactable(self, position: int) -> Redactable | None:
        """Return the event at a position, and the redactions of it."""
        return cast("Redactable | None", self._cache.answer(f"redactable/{position}"))

    def _not_redactable(self, event: ReceivedEvent) -> Problem | None:
        payload = event.payload
        if not isinstance(payload, EventRedacted):
            return None
        found, began = self.redactable(payload.position), self.authority.began
        return cannot_be_redacted(event, payload, found, self.family, trusted=began)

    def _forget(self) -> None:
        self.territory = Territory()
        self.authority = Authority()
        self._coverage = Coverage(self.territory, self.authority, self.family)
        held = self._unreadable
        self.taxonomies = ReadableTaxonomies(held.streams) if held.in_doubt else Taxonomies()

    def _remember(self, events: Sequence[RecordedEvent]) -> None:
        """Fold events whose subjects are always in memory."""
        self.territory.fold(events)
        self.taxonomies.fold(events)
        self.authority.fold(events)


def latest_of(*payloads: type[Payload]) -> StreamFold:
    """Return the fold of a stream in which each statement replaces the one before it."""
    return StreamFold(latest, frozenset(payload.NAME for payload in payloads))


def latest(_before: Payload | None, event: RecordedEvent) -> Payload:
    """Return the statement of an event, which replaces the one before it."""
    return event.payload


def provided_units(event: RecordedEvent) -> tuple[Reference, ...]:
    """Return the units that an event creates."""
    if event.subject.startswith(("unit/", "reorganization/")):
        match event.payload:
            case UnitOpened(unit_id=unit_id):
                return (Reference("unit", unit_id),)
            case UnitsReorganized() as reorganized:
                return tuple(Reference("unit", u) for u in sorted(reorganized.opened_ids()))
    return ()


def provided_registration(event: RecordedEvent) -> tuple[Reference, ...]:
    """Return the registration that an event creates, without decoding it."""
    if event.type.startswith(f"dvk.{ModelRegistered.NAME}."):
        return (Reference("registration", event.subject.partition("/")[2]),)
    return ()


def question_of(key: EventKey) -> str:
    """Return the lookup key of an event for `load`; sources contain no bar."""
    return f"event/{key.source}|{key.id}"


def find_recorded(log: Reader, question: str) -> Recorded | None:
    """Return an event by its key ("<source>|<id>"), and the position that retracted it."""
    source, _, identifier = question.partition("|")
    key = EventKey(source, identifier)
    event = log.find(key)
    if event is None:
        return None
    retractions = [e for e in log.streams([event.subject]) if _retracts(e)]
    return Recorded(event, retracted_keys(retractions).get(key))


def find_redactable(log: Reader, position: str) -> Redactable | None:
    """Return the event at a position, and the redactions of it in its stream."""
    found = log.read(int(position) - 1, 1)
    if not found or found[0].position != int(position):
        return None
    payloads = [e.payload for e in log.streams([found[0].subject]) if _redacts(e)]
    of_it = [p for p in payloads if isinstance(p, EventRedacted) and p.position == int(position)]
    return Redactable(found[0], of_it)


def _redacts(event: RecordedEvent) -> bool:
    return event.type.startswith(f"dvk.{EventRedacted.NAME}.")


def _retracts(event: RecordedEvent) -> bool:
    return event.type.startswith(f"dvk.{EventRetracted.NAME}.")
