"""The recorded day, by which rights are judged, never goes back, whatever a machine's clock does."""

from collections.abc import Iterator

import pytest

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted, Outcome, Refused
from shared.clock import DAY_US, MICROSECONDS
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country
from tests.support.memory_log import MemoryEventLog
from tests.support.trusted import authorized, began, key_added
from tests.support.two_provinces import PROVINCES, registers

SEPTEMBER_2026 = 1_790_000_000 * MICROSECONDS
YEAR_US = 365 * DAY_US


class MovedClock:
    def __init__(self) -> None:
        self.now_us = SEPTEMBER_2026

    def __call__(self) -> int:
        return self.now_us


class ClockedLedger:
    """A registry whose clock is moved, on a log that began trust."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.log = MemoryEventLog().as_family(Family.REGISTRY)
        self.registry = Appender(self.log, RegistryDecider(), clock=self.clock)

    def told(self, event: ReceivedEvent) -> Outcome:
        future = self.registry.submit([event])
        while not future.done():
            self.registry.step()
        (outcome,) = future.result()
        return outcome

    def code(self, event: ReceivedEvent) -> str:
        outcome = self.told(event)
        return outcome.problem.rule.code if isinstance(outcome, Refused) else type(outcome).__name__

    @property
    def times(self) -> list[int]:
        return [event.recorded_us for event in self.log.read(0, 1_000)]


@pytest.fixture
def ledger() -> Iterator[ClockedLedger]:
    made = ClockedLedger()
    this_year = {"speaks_from": "2026-01-01", "speaks_to": "2027-01-01"}
    next_year = {"speaks_from": "2027-01-01", "grant_id": "next"}
    for event in (
        country(), *PROVINCES, began(), authorized("p-a", "a", **this_year), key_added("p-a"),
        authorized("p-b", "b", **next_year), key_added("p-b"),
    ):  # fmt: skip
        assert isinstance(made.told(event), Accepted)
    yield made
    assert made.times == sorted(made.times)


def test_a_clock_set_back_a_year_gives_no_right_that_ended(ledger: ClockedLedger) -> None:
    ledger.clock.now_us += YEAR_US  # the right of this year is over
    assert ledger.code(registers("p-a", "1", "a")) == "outside_grant"
    assert ledger.code(registers("p-b", "1", "b")) == "Accepted"
    ledger.clock.now_us -= 2 * YEAR_US
    assert ledger.code(registers("p-a", "2", "a")) == "outside_grant"
    assert ledger.code(registers("p-b", "2", "b")) == "Accepted"
    assert ledger.times[-1] >= SEPTEMBER_2026 + YEAR_US


def test_a_clock_set_back_before_anything_was_recorded_ends_no_right(
    ledger: ClockedLedger,
) -> None:
    ledger.clock.now_us -= YEAR_US  # before the right of this year began
    assert ledger.code(registers("p-a", "1", "a")) == "Accepted"
    assert ledger.code(registers("p-b", "1", "b")) == "outside_grant"
    assert ledger.times[-1] == SEPTEMBER_2026
