"""The rules of the map read straight from the contract, slowly: the oracle for the fast ones.

Every question goes through the whole history again, by recursion as the text says it. Answers are
only remembered, and a unit that is met again while its own answer is sought is a circle.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, TypeVar

from shared.events.payloads.payload import Payload
from shared.events.payloads.units import (
    OpenedUnit,
    UnitClosed,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
    UnitsReorganized,
)

ONE_DAY = timedelta(days=1)
Answer = TypeVar("Answer")


class CircleError(Exception):
    """A unit lies in itself, or is its own ancestor."""


class NaiveMap:
    """The map of a list of unit events, in the order of the log, none of them retracted."""

    def __init__(self, events: Iterable[Payload]) -> None:
        self.events = list(events)
        self._answers: dict[Any, Any] = {}
        self._sought: set[object] = set()

    # -- what was stated

    def openings(self) -> Iterator[tuple[date, int, UnitOpened | OpenedUnit]]:
        for order, event in enumerate(self.events):
            match event:
                case UnitOpened():
                    yield event.occurred_on, order, event
                case UnitsReorganized(opens=opens):
                    for opened in opens or ():
                        yield event.occurred_on, order, opened

    def known_units(self) -> list[str]:
        return sorted({opened.unit_id for _, _, opened in self.openings()})

    def opened_on(self, unit_id: str) -> date | None:
        return next((day for day, _, unit in self.openings() if unit.unit_id == unit_id), None)

    def ended_by(self, unit_id: str) -> UnitClosed | UnitsReorganized | None:
        for event in self.events:
            match event:
                case UnitClosed() if event.unit_id == unit_id:
                    return event
                case UnitsReorganized(sources=sources, targets=targets):
                    if unit_id in sources and unit_id not in {t.unit_id for t in targets}:
                        return event
                case _:
                    pass
        return None

    def exists(self, unit_id: str, day: date) -> bool:
        opened, end = self.opened_on(unit_id), self.ended_by(unit_id)
        return opened is not None and opened <= day and (end is None or day < end.occurred_on)

    def had_ended(self, unit_id: str, day: date) -> bool:
        end = self.ended_by(unit_id)
        return end is not None and end.occurred_on <= day

    def sources(self, unit_id: str) -> set[str]:
        """Those of the reorganisation that opened it, never itself."""
        found: set[str] = set()
        for event in self.events:
            if isinstance(event, UnitsReorganized) and unit_id in event.opened_ids():
                for target in event.targets:
                    if target.unit_id == unit_id:
                        found |= {source.unit_id for source in target.from_}
        return found - {unit_id}

    def targets(self, unit_id: str) -> set[str]:
        """Those of the reorganisation that ended it, never itself."""
        end = self.ended_by(unit_id)
        if not isinstance(end, UnitsReorganized):
            return set()
        led_to = {t.unit_id for t in end.targets if unit_id in {s.unit_id for s in t.from_}}
        return led_to - {unit_id}

    def parent_at_opening(self, unit_id: str) -> str | None:
        return next(unit.parent_id for _, _, unit in self.openings() if unit.unit_id == unit_id)

    def stated_parent(self, unit_id: str, day: date) -> str | None:
        """Return the latest stated by then, by occurred_on, then log order."""
        statements = [
            (on, order, unit.parent_id)
            for on, order, unit in self.openings()
            if unit.unit_id == unit_id
        ]
        statements += [
            (event.occurred_on, order, event.parent_id)
            for order, event in enumerate(self.events)
            if isinstance(event, UnitMoved) and event.unit_id == unit_id
        ]
        by_then = [s for s in statements if s[0] <= day]
        return max(by_then, key=lambda s: s[:2])[2] if by_then else None

    def name(self, unit_id: str, day: date) -> str:
        statements = [
            (on, order, unit.name) for on, order, unit in self.openings() if unit.unit_id == unit_id
        ]
        statements += [
            (event.occurred_on, order, event.name)
            for order, event in enumerate(self.events)
            if isinstance(event, UnitRenamed) and event.unit_id == unit_id
        ]
        return max(s for s in statements if s[0] <= day)[2]

    def country(self, day: date) -> str | None:
        countries = [unit.unit_id for _, _, unit in self.openings() if unit.parent_id is None]
        return next((unit_id for unit_id in countries if self.exists(unit_id, day)), None)

    # -- what follows

    def parent(self, unit_id: str, day: date) -> str | None:
        def seek() -> str | None:
            stated = self.stated_parent(unit_id, day)
            return None if stated is None else self._standing(stated, day)

        return self._sought_once(("parent", unit_id, day), seek)

    def _standing(self, unit_id: str, day: date) -> str | None:
        """Itself; if it has ended, its successor if it has exactly one, else its own parent."""

        def seek() -> str | None:
            if not self.had_ended(unit_id, day):
                return unit_id
            if len(self.targets(unit_id)) == 1:
                return self._standing(next(iter(self.targets(unit_id))), day)
            return self.parent(unit_id, day)

        return self._sought_once(("standing", unit_id, day), seek)

    def children(self, unit_id: str, day: date) -> set[str]:
        return {
            other
            for other in self.known_units()
            if self.exists(other, day) and self.parent(other, day) == unit_id
        }

    def path(self, unit_id: str, day: date) -> tuple[str, ...]:
        """Return the chain of parents; a unit not yet open is thought below its parent at opening."""

        def seek() -> tuple[str, ...]:
            opened = self.opened_on(unit_id)
            not_yet = opened is not None and day < opened
            parent = self.parent_at_opening(unit_id) if not_yet else self.parent(unit_id, day)
            return (*(self.path(parent, day) if parent else ()), unit_id)

        return self._sought_once(("path", unit_id, day), seek)

    def lies(self, unit_id: str, day: date) -> frozenset[str]:
        def seek() -> frozenset[str]:
            if self.exists(unit_id, day):
                return frozenset({unit_id})
            if self.had_ended(unit_id, day):
                return self._lies_since_its_end(unit_id, day)
            if self.sources(unit_id):
                return self._union(self.sources(unit_id), day)
            parent = self.parent_at_opening(unit_id)
            return self.lies(parent, day) if parent else frozenset()

        return self._sought_once(("lies", unit_id, day), seek)

    def _lies_since_its_end(self, unit_id: str, day: date) -> frozenset[str]:
        end = self.ended_by(unit_id)
        assert end is not None
        if isinstance(end, UnitsReorganized):
            return self._union(self.targets(unit_id), day)
        children = self.children(unit_id, end.occurred_on - ONE_DAY)
        if children:
            return self._union(children, day)
        parent = self.parent(unit_id, day)
        return frozenset({parent}) if parent else frozenset()

    def _union(self, unit_ids: Iterable[str], day: date) -> frozenset[str]:
        return frozenset().union(*(self.lies(unit_id, day) for unit_id in unit_ids))

    def place(self, unit_id: str, day: date) -> tuple[str | None, bool, bool]:
        """Return the unit it counts at, whether allocated there, and whether approximately."""
        lying = self.lies(unit_id, day)
        approximate = self.gave_away_a_part_and_went_on(unit_id, day)
        if len(lying) == 1:
            return next(iter(lying)), True, approximate
        paths = [self.path(each, day) for each in lying]
        common = [step for step in (paths[0] if paths else ()) if all(step in p for p in paths)]
        return (common[-1] if common else None), False, approximate

    def gave_away_a_part_and_went_on(self, unit_id: str, day: date) -> bool:
        for event in self.events:
            if isinstance(event, UnitsReorganized) and event.occurred_on <= day:
                goes_on = unit_id in event.sources and unit_id in {t.unit_id for t in event.targets}
                takers = {
                    target.unit_id
                    for target in event.targets
                    if unit_id in {source.unit_id for source in target.from_}
                }
                if goes_on and takers - {unit_id}:
                    return True
        return False

    # -- circles

    def interesting_days(self) -> list[date]:
        days = {event.occurred_on for event in self.events}
        return sorted({near for day in days for near in (day - ONE_DAY, day, day + ONE_DAY)})

    def has_circle(self) -> bool:
        try:
            for day in self.interesting_days():
                for unit_id in self.known_units():
                    self.path(unit_id, day)
                    self.lies(unit_id, day)
        except CircleError:
            return True
        return False

    def _sought_once(self, question: object, seek: Callable[[], Answer]) -> Answer:
        if question not in self._answers:
            with self._seeking(question):
                self._answers[question] = seek()
        answer: Answer = self._answers[question]
        return answer

    @contextmanager
    def _seeking(self, question: object) -> Iterator[None]:
        if question in self._sought:
            raise CircleError(question)
        self._sought.add(question)
        try:
            yield
        finally:
            self._sought.discard(question)
