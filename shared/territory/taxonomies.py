"""Versioned taxonomies per jurisdiction: lookup of the one in force, and mapping of codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from shared.events.catalogue import CATALOGUE
from shared.events.envelope import EventKey
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.taxonomies import TaxonomyEntry, TaxonomyPublished
from shared.events.recorded import RecordedEvent
from shared.territory.territory import Territory
from shared.vocabulary import TaxonomyKind

_PUBLISHED = frozenset(t for t, e in CATALOGUE.items() if e.payload is TaxonomyPublished)
_RETRACTIONS = frozenset(t for t, e in CATALOGUE.items() if e.payload is EventRetracted)
_TAXONOMY_STREAMS = "taxonomy/"


@dataclass(frozen=True, slots=True)
class TaxonomyVersion:
    """A published version; `valid_to` is exclusive, `position` is its event's."""

    kind: TaxonomyKind
    jurisdiction_unit_id: str
    version: str | int
    valid_from: date
    valid_to: date | None
    entries: Mapping[str, TaxonomyEntry]
    position: int

    def is_valid(self, day: date) -> bool:
        """Return whether the version is valid on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def knows(self, word: str) -> bool:
        """Return whether a word is a code of the version, or a name in any case."""
        return word in self.entries or any(
            entry.name.casefold() == word.casefold() for entry in self.entries.values()
        )


class Taxonomies:
    """Folds published taxonomies in the order of the log.

    Like a territory it is not thread-safe; `copy` returns another one.
    """

    def __init__(self) -> None:
        self.last_position = 0
        self._published: dict[EventKey, TaxonomyVersion] = {}
        self._versions: dict[tuple[TaxonomyKind, str], tuple[TaxonomyVersion, ...]] = {}

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Fold taxonomies and their retractions, in the order of the log; ignore other events."""
        for event in events:
            if event.position > self.last_position and self._folds(event):
                self.last_position = event.position

    def copy(self) -> "Taxonomies":
        """Return an independent copy as of the same event."""
        other = Taxonomies()
        other.last_position = self.last_position
        other._published = dict(self._published)
        other._versions = dict(self._versions)
        return other

    def versions(self) -> tuple[TaxonomyVersion, ...]:
        """Return every version that was not retracted, in the order of the log."""
        return tuple(self._published.values())

    def in_force(
        self, kind: TaxonomyKind, unit_id: str, day: date, territory: Territory
    ) -> TaxonomyVersion | None:
        """Return the version in force for a unit on a day, or None.

        That is the version valid on that day of the nearest jurisdiction, from the unit itself
        upwards, the latest recorded winning (events.md, Accepting, Taxonomies).
        """
        if not any(version.kind is kind for version in self._published.values()):
            return None
        for jurisdiction in reversed(territory.path(unit_id, day)):
            for version in reversed(self._versions.get((kind, jurisdiction), ())):
                if version.is_valid(day):
                    return version
        return None

    def _folds(self, event: RecordedEvent) -> bool:
        """Fold an event; return whether it changed a taxonomy."""
        if event.type in _PUBLISHED and isinstance(event.payload, TaxonomyPublished):
            version = _version(event.payload, event.position)
            self._published[event.key] = version
            named = (version.kind, version.jurisdiction_unit_id)
            self._versions[named] = (*self._versions.get(named, ()), version)
            return True
        if event.type in _RETRACTIONS and event.subject.startswith(_TAXONOMY_STREAMS):
            return isinstance(event.payload, EventRetracted) and self._forgets(event.payload)
        return False

    def _forgets(self, payload: EventRetracted) -> bool:
        """Remove the retracted version; return whether there was one."""
        removed = self._published.pop(EventKey(payload.retracts.source, payload.retracts.id), None)
        if removed is None:
            return False
        named = (removed.kind, removed.jurisdiction_unit_id)
        self._versions[named] = tuple(v for v in self._versions[named] if v is not removed)
        return True


def carry(
    code: str, from_version: TaxonomyVersion | None, to_version: TaxonomyVersion
) -> str | None:
    """Return the code in another jurisdiction's taxonomy, None if it is not mapped.

    Versions of one jurisdiction share their codes. A code that belongs to no taxonomy
    (`from_version` is None) is mapped only if the other one lists it.
    """
    if from_version is None:
        return code if code in to_version.entries else None
    if from_version.jurisdiction_unit_id == to_version.jurisdiction_unit_id:
        return code
    entry = from_version.entries.get(code)
    crosswalk = entry.crosswalk if entry is not None else None
    return crosswalk.get(to_version.jurisdiction_unit_id) if crosswalk else None


def _version(payload: TaxonomyPublished, position: int) -> TaxonomyVersion:
    return TaxonomyVersion(
        kind=payload.taxonomy,
        jurisdiction_unit_id=payload.jurisdiction_unit_id,
        version=payload.version,
        valid_from=payload.valid_from,
        valid_to=payload.valid_to,
        entries=MappingProxyType({entry.code: entry for entry in payload.entries}),
        position=position,
    )
