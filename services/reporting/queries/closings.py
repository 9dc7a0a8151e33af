"""The closings in force at a position, cached up to the last position read."""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from services.reporting.queries.explaining.reasons import documents_of
from shared.events.payloads.periods import PeriodClosed, PeriodReopened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.queries.filters import Item
    from services.reporting.readmodels.parts.event_copies import EventCopies
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.store import Store


class Closing(NamedTuple):
    """A `PeriodClosed`: its content, and its own position and time in the log."""

    position: int
    digest: str
    event_position: int
    closed_on: str
    recorded_us: int
    documents: Sequence[Item]


class Reopening(NamedTuple):
    """A `PeriodReopened` that is the latest event of its year."""

    event_position: int
    reopened_on: str
    recorded_us: int
    reason: str
    documents: Sequence[Item]


@dataclass
class _Year:
    """The closings and reopenings of one year of one unit, in log order."""

    positions: list[int] = field(default_factory=list)
    since: list[Closing | Reopening] = field(default_factory=list)
    """The state in force from each of these positions on."""


class Closings:
    """A cache of closings; the table is read only for positions not cached yet."""

    def __init__(self, store: Store, model: EventCopies) -> None:
        self._store = store
        self._model = model
        self._lock = threading.Lock()
        self._reached = 0
        self._years: dict[tuple[str, int], _Year] = {}

    def in_force(self, unit_id: str, plan_year: int, position: int) -> Closing | None:
        """Return the closing of a year as known at a position that the read models have reached."""
        last = self.last(unit_id, plan_year, position)
        return last if isinstance(last, Closing) else None

    def last(self, unit_id: str, plan_year: int, position: int) -> Closing | Reopening | None:
        """Return the latest closing or reopening of a year, None if it was never closed."""
        with self._lock:
            if position > self._reached:
                self._follow(position)
            year = self._years.get((unit_id, plan_year))
            if year is None:
                return None
            before = bisect_right(year.positions, position)
            return year.since[before - 1] if before else None

    def _follow(self, position: int) -> None:
        events = self._model.recent.between(self._reached, position)
        if events is None:
            with self._store.reading() as connection:
                events = self._model.between(connection, self._reached, position)
        for event in events:
            self._take(event)
        self._reached = position

    def _take(self, event: RecordedEvent) -> None:
        payload = event.payload
        if not isinstance(payload, PeriodClosed | PeriodReopened):
            return  # a closing is reopened, never retracted
        data: dict[str, Any] = orjson.loads(event.body)["data"]
        recorded = (event.position, data["occurred_on"], event.recorded_us)
        documents = documents_of(data)
        year = self._years.setdefault((payload.unit_id, payload.plan_year), _Year())
        year.positions.append(event.position)
        year.since.append(
            Closing(payload.position, payload.digest, *recorded, documents)
            if isinstance(payload, PeriodClosed)
            else Reopening(*recorded, payload.reason, documents)
        )
