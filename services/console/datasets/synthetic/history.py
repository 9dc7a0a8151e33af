"""The history: year by year and phase by phase, as events in the order of sending."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from services.console.datasets.synthetic import (
    evaluation_events,
    reference_data,
    registration_events,
)
from services.console.datasets.synthetic.event_writer import EventWriter
from services.console.datasets.synthetic.model_outcomes import ModelOutcomes, RegistrationSlot
from services.console.datasets.synthetic.seeded_random import SeededRandom
from services.console.datasets.synthetic.territory import SyntheticTerritory
from services.console.datasets.synthetic.year import Year
from shared.territory.day_map import UnitState

Wanted = Callable[[RegistrationSlot], bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of registrations, their years, and the seed."""

    registrations: int
    first_year: int
    last_year: int
    seed: int

    def size(self, year: int) -> int:
        """Return the number of registrations of a year; the first years take the remainder."""
        years = self.last_year - self.first_year + 1
        whole, rest = divmod(self.registrations, years)
        return whole + (year - self.first_year < rest)


def history(plan: Plan, territory: SyntheticTerritory) -> Iterator[bytes]:
    """Return every event in the order of sending; the map's own events come first."""
    yield from territory.lines
    outcomes = ModelOutcomes(SeededRandom(plan.seed), plan.first_year)
    writer = EventWriter(plan.seed, _variant(plan, territory))
    defined: set[str] = set()
    before: Year | None = None
    for number in range(plan.first_year, plan.last_year + 1):
        year = Year(number, territory, outcomes, writer)
        if before is None:
            yield from reference_data.taxonomies(year)
        else:
            yield from _late_recognitions(plan, before, date(number, 1, 31))
        yield from _events(plan, year, defined)
        before = year
    if before is not None:
        yield from _late_recognitions(plan, before, date(plan.last_year, 10, 31))


def _variant(plan: Plan, territory: SyntheticTerritory) -> str:
    """Return a suffix for histories of one seed: equal if one extends the other, else different."""
    span = f"{plan.first_year}-{plan.last_year}".encode()
    return "x" + sha256(b"\n".join((span, *territory.lines))).hexdigest()[:4]


def _events(plan: Plan, year: Year, defined: set[str]) -> Iterator[bytes]:
    """Return the events of a year except the recognitions that are entered late."""
    outcomes, territory, first = year.outcomes, year.territory, year.registering[0]
    slots = _Slots(plan, outcomes, year.number)

    def each(write: Callable[[Year, RegistrationSlot], bytes], wanted: Wanted) -> Iterator[bytes]:
        return (write(year, slot) for slot in slots.that(wanted))

    yield from reference_data.organizations(year, _new(territory.provinces(first), defined), first)
    yield from reference_data.organizations(year, _new(year.places, defined), first)
    yield from reference_data.plans(year)
    yield from each(registration_events.registered, lambda slot: not outcomes.late(slot))
    yield from each(registration_events.withdrawn, lambda slot: slot.withdrawn)
    yield from each(registration_events.amended, outcomes.amended)
    yield from each(registration_events.reported, outcomes.reported)
    yield from evaluation_events.inspections(year)
    yield from each(evaluation_events.assessed, lambda slot: not slot.withdrawn)
    provinces = _new(territory.provinces(year.deciding), defined)
    yield from reference_data.organizations(year, provinces, year.deciding)
    yield from evaluation_events.sessions(year)
    yield from each(evaluation_events.evaluated, outcomes.eligible)
    yield from each(evaluation_events.recognized, outcomes.recognized_in_time)
    yield from each(evaluation_events.declined, outcomes.declined)
    yield from each(evaluation_events.granted, outcomes.awarded)
    yield from each(evaluation_events.presented, outcomes.presented)
    yield from each(evaluation_events.revoked, outcomes.revoked)
    yield from each(evaluation_events.replicated, outcomes.replicated)
    yield from evaluation_events.commendations(year)
    # Decisions about these are parked in the ledger until they arrive.
    late = date(year.number, 10, 25)
    yield from (
        registration_events.registered(year, slot, late) for slot in slots.that(outcomes.late)
    )


def _late_recognitions(plan: Plan, year: Year, sent_on: date) -> Iterator[bytes]:
    slots = _Slots(plan, year.outcomes, year.number)
    late = slots.that(year.outcomes.recognized_late)
    return (evaluation_events.recognized(year, slot, sent_on) for slot in late)


def _new(units: Iterable[UnitState], defined: set[str]) -> list[UnitState]:
    """Return the units without an organisation yet, and mark them as defined."""
    new = [unit for unit in units if unit.unit_id not in defined]
    defined.update(unit.unit_id for unit in new)
    return new


@dataclass(frozen=True, slots=True)
class _Slots:
    plan: Plan
    outcomes: ModelOutcomes
    year: int

    def that(self, wanted: Wanted) -> Iterator[RegistrationSlot]:
        """Return the matching slots of the year, without keeping them in memory."""
        every = (
            self.outcomes.slot(self.year, number) for number in range(self.plan.size(self.year))
        )
        return filter(wanted, every)
