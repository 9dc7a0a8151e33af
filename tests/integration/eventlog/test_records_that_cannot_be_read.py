"""A record that a service cannot read stops its own stream there, and nothing else."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted, Outcome, Parked, Refused
from shared.clock import system_clock
from shared.eventlog.protocol import EventLog
from shared.eventlog.sql import open_log
from shared.events.envelope import ReceivedEvent, link
from shared.events.recorded import RecordedEvent
from shared.rules import registration as registrations
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import (
    COUNTRY,
    cloudevent,
    country,
    received,
    recognition,
    registration,
    unit,
)
from tests.support.http_clients import STRUCTURED, running_face
from tests.support.memory_log import MemoryEventLog


def recorded_as(log: EventLog, event: ReceivedEvent, body: bytes) -> int:
    """Append a record as a release of other rules might have written it; return its position."""
    with log.append_session() as session:
        head, version = session.head(), session.versions([event.subject])[event.subject]
        position, digest = head.position + 1, sha256(body).digest()
        recorded = RecordedEvent(
            position=position,
            key=event.key,
            type=event.type,
            subject=event.subject,
            recorded_us=head.recorded_us,
            digest=digest,
            chain=link(head.chain, position, head.recorded_us, digest),
            body=body,
        )
        recorded.__dict__["payload"] = event.payload
        session.insert([(recorded, version + 1)])
    del recorded.__dict__["payload"]  # whoever reads it from now on has the bytes alone
    return position


def unreadable(event: ReceivedEvent) -> bytes:
    """Return a record of the event that has lost what this release needs."""
    return event.body.replace(b'"occurred_on":', b'"happened_on":', 1)


def send(to: Appender, *events: ReceivedEvent) -> list[str]:
    future = to.submit(events)
    to.step()
    return [_said(outcome) for outcome in future.result(0)]


def _said(outcome: Outcome) -> str:
    match outcome:
        case Refused(problem):
            return problem.rule.code
        case Accepted():
            return "accepted"
        case Parked():
            return "parked"
    return "duplicate"


def _registered(number: str, **data: Any) -> ReceivedEvent:
    return received("ModelRegistered", registration(number, **data))


def _amended(number: str) -> ReceivedEvent:
    data = {
        "registration_id": f"r-{number}",
        "reason": "sửa",
        "changes": {"title": "Tên khác"},
        "occurred_on": "2022-03-01",
    }
    return received("ModelAmended", data)


@pytest.fixture
def logs() -> MemoryEventLog:
    return MemoryEventLog()


def _registry(logs: MemoryEventLog) -> tuple[Appender, EventLog]:
    log = logs.as_family(Family.REGISTRY)
    return Appender(log, RegistryDecider(), clock=system_clock), log


def test_a_registration_that_cannot_be_read_holds_only_what_names_it(
    logs: MemoryEventLog,
) -> None:
    registry, log = _registry(logs)
    assert send(registry, country(), _registered("1"), _registered("2")) == ["accepted"] * 3
    event = _amended("1")
    position = recorded_as(log, event, unreadable(event))
    assert send(registry, _amended("1"), _amended("2"), _registered("3")) == [
        "stream_set_aside",
        "accepted",
        "accepted",
    ]
    ((held, since_us),) = registry.quarantine.listed()
    assert (held.subject, held.position, held.event_type) == (
        "registration/r-1",
        position,
        "dvk.ModelAmended.v1",
    )
    assert "not_a_record" in held.reason
    assert since_us > 0
    assert log.list_refused(0, 10, None) == [], "it was not refused: it may be sent again"


def test_another_service_holds_the_same_stream_by_itself(logs: MemoryEventLog) -> None:
    registry, log = _registry(logs)
    evaluation = Appender(
        logs.as_family(Family.EVALUATION), EvaluationDecider(), clock=system_clock
    )
    send(registry, country(), _registered("1"), _registered("2"))
    event = _amended("1")
    recorded_as(log, event, unreadable(event))
    given = (received("ModelRecognized", recognition(number)) for number in ("1", "2"))
    assert send(evaluation, *given) == ["stream_set_aside", "accepted"]


def test_a_unit_that_cannot_be_read_holds_what_names_it_and_the_map_goes_on(
    logs: MemoryEventLog,
) -> None:
    registry, log = _registry(logs)
    send(registry, country(), unit("a"), unit("b"))
    renamed = received(
        "UnitRenamed", {"unit_id": "a", "name": "Xã Mới", "occurred_on": "2021-01-01"}
    )
    position = recorded_as(log, renamed, unreadable(renamed))
    assert send(registry, _registered("1", unit_id="a"), _registered("2", unit_id="b")) == [
        "stream_set_aside",
        "accepted",
    ]
    assert send(registry, unit("c", parent_id="b")) == ["accepted"]
    ((held, _),) = registry.quarantine.listed()
    assert (held.subject, held.position, held.events_held) == ("unit/a", position, 1)
    started, _ = _registry(logs)
    assert send(started, _registered("3", unit_id="a"), _registered("4", unit_id="b")) == [
        "stream_set_aside",
        "accepted",
    ]


def test_what_is_mended_is_read_again_when_it_is_asked_for(
    logs: MemoryEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, _ = _registry(logs)
    send(registry, country(), _registered("1"))
    healed = registrations.amended

    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    other, _ = _registry(logs)
    send(other, _amended("1"))
    monkeypatch.setattr(registrations, "amended", broken)
    registry.retry_quarantined()
    assert send(registry, _amended("1")) == ["stream_set_aside"]
    registry.retry_quarantined()
    assert send(registry, _amended("1")) == ["stream_set_aside"], "it is still broken"
    monkeypatch.setattr(registrations, "amended", healed)
    registry.retry_quarantined()
    assert send(registry, _amended("1")) == ["accepted"]
    assert registry.quarantine.listed() == []


def test_a_parked_event_that_the_rules_fail_on_keeps_nothing_else_from_being_released(
    logs: MemoryEventLog,
) -> None:
    class Breaking(RegistryDecider):
        broken = True

        def decide(self, event: ReceivedEvent, recorded_us: int) -> Any:
            if self.broken and event.subject == "registration/r-1" and self.territory.known("x"):
                raise ZeroDivisionError
            return super().decide(event, recorded_us)

    log = logs.as_family(Family.REGISTRY)
    decider = Breaking()
    registry = Appender(log, decider, clock=system_clock)
    send(registry, country())
    waiting = [_registered(number, unit_id="x") for number in ("1", "2")]
    assert send(registry, *waiting) == ["parked", "parked"]
    assert send(registry, unit("x"), unit("y")) == ["accepted", "accepted"]
    assert [e.subject for e in log.read(1, 10)] == ["unit/x", "registration/r-2", "unit/y"]
    ((held, _),) = registry.quarantine.listed()
    assert (held.subject, held.position) == ("registration/r-1", 0)
    assert held.reason.startswith("ZeroDivisionError")
    decider.broken = False
    registry.retry_quarantined()
    registry.step()
    assert [e.subject for e in log.read(4, 10)] == ["registration/r-1"]
    assert registry.quarantine.listed() == []


async def test_over_http_it_is_503_named_in_readyz_listed_and_measured(tmp_path: Path) -> None:
    async with running_face(Family.REGISTRY, tmp_path) as face:
        await face.accepted(cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}))
        for number in ("1", "2"):
            await face.accepted(cloudevent("ModelRegistered", registration(number)))
        event = _amended("1")
        settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
        log = open_log(settings.log_url, family=Family.REGISTRY)
        position = recorded_as(log, event, unreadable(event))
        log.close()
        sent = [cloudevent("ModelAmended", _data("1")), cloudevent("ModelAmended", _data("2"))]
        answer = await face.client.post("/events", json=sent[0], headers=STRUCTURED)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        problem = answer.json()
        assert problem["code"] == "stream_set_aside"
        assert (problem["subject"], problem["position"]) == ("registration/r-1", position)
        assert (await face.accepted(sent[1]))[0]["status"] == "accepted"
        (item,) = (await face.client.get("/quarantine")).json()["items"]
        assert (item["read_model"], item["subject"], item["position"], item["state"]) == (
            None,
            "registration/r-1",
            position,
            "held",
        )
        ready = await face.client.get("/readyz")
        assert ready.status_code == 200, "the others go on"
        check = ready.json()["checks"]["quarantine"]
        assert check["ok"] is False
        assert "registration/r-1" in check["reason"]
        metrics = (await face.client.get("/metrics")).text
        assert "dvk_quarantined_streams 1.0" in metrics
        assert 'dvk_events_decided_total{outcome="held"} 1.0' in metrics
        again = await face.client.post("/quarantine/requeue")
        assert (again.status_code, again.json()) == (200, {"held": 0}), "nobody has asked since"
        too_soon = await face.client.post("/quarantine/requeue")
        assert (too_soon.status_code, too_soon.json()["code"]) == (429, "requeued_already")


def _data(number: str) -> dict[str, Any]:
    return {
        "registration_id": f"r-{number}",
        "reason": "sửa",
        "changes": {"title": "Tên khác"},
        "occurred_on": "2022-03-01",
    }
