"""What a publisher in the data centre XADDs is appended once, answered, and taken away."""

import json
import unicodedata
from concurrent.futures import Future
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from shared.appending.decider import Decision
from shared.appending.queue import TOO_BUSY
from shared.bus.intake_streams import READ_BYTES
from shared.bus.streams import UNREADABLE
from shared.errors import Problem, Unavailable
from shared.events.acceptance import receive
from shared.events.acceptance.json_parser import parse
from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import cloudevent
from tests.support.intake_scenario import SOURCE, STREAM, Scenario, answers, opened, sent
from tests.support.small_rules import FewRules

pytestmark = pytest.mark.redis


def test_an_event_is_appended_answered_and_taken_away(redis: Redis, desk: Scenario) -> None:
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    assert desk.intake.step() == 1
    assert desk.intake.step() == 0
    (event,) = desk.log.read(0, 10)
    assert answers(redis) == [
        {
            "id": "open-vn",
            "source": SOURCE,
            "status": "accepted",
            "position": 1,
            "chain": event.chain.hex(),
            "problem": None,
        }
    ]
    assert redis.xlen(STREAM) == 0
    assert desk.counted("dvk_intake_entries_total") == 1
    assert desk.counted("dvk_receipts_total") == 1


def test_entries_are_taken_in_the_order_in_which_they_came(redis: Redis, desk: Scenario) -> None:
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    for number in range(120):
        redis.xadd(STREAM, {"event": sent(opened(f"u{number}"))})
    desk.metrics.ask_intake(desk.intake.waiting)
    assert desk.counted("dvk_intake_waiting_entries") == 121
    while desk.intake.step():
        pass
    assert desk.ids() == ["open-vn", *(f"open-u{number}" for number in range(120))]
    assert [item["position"] for item in answers(redis)] == list(range(1, 122))


def test_a_batch_gets_an_item_for_each_event_and_one_bad_event_fails_alone(
    redis: Redis, desk: Scenario
) -> None:
    bad = opened("u1") | {"time": "yesterday"}
    batch = [opened("vn", None), bad, opened("u2"), opened("u3", "u9"), opened("u2", id="again")]
    redis.xadd(STREAM, {"events": sent(batch)})
    desk.intake.step()
    found = answers(redis)
    assert [(item["id"], item["status"]) for item in found] == [
        ("open-vn", "accepted"),
        ("open-u1", "invalid"),
        ("open-u2", "accepted"),
        ("open-u3", "parked"),
        ("again", "refused"),
    ]
    assert found[1]["problem"]["status"] == 422
    assert found[3]["waiting_for"] == [{"kind": "unit", "id": "u9"}]
    assert found[4]["problem"]["detail"] == "u2 đã được mở."
    assert desk.ids() == ["open-vn", "open-u2"]
    assert desk.counted("dvk_events_invalid_total", face="intake") == 1


def test_an_event_sent_again_is_answered_with_its_first_position(
    redis: Redis, desk: Scenario
) -> None:
    event = opened("vn", None)
    redis.xadd(STREAM, {"event": sent(event)})
    redis.xadd(STREAM, {"event": sent(event)})
    desk.intake.step()
    redis.xadd(STREAM, {"event": sent(event)})
    desk.intake.step()
    assert [(item["status"], item["position"]) for item in answers(redis)] == [
        ("accepted", 1),
        ("duplicate", 1),
        ("duplicate", 1),
    ]


def test_however_an_event_is_spelled_it_is_the_same_event(redis: Redis, desk: Scenario) -> None:
    event = opened("vn", None)
    event["data"]["kind"] = "quốc gia " * 50
    decomposed = unicodedata.normalize("NFD", json.dumps(event, ensure_ascii=False))
    spelled = [sent(event), json.dumps(event, indent=9).encode(), decomposed.encode()]
    for raw in [*spelled, b"\xef\xbb\xbf" + spelled[0]]:
        redis.xadd(STREAM, {"event": raw})
        redis.xadd(STREAM, {"events": b"\xef\xbb\xbf[" + raw.removeprefix(b"\xef\xbb\xbf") + b"]"})
    while desk.intake.step():
        pass
    statuses = [(item["status"], item["position"]) for item in answers(redis)]
    assert statuses == [("accepted", 1), *[("duplicate", 1)] * 7]


def test_what_the_door_objects_to_is_answered_as_invalid_and_counted(
    redis: Redis, desk: Scenario
) -> None:
    event = opened("vn", None)
    event["data"]["name"] = "\u200b"
    redis.xadd(STREAM, {"event": sent(event)})
    desk.intake.step()
    (item,) = answers(redis)
    assert (item["id"], item["status"]) == ("open-vn", "invalid")
    assert item["problem"]["errors"][0]["pointer"] == "/data/name"
    assert desk.counted("dvk_events_invalid_total", face="intake") == 1
    assert desk.ids() == []


def test_another_services_event_is_answered_as_invalid(redis: Redis, desk: Scenario) -> None:
    event = cloudevent(
        "EligibilityAssessed", {"registration_id": "r-1", "eligible": True}, source=SOURCE
    )
    redis.xadd(STREAM, {"event": sent(event)})
    desk.intake.step()
    (item,) = answers(redis)
    assert (item["status"], item["problem"]["code"]) == ("invalid", "wrong_service")
    assert item["id"] == event["id"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"event": b"\xff\xfe"}, "not_json"),
        ({"event": b"{"}, "not_json"),
        ({"event": b"{},{}"}, "not_json"),
        ({"event": b'"text"'}, "invalid_envelope"),
        ({"event": b"[" * 10_000 + b"]" * 10_000}, "too_deep"),
        ({"event": b"x" * 70_000}, "not_json"),
        ({"event": b"x" * 393_217}, "too_large"),
        ({"event": '{"id": "Hà"}'.encode("utf-16")}, "not_json"),
        ({"event": b"x" * 5_000_000}, "too_large"),
        ({"events": b"{}"}, "not_a_batch"),
        ({"events": b"[" + b"{}," * 500 + b"{}]"}, "batch_too_large"),
        ({"evnt": b"{}"}, "intake_fields"),
        ({"event": b"{}", "events": b"[]"}, "intake_fields"),
        ({b"\xff": b"\xff"}, "intake_fields"),
    ],
    ids=lambda given: given if isinstance(given, str) else repr(given)[:24],
)
def test_whatever_cannot_be_read_is_answered_once_and_blocks_nobody(
    redis: Redis, desk: Scenario, fields: dict[Any, Any], code: str
) -> None:
    redis.xadd(STREAM, fields)
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    while desk.intake.step():
        pass
    (item,) = answers(redis, UNREADABLE)
    assert (item["id"], item["source"], item["status"]) == (None, None, "invalid")
    assert item["problem"]["code"] == code
    assert desk.ids() == ["open-vn"]
    assert redis.xlen(STREAM) == 0


def test_problems_are_in_vietnamese(redis: Redis, desk: Scenario) -> None:
    redis.xadd(STREAM, {"nothing": "here"})
    desk.intake.step()
    (item,) = answers(redis, UNREADABLE)
    assert item["problem"]["detail"] == (
        "Mục của dòng nhập phải có đúng một trường: event (một sự kiện) "
        "hoặc events (một mảng JSON)."
    )


def test_a_fault_of_our_own_is_answered_and_blocks_nobody(
    redis: Redis, desk: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(raw: bytes) -> object:
        if b"poison" in raw:
            raise ZeroDivisionError
        return parse(raw)

    monkeypatch.setattr(receive, "parse", faulty)
    redis.xadd(STREAM, {"event": b"poison"})
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    desk.intake.step()
    (item,) = answers(redis, UNREADABLE)
    assert (item["status"], item["problem"]["code"]) == ("invalid", "intake_fault")
    assert desk.ids() == ["open-vn"]


def test_while_the_appender_is_full_the_entries_stay(redis: Redis, desk: Scenario) -> None:
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})

    def full(_: object) -> Future[Any]:
        raise Unavailable(Problem(TOO_BUSY, {"waiting": 20_000}))

    with pytest.raises(Unavailable):
        desk.intake_to(full).step()
    assert redis.xlen(STREAM) == 1
    assert answers(redis) == []
    assert desk.intake.step() == 1
    assert answers(redis)[0]["status"] == "accepted"


def test_a_log_that_fails_leaves_the_entries(redis: Redis, desk: Scenario) -> None:
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    failed: Future[Any] = Future()
    failed.set_exception(OSError("the disk is full"))
    with pytest.raises(OSError, match="full"):
        desk.intake_to(lambda _: failed).step()
    assert redis.xlen(STREAM) == 1
    assert answers(redis) == []


def test_a_group_stays_small_enough_for_the_appender(redis: Redis, desk: Scenario) -> None:
    sizes: list[int] = []

    def counted(events: Any) -> Future[Any]:
        sizes.append(len(events))
        return desk.submit(events)

    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    for each in range(5):
        batch = [opened(f"u{each}-{number}") for number in range(300)]
        redis.xadd(STREAM, {"events": sent(batch)})
    while desk.intake_to(counted).step():
        pass
    assert sum(sizes) == 1_501
    assert max(sizes) <= 500
    assert len(answers(redis)) == 1_501


def test_an_event_that_breaks_the_rules_code_blocks_nothing_behind_it(
    redis: Redis, desk: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = FewRules.decide

    def breaking(rules: FewRules, event: ReceivedEvent, recorded_us: int) -> Decision:
        if event.subject == "unit/poison":
            raise ZeroDivisionError
        return decide(rules, event, recorded_us)

    monkeypatch.setattr(FewRules, "decide", breaking)
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    redis.xadd(STREAM, {"events": sent([opened("u1"), opened("poison"), opened("u2")])})
    redis.xadd(STREAM, {"event": sent(opened("u3"))})
    while desk.intake.step():
        pass
    assert desk.ids() == ["open-vn", "open-u1", "open-u2", "open-u3"]
    statuses = [item["status"] for item in answers(redis)]
    assert statuses == ["accepted", "accepted", "refused", "accepted", "accepted"]
    assert answers(redis)[2]["problem"]["code"] == "decision_fault"
    assert redis.xlen(STREAM) == 0


def test_a_redis_that_is_full_is_emptied_and_loses_no_receipt(redis: Redis, desk: Scenario) -> None:
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    for number in range(60):
        redis.xadd(STREAM, {"event": sent(opened(f"u{number}"))})
    before = redis.config_get("maxmemory")["maxmemory"]
    try:
        redis.config_set("maxmemory", "1")  # less than it uses: nothing more can be written
        with pytest.raises(ResponseError, match="used memory"):
            redis.xadd(STREAM, {"event": b"told, never dropped"})
        while desk.intake.step():
            pass
        assert redis.xlen(STREAM) == 0
        assert len(desk.ids()) == 61
        assert answers(redis) == []
    finally:
        redis.config_set("maxmemory", before)
    desk.intake.step()
    assert len(answers(redis)) == 61


def test_after_one_read_of_large_entries_fewer_are_read_at_once(
    redis: Redis, desk: Scenario
) -> None:
    read: list[int] = []
    xread = redis.xread

    def watched(*given: Any, **named: Any) -> Any:
        found = xread(*given, **named)
        read.append(sum(len(v) for _, got in found for _, fields in got for v in fields.values()))
        return found

    redis.xread = watched  # type: ignore[method-assign]
    for number in range(60):
        redis.xadd(STREAM, {"event": sent(opened(f"u{number}", None))})
    for _ in range(120):
        redis.xadd(STREAM, {"events": b"[" + b" " * 400_000 + b"]"})
    while desk.intake.step():
        pass
    assert redis.xlen(STREAM) == 0
    assert sum(size > READ_BYTES for size in read) == 1, "and from then on fewer are read"
