"""What a publisher is told, and what then stands in the log, on every kind of log."""

from collections.abc import Sequence
from random import Random

import pytest

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted, Duplicate, Outcome, Parked, Refused
from shared.clock import DAY_US, MICROSECONDS
from shared.errors import Unavailable
from shared.eventlog.protocol import EventLog, Reference
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.contract.eventlog.conftest import Opener
from tests.support.cloudevents import country, received, recognition, registration, unit
from tests.support.memory_log import MemoryEventLog


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_us = 1_790_000_000 * MICROSECONDS

    def __call__(self) -> int:
        return self.now_us


def appender(log: EventLog, clock: Clock | None = None, **settings: int) -> Appender:
    return Appender(log, RegistryDecider(), clock=clock or Clock(), **settings)


def send(to: Appender, *events: ReceivedEvent) -> list[Outcome]:
    future = to.submit(events)
    while not future.done():
        to.step()
    return future.result()


def subjects(log: EventLog) -> list[str]:
    return [event.subject for event in log.read(0, 1_000)]


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    return [o.problem.rule.code if isinstance(o, Refused) else type(o).__name__ for o in outcomes]


def test_what_takes_long_is_done_before_the_log_is_locked(open_as: Opener) -> None:
    registry, other = (appender(open_as(Family.REGISTRY)) for _ in range(2))
    seen: list[str] = []

    def make_ready(events: Sequence[ReceivedEvent]) -> None:
        seen.extend(event.subject for event in events)
        if len(seen) == 1:
            assert codes(send(other, country())) == ["Accepted"]  # the lock is free

    registry.hooks.before_lock.append(make_ready)
    assert codes(send(registry, unit("a"))) == ["Accepted"]
    assert seen == ["unit/a"]


def test_a_retry_gets_the_original_position_and_stores_nothing(log: EventLog) -> None:
    registry = appender(log)
    first = send(registry, country(), event := unit("a"))
    again = send(registry, event)
    assert isinstance(first[1], Accepted)
    assert again == [Duplicate(2, first[1].chain)]
    assert log.head().position == 2


def test_a_retry_in_the_same_batch_is_a_duplicate_too(log: EventLog) -> None:
    event = country()
    assert codes(send(appender(log), event, event)) == ["Accepted", "Duplicate"]


def test_a_used_id_with_other_content_is_refused_and_not_listed(log: EventLog) -> None:
    registry = appender(log)
    send(registry, country(id="one"))
    assert codes(send(registry, unit("a"), received("UnitOpened", {
        "unit_id": "b", "name": "B", "level": "province", "parent_id": "vn", "codes": [],
        "occurred_on": "2004-01-01"}, id="one"))) == ["Accepted", "id_reused"]  # fmt: skip
    assert list(log.list_refused(0, 10, None)) == []


def test_a_retry_of_a_known_id_is_a_duplicate_whatever_version_it_expects(log: EventLog) -> None:
    registry = appender(log)
    event = country(expectedversion=0)
    assert codes(send(registry, event)) == ["Accepted"]
    assert codes(send(registry, event)) == ["Duplicate"]


def test_the_expected_version_is_the_number_of_events_of_the_stream(log: EventLog) -> None:
    registry = appender(log)
    renamed = {"unit_id": "vn", "name": "Việt Nam", "occurred_on": "2005-01-01"}
    assert codes(send(
        registry,
        country(expectedversion=1), country(expectedversion=0),
        received("UnitRenamed", renamed, expectedversion=0),
        received("UnitRenamed", renamed, expectedversion=1),
    )) == ["wrong_version", "Accepted", "wrong_version", "Accepted"]  # fmt: skip


def test_an_event_with_an_expected_version_never_waits(log: EventLog) -> None:
    event = received("ModelRegistered", registration("1", unit_id="later"), expectedversion=0)
    assert codes(send(appender(log), event)) == ["unknown_reference"]
    assert log.count_parked() == 0


def test_an_event_waits_for_what_it_names_and_follows_directly_after_it(log: EventLog) -> None:
    registry = appender(log)
    waiting = [unit("c", parent_id="a"), unit("d", parent_id="a")]
    assert send(registry, country(), *waiting)[1:] == [Parked((Reference("unit", "a"),))] * 2
    assert send(registry, waiting[0]) == [Parked((Reference("unit", "a"),))]
    send(registry, unit("a"), unit("b"))
    assert subjects(log) == ["unit/vn", "unit/a", "unit/c", "unit/d", "unit/b"]
    assert log.count_parked() == 0
    assert codes(send(registry, waiting[1])) == ["Duplicate"]


def test_a_release_releases_what_waited_for_it(log: EventLog) -> None:
    registry = appender(log)
    send(registry, country())
    send(registry, unit("c", parent_id="b"), unit("b", parent_id="a"))
    send(registry, unit("z"), unit("a"))
    assert subjects(log) == ["unit/vn", "unit/z", "unit/a", "unit/b", "unit/c"]


def test_an_event_that_waits_for_two_goes_with_the_second(log: EventLog) -> None:
    registry = appender(log)
    inspection = registration("1", unit_id="a", previous_registration_id="r-0")
    send(registry, country(), received("ModelRegistered", inspection))
    send(registry, unit("a"))
    assert log.list_parked(0, 10, None)[0].waiting_for == (Reference("registration", "r-0"),)
    send(registry, received("ModelRegistered", registration("0")))
    assert subjects(log)[-2:] == ["registration/r-0", "registration/r-1"]


def test_what_another_service_appends_releases_what_waits_here(open_as: Opener) -> None:
    registry = appender(open_as(Family.REGISTRY))
    evaluation_log = open_as(Family.EVALUATION)
    evaluation = Appender(evaluation_log, EvaluationDecider(), clock=Clock())
    send(registry, country())
    assert codes(send(evaluation, received("ModelRecognized", recognition("1")))) == ["Parked"]
    evaluation.step()
    send(registry, received("ModelRegistered", registration("1")))
    evaluation.step()
    assert subjects(evaluation_log)[-2:] == ["registration/r-1"] * 2
    assert evaluation_log.count_parked() == 0


def test_what_came_while_a_service_was_down_is_released_when_it_starts(open_as: Opener) -> None:
    registry = appender(open_as(Family.REGISTRY))
    log = open_as(Family.EVALUATION)
    send(registry, country())
    before = Appender(log, EvaluationDecider(), clock=Clock())
    send(before, received("ModelRecognized", recognition("1")))
    send(registry, received("ModelRegistered", registration("1")))
    Appender(log, EvaluationDecider(), clock=Clock()).step()
    assert log.count_parked() == 0
    assert log.head().position == 3


def test_what_waited_too_long_is_refused_and_its_id_is_free(log: EventLog) -> None:
    clock = Clock()
    registry = appender(log, clock, park_days=30)
    settled: list[str] = []
    registry.hooks.after_release.append(
        lambda pairs: settled.extend(codes([outcome for _, outcome in pairs]))
    )
    event = unit("c", parent_id="a")
    send(registry, country(), event)
    clock.now_us += 30 * DAY_US - 1
    registry.step()
    assert log.count_parked() == 1
    clock.now_us += 61 * MICROSECONDS
    registry.step()
    assert log.count_parked() == 0
    assert settled == ["parked_expired"]
    assert [item.problem.rule.code for item in log.list_refused(0, 9, None)] == ["parked_expired"]
    send(registry, unit("a"))
    assert codes(send(registry, event)) == ["Accepted"]


def test_a_refusal_is_listed_and_does_not_use_up_its_id(log: EventLog) -> None:
    registry = appender(log)
    event = received("RegistrationWithdrawn", {"registration_id": "r-1", "reason": "rút"})
    send(registry, country(), received("ModelRegistered", registration("1")), event)
    again = received("RegistrationWithdrawn", {"registration_id": "r-1", "reason": "rút"})
    (refused,) = send(registry, again)
    assert isinstance(refused, Refused)
    assert [item.key for item in log.list_refused(0, 9, None)] == [again.key]
    assert log.find(again.key) is None


def test_recorded_times_never_decrease_even_when_the_clock_does(log: EventLog) -> None:
    clock = Clock()
    registry = appender(log, clock)
    send(registry, country())
    clock.now_us -= 3_600 * MICROSECONDS
    send(registry, unit("a"))
    times = [event.recorded_us for event in log.read(0, 10)]
    assert times == sorted(times)


def test_a_full_queue_refuses_and_keeps_what_it_has(log: EventLog) -> None:
    registry = appender(log, queue_limit=2)
    waiting = registry.submit([country(), unit("a")])
    with pytest.raises(Unavailable, match="too_busy"):
        registry.submit([unit("b")])
    registry.step()
    assert codes(waiting.result()) == ["Accepted", "Accepted"]
    assert codes(send(registry, unit("b"))) == ["Accepted"]


def test_a_log_set_back_to_an_older_state_is_noticed_and_nothing_is_renumbered() -> None:
    log = MemoryEventLog()
    registry = appender(log.as_family(Family.REGISTRY))
    send(registry, country())
    older = log.store.trial()
    send(registry, unit("a"))
    log.store.__dict__.update(older.__dict__)
    for _ in range(2):
        future = registry.submit([unit("b")])
        with pytest.raises(Unavailable, match="log_restored"):
            registry.step()
        with pytest.raises(Unavailable, match="log_restored"):
            future.result()
    with pytest.raises(Unavailable, match="log_restored"), registry.reading():
        pass
    assert subjects(log.as_family(Family.REGISTRY)) == ["unit/vn"]


def test_a_caller_that_has_gone_leaves_its_event_and_its_neighbours_standing(
    log: EventLog,
) -> None:
    registry = appender(log)
    gone, stays = registry.submit([country()]), registry.submit([unit("a")])
    gone.cancel()
    registry.step()
    assert codes(stays.result()) == ["Accepted"]
    assert log.head().position == 2


@pytest.mark.parametrize("seed", range(5))
def test_a_batch_equals_its_events_one_by_one_in_any_split(log: EventLog, seed: int) -> None:
    random = Random(seed)
    events = [country(), unit("a"), unit("c", parent_id="b"), unit("b", parent_id="a"), unit("a")]
    events += [received("ModelRegistered", registration(n, unit_id="c")) for n in "12"]
    events += [received("ModelRegistered", registration(n, model_id="m-1")) for n in "34"]
    events += [received("RegistrationWithdrawn", {"registration_id": f"r-{n}", "reason": "rút"})
               for n in "131"]  # fmt: skip
    events += [events[1], events[3], country(id=events[0].key.id, time="2026-01-01T00:00:00Z")]
    alone_log = MemoryEventLog().as_family(Family.REGISTRY)
    alone_registry = appender(alone_log)
    alone = [send(alone_registry, event)[0] for event in events]
    registry = appender(log)
    split: list[Outcome] = []
    rest = list(events)
    while rest:
        size = random.randint(1, len(rest))
        split += send(registry, *rest[:size])
        rest = rest[size:]
    assert codes(split) == codes(alone)
    assert [e.body for e in log.read(0, 99)] == [e.body for e in alone_log.read(0, 99)]
