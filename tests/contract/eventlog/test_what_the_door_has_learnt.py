"""What an earlier release recorded keeps its first answer, whatever the door asks for today."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.outcome_json import item
from shared.appending.outcomes import Accepted, Duplicate, Outcome, Parked, Unfit
from shared.clock import system_clock
from shared.eventlog.protocol import EventLog, Reference
from shared.events.acceptance.receive import receive
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import PUBLISHER, country


def sent(identifier: str, name: str, subject: str, /, **data: Any) -> ReceivedEvent:
    event = {
        "specversion": "1.0",
        "id": identifier,
        "source": PUBLISHER,
        "type": f"dvk.{name}.v1",
        "subject": subject,
        "time": "2022-03-01T08:00:00+07:00",
        "data": {"occurred_on": "2022-03-01", **data},
    }
    raw = json.dumps(event, ensure_ascii=False).encode()
    return receive(raw, now_us=system_clock(), family=Family.REGISTRY)


def organization(identifier: str, **data: Any) -> ReceivedEvent:
    stated = {"org_id": "o-1", "name": "Chi bộ", "kind": "chi bộ", "unit_id": "vn", **data}
    return sent(identifier, "OrganizationDefined", "organization/o-1", **stated)


OBJECTED = {
    "two lines": (organization("e", name="một\u2028hai"), "invalid_data"),
    "nothing to see": (organization("e", kind="\u200b"), "invalid_data"),
    "too large": (organization("e", external_ids=["\u0344" * 4_000] * 5), "too_large"),
    "a contradiction": (
        sent(
            "e",
            "OrganizationSucceeded",
            "organization/o-1",
            predecessors=["o-1", "o-2"],
            successor="o-1",
        ),
        "invalid_data",
    ),
}


def send(to: Appender, *events: ReceivedEvent) -> list[Outcome]:
    future = to.submit(events)
    while not future.done():
        to.step()
    return future.result()


def as_once(event: ReceivedEvent) -> ReceivedEvent:
    """Return the event as it came from the door of an earlier release."""
    return replace(event, objection=None)


def codes(outcomes: Sequence[Outcome]) -> list[str]:
    return [o.problem.rule.code if isinstance(o, Unfit) else type(o).__name__ for o in outcomes]


@pytest.mark.parametrize("case", OBJECTED)
def test_what_is_recorded_is_a_duplicate_and_nothing_is_recorded_anew(
    log: EventLog, case: str
) -> None:
    event, code = OBJECTED[case]
    registry = Appender(log, RegistryDecider())
    assert codes(send(registry, country(), event)) == ["Accepted", code]
    (first,) = send(registry, as_once(event))
    assert isinstance(first, Accepted)
    assert send(registry, event, event) == [Duplicate(2, first.chain)] * 2
    elsewhere = replace(event, key=event.key._replace(id="another"))
    other = replace(event, content=b"other content".ljust(32))
    assert codes(send(registry, elsewhere, other)) == [code, code]
    assert (log.head().position, list(log.list_refused(0, 10, None))) == (2, [])


def test_what_is_parked_is_still_parked_and_is_released(log: EventLog) -> None:
    event, _ = OBJECTED["two lines"]
    registry = Appender(log, RegistryDecider())
    waiting = Parked((Reference("unit", "vn"),))
    assert send(registry, as_once(event), event) == [waiting, waiting]
    assert send(registry, event) == [waiting]
    assert codes(send(registry, country(), event)) == ["Accepted", "Duplicate"]
    assert [each.subject for each in log.read(0, 10)] == ["unit/vn", "organization/o-1"]


def test_an_objection_is_answered_as_invalid(log: EventLog) -> None:
    event, _ = OBJECTED["two lines"]
    (outcome,) = send(Appender(log, RegistryDecider()), event)
    told = item("e", PUBLISHER, outcome, "en")
    assert (told["status"], told["position"], told["chain"]) == ("invalid", None, None)
    assert told["problem"]["errors"][0]["pointer"] == "/data/name"  # type: ignore[index]
