"""Quarantine of unreadable streams among the map, taxonomies and organisations.

These are folded together at every start. Only if that fails are the records folded one by one, and
a stream is left out from its first record that cannot be read or folded.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from shared.appending.decider import QuarantinedStream, StreamQuarantined, reason_of
from shared.errors import Unavailable
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent
from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies, TaxonomyVersion
from shared.vocabulary import TaxonomyKind

_UNITS = frozenset({"unit_id", "sources"})
"""The fields of unit events that name units."""


class UnreadableStreams:
    """The unreadable streams among those always in memory, and the units they name."""

    def __init__(self) -> None:
        self.streams: dict[str, QuarantinedStream] = {}
        self.in_doubt = False
        """True if folding all streams together has failed."""
        self._units: dict[str, QuarantinedStream] = {}

    def __bool__(self) -> bool:
        return bool(self.streams)

    def require_none(self, event: ReceivedEvent) -> None:
        """Raise `StreamQuarantined` for an event whose stream or units cannot be read."""
        held = self.streams.get(event.subject)
        for unit_id in event.payload.unit_ids() if held is None else ():
            held = held or self._units.get(unit_id) or self.streams.get(f"unit/{unit_id}")
        if held is not None:
            raise StreamQuarantined(held)

    def fold_without(
        self,
        events: Sequence[RecordedEvent],
        forget: Callable[[], None],
        fold: Callable[[Sequence[RecordedEvent]], None],
    ) -> None:
        """Fold again from the beginning, each time without one more stream, until the rest folds.

        An event that cannot be decoded is left out without a restart, as it has changed nothing.
        """
        self.in_doubt = True
        while not self._folded(events, forget, fold):
            pass
        for each in self.streams.values():
            last = [e for e in events if e.subject == each.subject and e.position >= each.position]
            self.streams[each.subject] = each._replace(events_held=len(last))

    def hold_more(self, events: Iterable[RecordedEvent]) -> list[RecordedEvent]:
        """Return the events of readable streams, and count the others."""
        readable = []
        for event in events:
            held = self.streams.get(event.subject)
            if held is None:
                readable.append(event)
            else:
                more = held._replace(events_held=held.events_held + 1)
                self.streams[event.subject] = more
        return readable

    def _folded(
        self,
        events: Sequence[RecordedEvent],
        forget: Callable[[], None],
        fold: Callable[[Sequence[RecordedEvent]], None],
    ) -> bool:
        forget()
        for event in events:
            held = self.streams.get(event.subject)
            if held is not None and event.position >= held.position:
                continue
            try:
                event.payload  # noqa: B018  this decodes the event
            except Exception as error:  # noqa: BLE001  the reason of the quarantine
                self._hold(event, error)
                continue
            try:
                fold([event])
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001  as above; it may be folded halfway
                self._hold(event, error)
                return False
        return True

    def _hold(self, event: RecordedEvent, error: Exception) -> None:
        held = QuarantinedStream(event.subject, event.position, event.type, reason_of(error))
        self.streams[event.subject] = held
        for unit_id in _units_named(event.body):
            self._units[unit_id] = held


class ReadableTaxonomies(Taxonomies):
    """Taxonomies; a lookup of an unreadable one raises `StreamQuarantined`."""

    def __init__(self, held: Mapping[str, QuarantinedStream]) -> None:
        super().__init__()
        self._held = held

    def in_force(
        self, kind: TaxonomyKind, unit_id: str, day: date, territory: Territory
    ) -> TaxonomyVersion | None:
        """Return the version in force; all candidates must be readable."""
        for jurisdiction in territory.path(unit_id, day):
            held = self._held.get(f"taxonomy/{jurisdiction}.{kind}")
            if held is not None:
                raise StreamQuarantined(held)
        return super().in_force(kind, unit_id, day, territory)


def _units_named(body: bytes) -> Iterable[str]:
    """Return the units that a record of the map names, as far as it can be parsed."""
    try:
        data = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError):
        return ()
    return frozenset(_texts_under(data, _UNITS))


def _texts_under(
    value: Any,  # noqa: ANN401  JSON
    keys: frozenset[str],
    *,
    here: bool = False,
) -> Iterable[str]:
    match value:
        case dict():
            for key, each in value.items():
                yield from _texts_under(each, keys, here=key in keys)
        case list():
            for each in value:
                yield from _texts_under(each, keys, here=here)
        case str() if here:
            yield value
