"""Which unit events may be accepted and taken back, read straight from the contract."""

from collections.abc import Callable, Sequence
from datetime import date

from shared.events.payloads.payload import Payload
from shared.events.payloads.units import (
    OpenedUnit,
    UnitClosed,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
    UnitsReorganized,
)
from tests.support.naive_territory import ONE_DAY, NaiveMap


def is_possible(event: Payload, before: Sequence[Payload]) -> bool:
    """Whether a unit event may be accepted after the others (events.md, Accepting)."""
    known = NaiveMap(before)
    day = event.occurred_on

    def exists_about(unit_id: str) -> bool:
        return known.exists(unit_id, day - ONE_DAY) or known.exists(unit_id, day)

    match event:
        case UnitOpened():
            return _may_open(event, known, day, beside=frozenset())
        case UnitRenamed():
            return exists_about(event.unit_id)
        case UnitMoved():
            return (
                exists_about(event.unit_id)
                and known.exists(event.parent_id, day)
                and not NaiveMap([*before, event]).has_circle()
            )
        case UnitClosed():
            return (
                exists_about(event.unit_id)
                and known.ended_by(event.unit_id) is None
                and known.parent_at_opening(event.unit_id) is not None
                and not NaiveMap([*before, event]).has_circle()
            )
        case UnitsReorganized():
            return _may_reorganize(event, known, exists_about)
        case _:
            raise AssertionError(event)


def _may_open(
    unit: UnitOpened | OpenedUnit, known: NaiveMap, day: date, beside: frozenset[str]
) -> bool:
    if unit.unit_id in known.known_units():
        return False
    if unit.parent_id is None:
        return not any(opened.parent_id is None for _, _, opened in known.openings())
    return known.exists(unit.parent_id, day) or unit.parent_id in beside


def _may_reorganize(
    event: UnitsReorganized, known: NaiveMap, exists_about: Callable[[str], bool]
) -> bool:
    day, opened = event.occurred_on, event.opened_ids()
    targets = {target.unit_id for target in event.targets}
    ending = set(event.sources) - targets
    drawn = {source.unit_id for target in event.targets for source in target.from_}
    recorded = {e.reorganization_id for e in known.events if isinstance(e, UnitsReorganized)}
    return (
        event.reorganization_id not in recorded
        and all(known.exists(source, day - ONE_DAY) for source in event.sources)
        and all(known.ended_by(source) is None for source in ending)
        and all(known.parent_at_opening(source) is not None for source in ending)
        and all(target in opened or exists_about(target) for target in targets)
        and drawn == set(event.sources)
        and all(
            _may_open(unit, known, day, beside=opened) and unit.parent_id not in ending
            for unit in event.opens or ()
        )
        and not NaiveMap([*known.events, event]).has_circle()
    )


def may_retract(index: int, events: Sequence[Payload]) -> bool:
    """Whether every other event would still have been possible without the one at `index`."""
    remaining: list[Payload] = []
    for number, event in enumerate(events):
        if number == index:
            continue
        known = set(NaiveMap(remaining).known_units())
        if number > index and not (event.unit_ids() <= known and is_possible(event, remaining)):
            return False
        remaining.append(event)
    return True
