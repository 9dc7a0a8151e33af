"""The fold key of an event: rows with the same key are folded together.

A model, its registrations and the outcomes of these have one key, the outcomes of a unit another.
An outcome may be stated again for another registration: its events keep the key of the first
statement, and the two keys are coupled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import orjson

from services.reporting.archive.layout import AWARDS, BUCKETS, SHARED
from services.reporting.readmodels.outcomes.state import REPORTED
from services.reporting.readmodels.outcomes.state import SUBJECT as OUTCOME
from services.reporting.readmodels.parts.programmes import REGISTERED
from services.reporting.readmodels.registrations.state import SUBJECT as REGISTRATION
from shared.readmodel.decoded_events import name_of
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent

_MODEL, _AWARD = "model/", "award/"


class ArchivePlace(NamedTuple):
    """The part of an event in its file, its fold key, and the programme that it states."""

    part: int
    fold_key: int
    programme: str | None


class FoldKeys:
    """Finds the fold keys of the events of one file; the log has what was recorded before it."""

    def __init__(self, log: Reader, events: Sequence[RecordedEvent]) -> None:
        self.coupled: set[tuple[int, int]] = set()
        self._models: dict[str, str] = {}
        self._outcomes: dict[str, int] = {}
        self._find_earlier(log, events)

    def place(self, event: RecordedEvent) -> ArchivePlace:
        """Return the place of the next event, in order of position."""
        subject = event.subject
        if subject.startswith(REGISTRATION):
            data = _data(event) if name_of(event.type) == REGISTERED else {}
            if data:
                self._models[subject] = _MODEL + data["model_id"]
            programme = data.get("programme")
            other = programme if programme != DEFAULT_PROGRAMME else None
            return self._in_bucket(_key(self._models[subject]), other)
        if subject.startswith(_MODEL):
            return self._in_bucket(_key(subject))
        if subject.startswith(OUTCOME):
            return self._in_bucket(self._of_outcome(event))
        return ArchivePlace(AWARDS if subject.startswith(_AWARD) else SHARED, 0, None)

    def _of_outcome(self, event: RecordedEvent) -> int:
        """Return the key of an outcome: that of the first reporter."""
        first = self._outcomes.get(event.subject)
        if name_of(event.type) != REPORTED:
            return first if first is not None else _key(event.subject)
        key = self._reporter(_data(event))
        if first is None:
            first = self._outcomes[event.subject] = key
        elif first != key:
            self.coupled.add((first, key))
        return first

    def _reporter(self, data: Mapping[str, Any]) -> int:
        registration_id = data.get("registration_id")
        if registration_id is None:
            return _key(f"unit/{data['unit_id']}")
        return _key(self._models[REGISTRATION + registration_id])

    def _find_earlier(self, log: Reader, events: Sequence[RecordedEvent]) -> None:
        """Read what registrations and outcomes of earlier files need."""
        outcomes = {e.subject for e in events if e.subject.startswith(OUTCOME)}
        before = events[0].position if events else 0
        earlier = [e for e in log.streams(outcomes) if e.position < before] if outcomes else []
        begun = {e.subject for e in events if name_of(e.type) == REGISTERED}
        named = {e.subject for e in events if e.subject.startswith(REGISTRATION)}
        named |= set(_reported([*earlier, *events]))
        for event in log.streams(named - begun):
            if name_of(event.type) == REGISTERED:
                self._models[event.subject] = _MODEL + _data(event)["model_id"]
        for event in earlier:
            if name_of(event.type) == REPORTED and event.subject not in self._outcomes:
                self._outcomes[event.subject] = self._reporter(_data(event))

    @staticmethod
    def _in_bucket(key: int, programme: str | None = None) -> ArchivePlace:
        return ArchivePlace(key % BUCKETS, key, programme)


def _reported(events: Sequence[RecordedEvent]) -> Iterator[str]:
    """Yield the subjects of the registrations that outcomes name."""
    for event in events:
        if name_of(event.type) == REPORTED:
            registration_id = _data(event).get("registration_id")
            if registration_id is not None:
                yield REGISTRATION + registration_id


def _key(root: str) -> int:
    return crc32(root.encode())


def _data(event: RecordedEvent) -> Mapping[str, Any]:
    data: Mapping[str, Any] = orjson.loads(event.body)["data"]
    return data
