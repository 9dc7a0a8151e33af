"""Whatever happens to Redis or to the log, the stream becomes that of this log again."""

import pytest
from redis import Redis

from shared.bus.connections import connect
from shared.bus.relay import Relay
from shared.bus.streams import EVENTS
from shared.events.recorded import from_feed
from tests.support.growing_log import GrowingLog
from tests.support.redis_server import RedisServer
from tests.support.relayed_entries import positions, relay_all

pytestmark = pytest.mark.redis


def test_after_redis_was_emptied_the_stream_begins_one_cap_before_the_head(redis: Redis) -> None:
    source = GrowingLog()
    source.grow(500)
    relay = Relay(source.log, redis, cap=200)
    relay_all(relay)
    redis.flushdb()
    relay_all(relay)
    assert positions(redis) == list(range(301, 501))


def test_a_relay_that_is_far_behind_begins_anew_instead_of_sending_what_is_trimmed_at_once(
    redis: Redis,
) -> None:
    source = GrowingLog()
    source.grow(10)
    relay_all(Relay(source.log, redis, cap=200))
    source.grow(990)
    assert relay_all(Relay(source.log, redis, cap=200)) == 200
    assert positions(redis) == list(range(801, 1001))


def test_the_stream_stays_near_its_cap(redis: Redis) -> None:
    source = GrowingLog()
    relay = Relay(source.log, redis, cap=200)
    for _ in range(20):
        source.grow(100)
        relay_all(relay)
    kept = positions(redis)
    assert kept == list(range(kept[0], 2_001))
    assert 200 <= len(kept) <= 400


def test_after_an_operator_trimmed_everything_the_next_event_follows(redis: Redis) -> None:
    source = GrowingLog()
    source.grow(5)
    relay_all(Relay(source.log, redis))
    redis.xtrim(EVENTS, maxlen=0, approximate=False)
    source.grow(2)
    relay_all(Relay(source.log, redis))
    assert positions(redis) == [6, 7]


@pytest.mark.parametrize(
    "strangers_id",
    ["9-0", "*", "4-1"],
    ids=["beyond the head", "a time as redis-cli gives it", "no position"],
)
def test_a_strangers_entry_is_no_part_of_the_log_and_the_stream_is_replaced(
    redis: Redis, strangers_id: str
) -> None:
    source = GrowingLog()
    source.grow(4)
    relay_all(Relay(source.log, redis))
    redis.xadd(EVENTS, {"event": "{}"}, id=strangers_id)
    source.grow(1)
    relay_all(Relay(source.log, redis))
    assert positions(redis) == [1, 2, 3, 4, 5]


def test_a_strangers_entry_at_the_next_position_is_replaced_by_the_event(redis: Redis) -> None:
    source = GrowingLog()
    source.grow(4)
    relay = Relay(source.log, redis)
    relay_all(relay)
    redis.xadd(EVENTS, {"event": b"\xff\xfe"}, id="5-0")
    source.grow(3)
    relay_all(relay)
    assert positions(redis) == list(range(1, 8))


def test_a_key_of_another_kind_is_replaced_by_the_stream(redis: Redis) -> None:
    redis.set(EVENTS, "mine")
    source = GrowingLog()
    source.grow(2)
    relay_all(Relay(source.log, redis))
    assert positions(redis) == [1, 2]


def test_the_stream_of_a_log_that_was_restored_to_an_older_state_is_replaced(redis: Redis) -> None:
    before = GrowingLog()
    before.grow(10)
    relay_all(Relay(before.log, redis))
    after = before.restored_to(6)
    relay_all(Relay(after.log, redis))
    assert positions(redis) == list(range(1, 7))
    after.grow(8)
    relay_all(Relay(after.log, redis))
    assert [from_feed(f[b"event"]) for _, f in redis.xrange(EVENTS)] == list(after.log.read(0, 99))


def test_a_restored_log_that_has_outgrown_the_stream_is_told_by_its_chain(redis: Redis) -> None:
    before = GrowingLog()
    before.grow(10)
    relay_all(Relay(before.log, redis))
    after = before.restored_to(6)
    after.grow(8)
    relay_all(Relay(after.log, redis))
    assert [from_feed(f[b"event"]) for _, f in redis.xrange(EVENTS)] == list(after.log.read(0, 99))


def test_a_relay_that_runs_on_notices_a_log_that_was_restored_and_has_outgrown_the_stream(
    redis: Redis,
) -> None:
    before = GrowingLog()
    before.grow(5)
    relay = Relay(before.log, redis)
    relay_all(relay)
    restored = before.restored_to(3)
    restored.grow(6)
    relay._log = restored.log  # the same address, another history behind it
    relay_all(relay)
    chains = [from_feed(fields[b"event"]).chain for _, fields in redis.xrange(EVENTS)]
    assert chains == [event.chain for event in restored.log.read(0, 100)]


def test_a_redis_that_comes_back_with_less_than_it_had_gets_the_rest_without_a_gap(
    own_redis: RedisServer,
) -> None:
    source = GrowingLog()
    source.grow(50)
    with connect(own_redis.url) as first:
        relay_all(Relay(source.log, first))
    with own_redis.set_back(), connect(own_redis.url) as meanwhile:
        relay = Relay(source.log, meanwhile)
        source.grow(50)
        relay_all(relay)
        assert len(positions(meanwhile)) == 100
    with connect(own_redis.url) as again:
        assert len(positions(again)) == 50
        source.grow(10)
        relay_all(Relay(source.log, again))
        assert positions(again) == list(range(1, 111))
