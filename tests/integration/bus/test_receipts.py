"""A receipt tells what became of an event, and a second one what became of a parked event."""

from concurrent.futures import Future
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisIsGone

from shared.bus.connections import connect
from shared.bus.receipts import Receipts
from shared.events.acceptance import receive
from shared.vocabulary import Family
from tests.support.intake_scenario import RECEIPTS, STREAM, Scenario, answers, opened, sent
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.redis
DAY_US = 86_400_000_000


def test_a_parked_event_gets_a_second_receipt_when_it_is_released(
    redis: Redis, desk: Scenario
) -> None:
    redis.xadd(STREAM, {"event": sent(opened("u1"))})
    desk.intake.step()
    redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    desk.intake.step()
    desk.intake.step()
    assert [(item["id"], item["status"], item["position"]) for item in answers(redis)] == [
        ("open-u1", "parked", None),
        ("open-vn", "accepted", 1),
        ("open-u1", "accepted", 2),
    ]
    assert desk.counted("dvk_receipts_total") == 3


def test_an_event_released_within_its_own_batch_gets_its_receipts_in_order(
    redis: Redis, desk: Scenario
) -> None:
    redis.xadd(STREAM, {"events": sent([opened("u1"), opened("vn", None)])})
    desk.intake.step()
    desk.intake.step()
    statuses = [item["status"] for item in answers(redis) if item["id"] == "open-u1"]
    assert statuses == ["parked", "accepted"]


def test_a_parked_event_gets_a_second_receipt_when_its_time_is_over(
    redis: Redis, desk: Scenario
) -> None:
    redis.xadd(STREAM, {"event": sent(opened("u1", "u9"))})
    desk.intake.step()
    desk.now += 31 * DAY_US
    desk.appender.step()
    desk.intake.step()
    first, second = answers(redis)
    assert first["status"] == "parked"
    assert (second["status"], second["problem"]["code"]) == ("refused", "parked_expired")
    assert "u9" in second["problem"]["detail"]


def test_a_crash_between_commit_and_receipt_gives_a_duplicate_answer_and_no_loss(
    own_redis: RedisServer,
) -> None:
    with connect(own_redis.url) as redis:
        desk = Scenario(redis)
        redis.xadd(STREAM, {"event": sent(opened("vn", None))})

        def dies_after_the_commit(events: Any) -> Future[Any]:
            future = desk.submit(events)
            own_redis.stop()
            return future

        with pytest.raises(RedisIsGone):
            desk.intake_to(dies_after_the_commit).step()
        own_redis.start()
        assert desk.ids() == ["open-vn"]
        assert answers(redis) == []
        desk.intake.step()
        assert [(item["status"], item["position"]) for item in answers(redis)] == [("duplicate", 1)]
        assert desk.ids() == ["open-vn"]


def test_second_receipts_wait_while_redis_is_gone(own_redis: RedisServer) -> None:
    with connect(own_redis.url) as redis:
        desk = Scenario(redis)
        desk.submit([receive.receive(sent(opened("u1")), now_us=desk.now, family=Family.REGISTRY)])
        own_redis.stop()
        desk.submit(
            [receive.receive(sent(opened("vn", None)), now_us=desk.now, family=Family.REGISTRY)]
        )
        with pytest.raises(RedisIsGone):
            desk.intake.step()
        own_redis.start()
        desk.intake.step()
        desk.intake.step()
        assert [(item["id"], item["status"]) for item in answers(redis)] == [
            ("open-u1", "accepted")
        ]


def test_receipts_are_capped(redis: Redis) -> None:
    desk = Scenario(redis, receipts=Receipts(redis, cap=100))
    event = sent(opened("vn", None))
    for _ in range(30):
        redis.xadd(STREAM, {"events": b"[" + b",".join([event] * 20) + b"]"})
    while desk.intake.step():
        pass
    assert 100 <= redis.xlen(RECEIPTS) <= 300
