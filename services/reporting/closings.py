"""Which closing of a year is in force at a position: kept in memory, up to what was read of it."""

from __future__ import annotations

import threading
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from shared.events.periods import PeriodClosed, PeriodReopened

if TYPE_CHECKING:
    from services.reporting.readmodels.kept_events import KeptEvents
    from shared.events.envelope import RecordedEvent
    from shared.readmodel.store import Store


class Closing(NamedTuple):
    """A `PeriodClosed`: what it states, and where it stands in the log itself."""

    position: int
    digest: str
    event_position: int


@dataclass
class _Year:
    """What closed and reopened one year of one unit, in the order of the log."""

    positions: list[int] = field(default_factory=list)
    since: list[Closing | None] = field(default_factory=list)
    """What is in force from each of these positions on; None: the year is open."""


class Closings:
    """Answers from memory; the table is read only for positions that nobody has asked for yet."""

    def __init__(self, store: Store, model: KeptEvents) -> None:
        self._store = store
        self._model = model
        self._lock = threading.Lock()
        self._reached = 0
        self._years: dict[tuple[str, int], _Year] = {}

    def in_force(self, unit_id: str, plan_year: int, position: int) -> Closing | None:
        """Return the closing of a year as known at a position that the read models have reached."""
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
        closing: Closing | None = None
        match event.payload:
            case PeriodClosed() as told:
                closing = Closing(told.position, told.digest, event.position)
            case PeriodReopened() as told:
                pass
            case _:  # a closing is reopened, never retracted
                return
        year = self._years.setdefault((told.unit_id, told.plan_year), _Year())
        year.positions.append(event.position)
        year.since.append(closing)
