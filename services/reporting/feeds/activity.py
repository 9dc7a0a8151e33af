"""The events of a unit by position: the newest first, or those after a position.

An event concerns a unit if a place that it names is in the scope on the map `recorded`: on its own
day. The log is read in chunks, and a request reads only so many of them: a page may therefore have
fewer entries than asked for, or none, and a next page.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from services.reporting.feeds.kinds import FeedKind, kind_of
from services.reporting.feeds.places import CHUNK, PlacedEvents
from services.reporting.queries.lists.model_history import event_item

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from services.reporting.feeds.places import PlacedEvent
    from services.reporting.map_snapshots import MapSnapshot, MapSnapshots
    from services.reporting.queries.explaining.reasons import Reasons
    from services.reporting.queries.filters import Item
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent

MOST_CHUNKS = 5
"""The number of chunks that one request reads at most."""


class ActivityPage(NamedTuple):
    """Events, and the position at which the next page begins; None: there is none."""

    events: Sequence[RecordedEvent]
    further: int | None


class UnitActivity:
    """Finds the events of a scope; the scope must be known at the position."""

    def __init__(self, log: Reader, maps: MapSnapshots, reasons: Reasons) -> None:
        self._log = log
        self._reasons = reasons
        self._maps = maps
        self._placed = PlacedEvents(log)

    def before(
        self, scope: str, kinds: Collection[FeedKind], before: int, most: int
    ) -> ActivityPage:
        """Return the last `most` events before a position, the newest first.

        `further` is the `before` of the next page.
        """
        last = before - 1
        least = max(0, (last - 1) // CHUNK - MOST_CHUNKS + 1) * CHUNK
        chunks = []
        while last > least:
            chunks.append(last)
            last = (last - 1) // CHUNK * CHUNK
        inside = self._inside(scope, kinds, self._maps.at(before - 1))
        placed = chain.from_iterable(reversed(inside(each)) for each in chunks)
        found = list(islice(placed, most + 1))
        events = [self._event(each.position) for each in found[:most]]
        if len(found) > most:
            return ActivityPage(events, found[most - 1].position)
        return ActivityPage(events, least + 1 if least else None)

    def after(
        self, scope: str, kinds: Collection[FeedKind], after: int, until: int, most: int
    ) -> ActivityPage:
        """Return the first `most` events after a position and up to another, in order.

        `further` is the last position that was looked at; None: there was nothing to look at.
        """
        if after >= until:
            return ActivityPage([], None)
        reached = min(until, after // CHUNK * CHUNK + MOST_CHUNKS * CHUNK)
        inside = self._inside(scope, kinds, self._maps.at(until))
        ends = [*range(after // CHUNK * CHUNK + CHUNK, reached, CHUNK), reached]
        placed = chain.from_iterable(inside(each) for each in ends)
        found = list(islice((each for each in placed if each.position > after), most))
        if len(found) == most:
            reached = found[-1].position
        return ActivityPage([self._event(each.position) for each in found], reached)

    def explained(self, events: Sequence[RecordedEvent], position: int) -> list[Item]:
        """Return events in the form of a history, with their titles and reasons."""
        titles = self._reasons.titles(events, position)
        reasons = self._reasons.of(events, position)
        return [
            {**event_item(event), "title": title, **why}
            for event, title, why in zip(events, titles, reasons, strict=True)
        ]

    def _inside(
        self, scope: str, kinds: Collection[FeedKind], snapshot: MapSnapshot
    ) -> Callable[[int], list[PlacedEvent]]:
        """Return a function for the events of a chunk that belong to a scope and to the kinds."""
        with snapshot.lock:
            everything = scope == snapshot.national()
        if everything:
            return lambda last: [
                each for each in self._placed.named(last) if kind_of(each.name) in kinds
            ]

        def inside(last: int) -> list[PlacedEvent]:
            placed = [each for each in self._placed.until(last) if kind_of(each.name) in kinds]
            with snapshot.lock:
                return [each for each in placed if _concerns(each, scope, snapshot)]

        return inside

    def _event(self, position: int) -> RecordedEvent:
        return self._log.read(position - 1, 1)[0]


def _concerns(placed: PlacedEvent, scope: str, snapshot: MapSnapshot) -> bool:
    return any(
        unit_id == scope or scope in snapshot.locate(unit_id, day).path
        for unit_id, day in placed.places
    )
