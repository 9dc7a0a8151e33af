"""A dry run says what would become of events at the head, and leaves no trace of them."""

from random import Random

import pytest

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted, Outcome
from shared.eventlog.protocol import EventLog
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.contract.eventlog.conftest import Opener
from tests.contract.eventlog.test_appending import Clock, appender, codes, send, subjects
from tests.support.cloudevents import country, received, registration, unit


def withdrawn(number: str) -> ReceivedEvent:
    return received("RegistrationWithdrawn", {"registration_id": f"r-{number}", "reason": "rút"})


def organization(name: str, org_id: str = "o-1") -> ReceivedEvent:
    return received(
        "OrganizationDefined",
        {"org_id": org_id, "name": name, "kind": "chi bộ", "unit_id": "vn"},
    )


def history() -> list[ReceivedEvent]:
    """Events of every outcome, some of which release others or depend on the one before."""
    early = received("ModelRegistered", registration("1", unit_id="a"))
    return [
        country(),
        early,
        withdrawn("1"),
        unit("b", parent_id="a"),
        unit("a"),
        early,
        received("ModelRegistered", registration("2", unit_id="b"), expectedversion=1),
        received("ModelRegistered", registration("2", unit_id="b"), expectedversion=0),
        received("ModelRegistered", registration("2", unit_id="a")),
        withdrawn("2"),
        withdrawn("2"),
        received("RegistrationWithdrawn", {"registration_id": "r-9", "reason": "?"}),
        unit("a"),
    ]


def test_a_dry_run_answers_as_appending_does_and_keeps_nothing(log: EventLog) -> None:
    registry, events = appender(log), history()
    foreseen = codes(registry.dry_run(events))
    assert (log.head().position, log.count_parked(), log.list_refused(0, 9, None)) == (0, 0, [])
    assert foreseen == codes(send(registry, *events))
    assert len(set(foreseen)) >= 5


@pytest.mark.parametrize("seed", range(8))
def test_dry_runs_between_appends_change_no_outcome(open_as: Opener, seed: int) -> None:
    random = Random(seed)
    first, second = (Appender(open_as(Family.REGISTRY), RegistryDecider()) for _ in range(2))
    events = history()
    rest = events
    answered: list[Outcome] = []
    foreseen: list[Outcome] = []
    while rest:
        count = random.randint(1, 4)
        tried = random.choice((first, second))
        tried.dry_run(random.sample(events, 5))
        foreseen += tried.dry_run(rest[:count])
        answered += send(random.choice((first, second)), *rest[:count])
        rest = rest[count:]
    assert codes(foreseen) == codes(answered)
    own = appender(open_as(Family.REGISTRY))
    assert codes(own.dry_run(events)) == codes(send(own, *events))


def test_events_of_a_dry_run_are_decided_one_after_another(log: EventLog) -> None:
    registry = appender(log)
    send(registry, country())
    tried = registry.dry_run([unit("a"), unit("b", parent_id="a"), unit("b", parent_id="a")])
    assert [type(outcome) for outcome in tried[:2]] == [Accepted, Accepted]
    assert codes(tried[2:]) == ["unit_exists"]
    assert subjects(log) == ["unit/vn"]


def test_what_waits_is_neither_released_nor_expired(log: EventLog) -> None:
    clock = Clock()
    registry = appender(log, clock)
    send(registry, country(), unit("b", parent_id="a"))
    clock.now_us *= 2
    assert codes(registry.dry_run([unit("a")])) == ["Accepted"]
    assert (log.count_parked(), subjects(log)) == (1, ["unit/vn"])


def test_what_others_append_after_a_dry_run_is_seen(open_as: Opener) -> None:
    tried, other = (appender(open_as(Family.REGISTRY)) for _ in range(2))
    send(tried, country())
    tried.dry_run([received("ModelRegistered", registration(str(n))) for n in range(3)])
    send(other, unit("a"))
    assert codes(tried.dry_run([unit("b", parent_id="a")])) == ["Accepted"]


def test_organizations_of_a_dry_run_are_forgotten_one_by_one(log: EventLog) -> None:
    registry = appender(log)
    send(registry, country(), organization("Chi bộ một"))
    head = log.head().position
    with registry.reading() as before:
        known = before.organizations.listed(100, limit=9)
    tried = [organization("Chi bộ hai"), organization("Chi bộ ba", "o-2"), unit("a")]
    assert codes(registry.dry_run(tried[:2])) == ["Accepted", "Accepted"]
    with registry.reading() as after:
        assert after.organizations.listed(100, limit=9) == known
    send(registry, tried[1])
    with registry.reading() as later:
        assert [each.position for each in later.organizations.listed(100, limit=9)] == [2, head + 1]
