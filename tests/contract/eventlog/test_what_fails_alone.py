"""An event that our own code fails on fails alone, and nothing that waits grows without a limit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from services.registry.decider import RegistryDecider
from shared.appending import parked_room
from shared.appending.appender import Appender
from shared.appending.decider import Decision
from shared.appending.queue import TOO_BUSY
from shared.errors import Problem, Unavailable
from shared.eventlog.protocol import EventLog
from shared.events.envelope import ReceivedEvent
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.contract.eventlog.test_appending import Clock, appender, codes, send, subjects
from tests.support.cloudevents import country, unit
from tests.support.memory_log import MemoryEventLog

if TYPE_CHECKING:
    from shared.appending.results import CommitReport


def test_what_cannot_be_made_ready_fails_alone(log: EventLog) -> None:
    registry = appender(log)

    def make_ready(events: Sequence[ReceivedEvent]) -> None:
        if any(event.subject == "unit/a" for event in events):
            raise Unavailable(Problem(TOO_BUSY, {"waiting": 0}))

    registry.hooks.before_lock.append(make_ready)
    batch, alone = registry.submit([country(), unit("a"), unit("b")]), registry.submit([unit("c")])
    registry.step()
    assert codes(batch.result(0)) == ["Accepted", "too_busy", "Accepted"]
    assert codes(alone.result(0)) == ["Accepted"]
    assert subjects(log) == ["unit/vn", "unit/b", "unit/c"]
    assert registry.waiting == 0


def test_an_event_that_breaks_the_rules_code_does_not_fail_its_neighbours() -> None:
    class Breaking(RegistryDecider):
        def decide(self, event: ReceivedEvent, recorded_us: int) -> Decision:
            if event.subject == "unit/poison":
                raise ZeroDivisionError
            return super().decide(event, recorded_us)

    log = MemoryEventLog().as_family(Family.REGISTRY)
    registry = Appender(log, Breaking(), clock=Clock())
    reports: list[CommitReport] = []
    registry.hooks.after_commit.append(reports.append)
    batch = registry.submit([country(), unit("poison"), unit("a")])
    alone = registry.submit([unit("b")])
    registry.step()
    assert codes(batch.result()) == ["Accepted", "decision_fault", "Accepted"]
    assert codes(alone.result()) == ["Accepted"]
    assert subjects(log) == ["unit/vn", "unit/a", "unit/b"]
    assert [each.settled.faults for each in reports] == [1], "and it costs no group more"
    assert log.list_refused(0, 10, None) == []


def test_an_event_that_breaks_the_state_is_found_by_halving_and_not_recorded() -> None:
    class Breaking(RegistryDecider):
        def fold(self, events: Sequence[RecordedEvent]) -> None:
            if any(event.subject == "unit/poison" for event in events):
                raise ZeroDivisionError
            super().fold(events)

    log = MemoryEventLog().as_family(Family.REGISTRY)
    registry = Appender(log, Breaking(), clock=Clock())
    faults: list[None] = []
    registry.hooks.after_fault.append(lambda: faults.append(None))
    names = [f"u{number}" for number in range(40)]
    others = [unit(name) for name in names]
    future = registry.submit([country(), *others[:23], unit("poison"), *others[23:]])
    registry.step()
    assert codes(future.result()) == ["Accepted"] * 24 + ["decision_fault"] + ["Accepted"] * 17
    assert subjects(log) == ["unit/vn", *(f"unit/{name}" for name in names)]
    assert len(faults) == 1


def test_no_more_events_are_parked_than_a_start_can_decide_anew(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parked_room, "PARKED_MOST", 3)
    registry = appender(log)
    waiting = [unit(f"w{number}", parent_id="later") for number in range(3)]
    assert codes(send(registry, country(), *waiting[:2])) == ["Accepted", "Parked", "Parked"]
    last = unit("one-more", parent_id="later")
    assert codes(send(registry, waiting[2], last)) == ["Parked", "too_many_parked"]
    assert codes(send(registry, unit("free"), waiting[0])) == ["Accepted", "Parked"]
    assert log.list_refused(0, 10, None) == [], "it may be sent again"
    assert codes(send(registry, unit("later"), last)) == ["Accepted", "Accepted"]


def test_a_queue_that_is_full_of_bytes_is_full(log: EventLog) -> None:
    registry = appender(log, queue_bytes=1_000)
    first = registry.submit([country()] * 3)
    with pytest.raises(Unavailable, match="too_busy"):
        registry.submit([unit("a")])
    registry.step()
    assert first.done()
    assert registry.submit([unit("a")]) is not None
