"""Once trust began a publisher parks at most 5,000 events of the 50,000; the others park on."""

import pytest

from shared.appending import parked_room
from shared.appending.appender import Appender
from shared.appending.problems import PARKED_MOST
from shared.eventlog.protocol import EventLog
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.contract.eventlog.test_appending import codes, send
from tests.support.cloudevents import COUNTRY, received
from tests.support.memory_log import MemoryEventLog
from tests.support.scenarios import History
from tests.support.small_rules import FewRules
from tests.support.trusted import began


def waits(name: str, publisher: str = "a", parent_id: str | None = "later") -> ReceivedEvent:
    data = {**COUNTRY, "unit_id": name, "parent_id": parent_id, "occurred_on": "2004-01-01"}
    if parent_id is not None:
        data["level"] = "province"
    return received("UnitOpened", data, source=f"/publishers/{publisher}", id=name)


def registry_of(log: EventLog, *, trust: bool = True) -> Appender:
    """Return an appender with few rules, which say that trust has begun."""
    rules = FewRules()
    if trust:
        history = History()
        history.record(began())
        rules.authority = history.deciders[Family.REGISTRY].authority
    return Appender(log, rules)


def test_a_publisher_that_parks_its_share_is_refused_and_the_others_park_on(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parked_room, "PARKED_MOST_OF_ONE", 3)
    registry = registry_of(log)
    assert codes(send(registry, *(waits(f"a{n}") for n in range(2)))) == ["Parked", "Parked"]
    assert codes(send(registry, waits("a2"), waits("a3"))) == ["Parked", "parked_quota"]
    assert codes(send(registry, waits("a3"), waits("b0", "b"))) == ["parked_quota", "Parked"]
    assert codes(send(registry, waits("a2"))) == ["Parked"], "what is parked stays parked"
    assert log.list_refused(0, 10, None) == [], "it may be sent again"
    with log.append_session() as session:
        counted = [session.count_parked(f"/publishers/{each}") for each in "abc"]
    assert counted == [3, 1, 0]
    send(registry, waits("later", parent_id=None))
    assert codes(send(registry, waits("a3", parent_id="none"))) == ["Parked"]


def test_before_trust_there_is_no_share(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked_room, "PARKED_MOST_OF_ONE", 1)
    registry = registry_of(log, trust=False)
    assert codes(send(registry, waits("a0"), waits("a1"))) == ["Parked", "Parked"]


def test_the_share_is_a_tenth_of_50_000() -> None:
    assert PARKED_MOST == 50_000
    registry = registry_of(MemoryEventLog().as_family(Family.REGISTRY))
    for first in range(0, 5_000, 1_000):
        parked = send(registry, *(waits(f"a{first + n}") for n in range(1_000)))
        assert set(codes(parked)) == {"Parked"}
    assert codes(send(registry, waits("one-more"), waits("b", "b"))) == ["parked_quota", "Parked"]
