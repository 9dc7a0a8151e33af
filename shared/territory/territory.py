"""The map of administrative units on any day, folded from the unit events of the log."""

from collections.abc import Iterable, Iterator
from datetime import date

from shared.events.catalogue import CATALOGUE
from shared.events.envelope import EventKey
from shared.events.payloads.payload import Payload
from shared.events.payloads.retraction import EventRetracted
from shared.events.payloads.units import (
    UnitClosed,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
    UnitsReorganized,
)
from shared.events.recorded import RecordedEvent
from shared.territory.active_events import StandingEvents
from shared.territory.cycle_check import could_be_circle_without, makes_circle
from shared.territory.day_map import DayMap, DayMaps, Place, UnitState
from shared.territory.dependencies import dependencies_of, touched_by
from shared.territory.unit_history import BorneName
from shared.territory.unit_index import Chronicle

_UNIT_EVENTS = (UnitOpened, UnitRenamed, UnitMoved, UnitClosed, UnitsReorganized)
_UNIT_TYPES = frozenset(t for t, e in CATALOGUE.items() if issubclass(e.payload, _UNIT_EVENTS))
_RETRACTIONS = frozenset(t for t, e in CATALOGUE.items() if e.payload is EventRetracted)
_UNIT_STREAMS = ("unit/", "reorganization/")


class Territory:
    """Folds unit events in the order of the log, and answers queries for any day.

    Unknown units do not exist, and resolve to no unit. A territory is not thread-safe; `copy`
    returns another one.
    """

    def __init__(self) -> None:
        self.last_position = 0
        self._chronicle = Chronicle()
        self._active = StandingEvents()
        self._maps = DayMaps(self._chronicle)

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Fold unit events and their retractions, in the order of the log; ignore other events."""
        for event in events:
            if event.position > self.last_position and self._folds(event):
                self.last_position = event.position

    def copy(self) -> "Territory":
        """Return an independent copy as of the same event."""
        other = Territory()
        other.last_position = self.last_position
        other._chronicle = self._chronicle.copy()
        other._active = self._active.copy()
        other._maps = DayMaps(other._chronicle)
        return other

    # Single units

    def known(self, unit_id: str) -> bool:
        """Return whether the unit was ever opened."""
        return unit_id in self._chronicle.units

    def ever(self) -> tuple[str, ...]:
        """Return the ids of all units ever opened, in the order of the log."""
        return tuple(self._chronicle.units)

    def first_day(self, unit_id: str) -> date | None:
        """Return the day of its opening."""
        history = self._chronicle.units.get(unit_id)
        return history.opened if history else None

    def last_day(self, unit_id: str) -> date | None:
        """Return its last day, None while no end is known."""
        history = self._chronicle.units.get(unit_id)
        return history.last_day if history else None

    def names(self, unit_id: str) -> tuple[BorneName, ...]:
        """Return every name it has had for a day or longer, the oldest first."""
        history = self._chronicle.units.get(unit_id)
        return history.names() if history else ()

    def preceded_by(self, unit_id: str) -> tuple[str, ...]:
        """Return its sources in the reorganisation that opened it."""
        history = self._chronicle.units.get(unit_id)
        return history.sources if history else ()

    def followed_by(self, unit_id: str) -> tuple[str, ...]:
        """Return its targets in the reorganisation that ended it."""
        history = self._chronicle.units.get(unit_id)
        return history.ending.targets if history and history.ending else ()

    def ever_within(self, unit_id: str) -> frozenset[str]:
        """Return a unit with all that were ever below it, or became part of it, on any day."""
        found = {unit_id}
        ahead = [unit_id]
        while ahead:
            below = set(self._chronicle.ever_below(ahead.pop())) - found
            found |= below
            ahead.extend(below)
        return frozenset(found)

    def exists_within(self, unit_id: str, first_day: date, last_day: date) -> bool:
        """Return whether the unit exists on any day from the first to the last, both included."""
        history = self._chronicle.units.get(unit_id)
        if history is None or first_day > last_day:
            return False
        return history.exists(max(first_day, history.opened)) and history.opened <= last_day

    # The map of a day

    def on(self, day: date) -> DayMap:
        """Return the map of a day, for several queries; it is valid until the next unit event."""
        return self._maps.on(day)

    def days(self) -> tuple[date, ...]:
        """Return the days on which the map changes, in order."""
        return self._chronicle.days

    def exists(self, unit_id: str, day: date) -> bool:
        """Return whether the unit exists: from its opening to the day before it ends."""
        history = self._chronicle.units.get(unit_id)
        return history is not None and history.exists(day)

    def country(self, day: date) -> str | None:
        """Return the country, None before one exists."""
        return next((each for each in self._chronicle.countries if self.exists(each, day)), None)

    def units(self, day: date) -> Iterator[UnitState]:
        """Yield the units that exist on a day, in the order of their opening in the log."""
        return self._maps.on(day).units()

    def unit(self, unit_id: str, day: date) -> UnitState | None:
        """Return the state of a unit on a day, None if it does not exist then."""
        return self._maps.on(day).unit(unit_id)

    def parent(self, unit_id: str, day: date) -> str | None:
        """Return the parent on a day, None for the country and before the opening."""
        return self._maps.on(day).parent(unit_id)

    def path(self, unit_id: str, day: date) -> tuple[str, ...]:
        """Return the unit and its ancestors, the country first."""
        return self._maps.on(day).path(unit_id)

    def children(self, unit_id: str, day: date) -> tuple[str, ...]:
        """Return its children on a day, in the order of their ids."""
        return self._maps.on(day).children(unit_id)

    def lies(self, unit_id: str, day: date) -> tuple[str, ...]:
        """Return the units of a day that the unit resolves to, in the order of their ids."""
        return self._maps.on(day).lies(unit_id)

    def place(self, unit_id: str, day: date) -> Place:
        """Return the unit at which it counts on the map of a day."""
        return self._maps.on(day).place(unit_id)

    # Dependencies of places

    def dependencies_of(self, unit_id: str, days: Iterable[date]) -> frozenset[str]:
        """Return the dependencies of a unit's place on some days."""
        first_days = {self._chronicle.first_day_like(day) for day in days}
        return dependencies_of(unit_id, first_days, self._chronicle)

    def touched_by(self, event: RecordedEvent) -> frozenset[str]:
        """Return the dependencies that the next event would change."""
        if event.type in _UNIT_TYPES:
            return touched_by(event.payload)
        retraction = event.payload
        if not isinstance(retraction, EventRetracted):
            return frozenset()
        key = EventKey(retraction.retracts.source, retraction.retracts.id)
        active = self._active.get(key)
        return touched_by(active.payload()) if active else frozenset()

    # Queries of the rules

    def has_reorganization(self, reorganization_id: str) -> bool:
        """Return whether there is an active reorganisation with that id."""
        return self._active.has_reorganization(reorganization_id)

    def has_country(self) -> bool:
        """Return whether a country was opened, on any day."""
        return bool(self._chronicle.countries)

    def is_country(self, unit_id: str) -> bool:
        """Return whether the unit is the country."""
        return unit_id in self._chronicle.countries

    def makes_circle(self, payload: Payload) -> bool:
        """Return whether a unit event would make a unit its own ancestor or successor."""
        return makes_circle(payload, self._chronicle, self._maps)

    def named_elsewhere(self, unit_id: str, event: EventKey) -> EventKey | None:
        """Return the first other active unit event that names the unit."""
        return self._active.naming(unit_id, event)

    def could_be_circle_without(self, payload: Payload) -> bool:
        """Return whether, without a unit event, a later one might make a cycle."""
        return could_be_circle_without(payload, self._chronicle)

    def replay_without(self, event: EventKey) -> Iterator[tuple[EventKey, Payload, "Territory"]]:
        """Yield every later unit event with the map before it, replayed without one event."""
        replayed = Territory()
        removed = False
        for key, active in self._active.items():
            if key == event:
                removed = True
                continue
            payload = active.payload()
            if removed:
                yield key, payload, replayed
            replayed._change(active.position, payload)

    def _folds(self, event: RecordedEvent) -> bool:
        """Fold an event; return whether it changed the map."""
        if event.type in _UNIT_TYPES:
            self._active.add(event, event.payload)
            self._change(event.position, event.payload)
            return True
        if event.type in _RETRACTIONS and event.subject.startswith(_UNIT_STREAMS):
            return isinstance(event.payload, EventRetracted) and self._forgets(event.payload)
        return False

    def _forgets(self, payload: EventRetracted) -> bool:
        """Remove the retracted event; return whether it was active."""
        removed = self._active.remove(EventKey(payload.retracts.source, payload.retracts.id))
        if removed is None:
            return False
        self._chronicle.drop(removed.position, removed.day, removed.names)
        self._maps.forget()
        return True

    def _change(self, position: int, payload: Payload) -> None:
        self._chronicle.take(position, payload)
        self._maps.forget()
