"""The stream holds the log in order and without a gap, however many relays there are."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisIsGone

from shared.bus.connections import connect
from shared.bus.relay import Relay
from shared.bus.streams import EVENTS
from shared.eventlog.protocol import EventLog
from shared.events.recorded import RecordedEvent, from_feed
from tests.support.growing_log import GrowingLog
from tests.support.redis_server import RedisServer
from tests.support.relayed_entries import positions, relay_all

pytestmark = pytest.mark.redis


def test_each_event_stands_in_the_stream_under_its_position_as_the_feed_gives_it(
    redis: Redis,
) -> None:
    source = GrowingLog()
    source.grow(3)
    assert relay_all(Relay(source.log, redis)) == 3
    (first, fields), *_ = redis.xrange(EVENTS)
    assert first == b"1-0"
    assert fields[b"event"].startswith(b'{"sequence":"00000000000000000001","recordedtime":"2026-')
    assert from_feed(fields[b"event"]) == source.log.read(0, 1)[0]
    assert positions(redis) == [1, 2, 3]


def test_a_relay_sends_only_what_the_stream_lacks(redis: Redis) -> None:
    source = GrowingLog()
    source.grow(5)
    relay_all(Relay(source.log, redis))
    source.grow(2)
    late = Relay(source.log, redis)
    assert late.step() == 2
    assert late.step() == 0
    assert late.position == 7


def test_an_empty_log_relays_nothing(redis: Redis) -> None:
    assert Relay(GrowingLog().log, redis).step() == 0
    assert not redis.exists(EVENTS)


def test_several_relays_at_once_make_no_gap_and_no_disorder(redis: Redis, fresh_redis: str) -> None:
    source = GrowingLog()
    source.grow(10)
    finished = threading.Event()
    sent: list[int] = []

    def relaying() -> None:
        with connect(fresh_redis) as own:
            relay = Relay(source.log, own, run=7)
            total = 0
            while not (finished.is_set() and redis_has(own, source.log.head().position)):
                total += relay.step()
            sent.append(total)

    threads = [threading.Thread(target=relaying) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(60):
        source.grow(25)
    finished.set()
    for thread in threads:
        thread.join()
    assert positions(redis) == list(range(1, 1511))
    assert sum(sent) == 1510, "each event is sent by exactly one relay"


def redis_has(redis: Redis, position: int) -> bool:
    last = redis.xrevrange(EVENTS, count=1)
    return bool(last) and last[0][0] == b"%d-0" % position


def test_relays_at_once_while_redis_is_emptied_leave_a_stream_without_a_gap(
    redis: Redis, fresh_redis: str
) -> None:
    source = GrowingLog()
    source.grow(2_000)
    stop = threading.Event()

    def relaying() -> None:
        with connect(fresh_redis) as own:
            relay = Relay(source.log, own, run=50)
            while not stop.is_set():
                relay.step()

    threads = [threading.Thread(target=relaying) for _ in range(3)]
    for thread in threads:
        thread.start()
    emptied_in_flight = 0
    while emptied_in_flight < 20:
        seen = positions(redis)
        assert not seen or seen == list(range(seen[0], seen[-1] + 1))
        emptied_in_flight += bool(seen) and seen[-1] < 2_000
        redis.flushdb()
    stop.set()
    for thread in threads:
        thread.join()
    relay_all(Relay(source.log, redis))
    assert positions(redis) == list(range(1, 2_001))


class SlowLog:
    """A log during whose first answer something happens to Redis."""

    def __init__(self, log: EventLog, happens: Callable[[], object]) -> None:
        self.answers = 0
        self._log = log
        self._happens = happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        self.answers += 1
        if self.answers == 1:
            self._happens()
        return self._log.read(after, limit)


@pytest.mark.parametrize("what", ["another relay sends", "Redis is emptied"])
def test_a_run_that_was_read_for_another_state_of_the_stream_is_refused_whole(
    redis: Redis, fresh_redis: str, what: str
) -> None:
    source = GrowingLog()
    source.grow(5)
    relay_all(Relay(source.log, redis))
    source.grow(5)
    with connect(fresh_redis) as other:
        happens = (
            other.flushdb if what == "Redis is emptied" else Relay(source.log, other, run=2).step
        )
        slow = SlowLog(source.log, happens)
        relay = Relay(slow, redis)
        assert relay.step() == (10 if what == "Redis is emptied" else 3)
    assert slow.answers == 2
    assert positions(redis) == list(range(1, 11))


def test_while_redis_is_gone_the_relay_says_so_and_goes_on_when_it_is_back(
    own_redis: RedisServer,
) -> None:
    source = GrowingLog()
    source.grow(5)
    with connect(own_redis.url) as client:
        relay = Relay(source.log, client)
        own_redis.stop()
        with pytest.raises(RedisIsGone):
            relay.step()
        own_redis.start()
        assert relay_all(relay) == 5
        own_redis.wipe()
        source.grow(1)
        assert relay_all(relay) == 6
        assert positions(client) == [1, 2, 3, 4, 5, 6]
