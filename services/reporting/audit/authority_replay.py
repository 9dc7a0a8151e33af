"""Authority judged again from an export: every signature, key and right.

Each event is judged at its own position, by the map, the keys and the rights as recorded before it,
with the code that judged it at the head of the log.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from services.reporting.audit.export_file import MOST_FAULTS, Fault
from services.reporting.audit.replay import ExportLog
from shared.appending.decider import NotLoaded, StreamQuarantined
from shared.errors import LedgerError
from shared.events.acceptance.receive import Invalid
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent, Signing
from shared.events.origin import without_origin
from shared.events.payloads.redaction import EventRedacted
from shared.events.payloads.retraction import EventRetracted
from shared.events.redacted_record import key_of_original, original_digest
from shared.rules.retraction import key_of
from shared.trust.authority import AUTHORITY_TYPES
from shared.trust.event_signature import SignedRecord
from shared.trust.problems import UNSIGNED
from shared.trust.signature_check import SignatureCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from services.reporting.audit.export_file import Export
    from shared.deciders.stream_decider import StreamDecider
    from shared.errors import Problem
    from shared.events.envelope import EventKey
    from shared.events.payloads.authority import TrustBegan
    from shared.events.recorded import RecordedEvent
    from shared.vocabulary import Family

RUN = 500
_CANNOT_BE_JUDGED = (LedgerError, LookupError, StreamQuarantined, ValueError)


class JudgedAuthority(NamedTuple):
    """The outcome: the numbers of events before trust and since, and those without authority.

    `digest` (hex) is that of the event with which trust began (`trust`), at `began_at`; None if it
    is not in the export. `unsigned_since` is the first position after it without a signature,
    `no_authority` the first that fails for another reason.
    """

    unsigned: int
    signed: int
    digest: str | None
    began_at: int | None
    trust: TrustBegan | None
    unsigned_since: int | None
    no_authority: int | None
    faults: Sequence[Fault]


def judge_authority(
    export: Export,
    deciders: Mapping[Family, StreamDecider],
    advanced: Callable[[int], None] = lambda _events: None,
) -> JudgedAuthority:
    """Judge all events of an export that begins with the log; `deciders` are new ones.

    `advanced` is called with the number of events judged. At most `MOST_FAULTS` are listed.
    """
    replay = _Replay(export, deciders)
    done, signed, faults = 0, 0, list[Fault]()
    since: dict[bool, int] = {}
    for event in export.events():
        signed += replay.trusts
        problem = replay.judged(event)
        if problem is None or event.type not in AUTHORITY_TYPES:
            # An event of keys and grants without authority changes nothing.
            problem = replay.go_on(event) or problem
        if problem is not None:
            since.setdefault(replay.is_unsigned, event.position)
            if len(faults) < MOST_FAULTS:
                faults.append(Fault(event.position, *problem))
        done += 1
        if done % RUN == 0:
            advanced(done)
    authority = replay.authority
    digest = authority.trust_digest
    return JudgedAuthority(
        unsigned=done - signed,
        signed=signed,
        digest=digest.hex() if digest else None,
        began_at=authority.began_at,
        trust=authority.trust,
        unsigned_since=since.get(True),
        no_authority=since.get(False),
        faults=faults,
    )


class _Replay:
    """The deciders of all services, folded event by event."""

    def __init__(self, export: Export, deciders: Mapping[Family, StreamDecider]) -> None:
        self._deciders = deciders
        self._log = _Before(export)
        self.authority = next(iter(deciders.values())).authority
        self._signatures = SignatureCheck(lambda: self.authority, lambda: None)
        self.is_unsigned = False

    @property
    def trusts(self) -> bool:
        """Return whether events must be signed from here on."""
        return self.authority.began

    def judged(self, event: RecordedEvent) -> tuple[str, str] | None:
        """Return why an event had no authority, in both languages."""
        self.is_unsigned = False
        try:
            problem = self._problem(event)
        except _CANNOT_BE_JUDGED as error:
            return _cannot_be_judged(error)
        self.is_unsigned = problem is not None and problem.rule is UNSIGNED
        return self._in_words(problem)

    def go_on(self, event: RecordedEvent) -> tuple[str, str] | None:
        """Fold an event after it was judged; return why it cannot be."""
        self._log.add(event)
        try:
            for decider in self._deciders.values():
                decider.fold([event])
        except _CANNOT_BE_JUDGED as error:
            return _cannot_be_judged(error)
        return None

    @staticmethod
    def _in_words(problem: Problem | None) -> tuple[str, str] | None:
        if problem is None:
            return None
        rule, params = problem.rule, problem.params
        return rule.words("vi", params), rule.words("en", params)

    def _problem(self, event: RecordedEvent) -> Problem | None:
        received = as_received(event)
        if original_digest(event.body) is None:
            (checked,) = self._signatures.check([received])
            if isinstance(checked, Invalid):
                return checked.problem
        if not self.trusts and not event.subject.startswith("trust/"):
            return None
        problems = [self._decided(family, received, event) for family in self._families(event)]
        return None if None in problems else problems[0]

    def _families(self, event: RecordedEvent) -> Iterable[Family]:
        """Return the services that may have accepted an event; of several one must agree."""
        payload = event.payload
        of = event
        if isinstance(payload, EventRetracted):
            of = self._log.find(key_of(payload)) or event
        elif isinstance(payload, EventRedacted) and payload.position < event.position:
            of = self._log.read(payload.position - 1, 1)[0]
        return sorted(CATALOGUE[of.type].families)

    def _decided(
        self, family: Family, received: ReceivedEvent, event: RecordedEvent
    ) -> Problem | None:
        decider = self._deciders[family]
        decider.load(self._log, decider.streams(received))
        while True:
            try:
                return decider.without_authority(received, event.recorded_us)
            except NotLoaded as missing:
                decider.load(self._log, missing.subjects)


def _cannot_be_judged(error: Exception) -> tuple[str, str]:
    return f"không xét được quyền gửi: {error}", f"its authority cannot be judged: {error}"


def as_received(event: RecordedEvent) -> ReceivedEvent:
    """Return a recorded event as the door read it; its time and expected version are not asked.

    A forwarded one is judged as its publisher sent it, without its origin.
    Of a redacted one the key is known and no signature: its redaction is signed instead.
    """
    record = SignedRecord.of(event.body)
    signing = record and Signing(record.signature, record.key_id, record.salt)
    key_id = key_of_original(event.body)
    return ReceivedEvent(
        key=event.key,
        type=event.type,
        subject=event.subject,
        time_us=event.recorded_us,
        expected_version=None,
        payload=event.payload,
        body=without_origin(event.body),
        content=event.digest,
        signing=Signing("", key_id, "") if key_id else signing,
    )


class _Before(ExportLog):
    """The log before the event that is judged, for the queries of deciders; it grows with each."""

    def __init__(self, export: Export) -> None:
        super().__init__(export)
        self._streams: defaultdict[str, list[int]] = defaultdict(list)
        self._keys: dict[EventKey, int] = {}

    def add(self, event: RecordedEvent) -> None:
        """Append an event."""
        self._keys[event.key] = event.position
        for subject in (event.subject, event.linked):
            if subject is not None:
                self._streams[subject].append(event.position)

    def streams(self, subjects: Iterable[str]) -> Sequence[RecordedEvent]:
        """Return the events of subjects, and those linked to them, in order."""
        found = {each for subject in set(subjects) for each in self._streams.get(subject, ())}
        return [event for position in sorted(found) for event in self.read(position - 1, 1)]

    def find(self, key: EventKey) -> RecordedEvent | None:
        """Return the event with this key."""
        position = self._keys.get(key)
        return None if position is None else self.read(position - 1, 1)[0]
