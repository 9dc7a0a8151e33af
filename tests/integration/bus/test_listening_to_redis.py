"""From the log through a real Redis to a reader: each event once, in order, whatever Redis does."""

import asyncio
import time

import pytest

from shared.bus.connections import connect
from shared.bus.consumer import Consumer, Entry
from shared.bus.listener import Listener
from shared.bus.relay import Relay
from shared.bus.streams import EVENTS, intake
from shared.bus.wakeable_worker import Worker
from shared.eventlog.checkpoint import LogMismatch
from shared.vocabulary import Family
from tests.support.bus_pipeline import Pipe, running, until
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.redis


async def test_events_arrive_by_the_stream_in_order_and_once(own_redis: RedisServer) -> None:
    async with running(Pipe(own_redis.url, timer_seconds=3_600)) as pipe:
        await until(lambda: pipe.listener.connected)
        for _ in range(20):
            pipe.grow(25)
            await pipe.caught_up()
        assert pipe.holes == 0


async def test_a_reader_of_an_older_checkpoint_gets_what_it_missed(own_redis: RedisServer) -> None:
    pipe = Pipe(own_redis.url)
    pipe.source.grow(1_200)
    relay = Relay(pipe.source.log, pipe.client)
    while relay.step():
        pass
    first = Consumer(pipe.source.log, pipe.shelf, group=700)
    first.step()
    async with running(pipe):
        await pipe.caught_up()
        assert pipe.holes == 0


async def test_redis_may_be_absent_at_the_start(own_redis: RedisServer) -> None:
    own_redis.stop()
    async with running(Pipe(own_redis.url)) as pipe:
        pipe.grow(5)
        await pipe.caught_up()  # the timer asks the log
        assert not pipe.listener.connected
        own_redis.start()
        await until(lambda: pipe.listener.connected)
        pipe.grow(5)
        await pipe.caught_up()


async def test_redis_may_go_and_come_back_and_is_heard_again_within_two_seconds(
    own_redis: RedisServer,
) -> None:
    async with running(Pipe(own_redis.url)) as pipe:
        await until(lambda: pipe.listener.connected)
        pipe.grow(10)
        await pipe.caught_up()
        own_redis.kill()
        await until(lambda: not pipe.listener.connected)
        pipe.grow(10)
        await pipe.caught_up()
        own_redis.start()
        back = time.monotonic()
        await until(lambda: pipe.listener.connected)
        assert time.monotonic() - back < 2
        pipe.grow(10)
        await pipe.caught_up()


async def test_a_quick_restart_of_redis_is_noticed_too(own_redis: RedisServer) -> None:
    """FastStream itself would sleep for 5 s after the failed read."""
    heard: list[Entry] = []
    listener = Listener(own_redis.url, events_after=lambda: 0, on_events=heard.extend)
    await listener.start()
    try:
        await until(lambda: listener.connected)
        own_redis.restart()
        with connect(own_redis.url) as client:
            client.xadd(EVENTS, {"event": "{}"}, id="1-0")
        sent = time.monotonic()
        await until(lambda: bool(heard))
        assert time.monotonic() - sent < 2
    finally:
        await listener.stop()


async def test_a_frozen_redis_is_noticed_and_holds_nobody_up(own_redis: RedisServer) -> None:
    async with running(Pipe(own_redis.url)) as pipe:
        await until(lambda: pipe.listener.connected)
        own_redis.freeze()
        await until(lambda: not pipe.listener.connected)
        pipe.grow(5)
        await pipe.caught_up()
        own_redis.thaw()
        await until(lambda: pipe.listener.connected)
        pipe.grow(5)
        await pipe.caught_up()


async def test_an_emptied_redis_costs_nothing_but_time(own_redis: RedisServer) -> None:
    async with running(Pipe(own_redis.url)) as pipe:
        await until(lambda: pipe.listener.connected)
        for _ in range(10):
            pipe.grow(200)
            own_redis.flush()
            await asyncio.sleep(0.01)
        await pipe.caught_up()


async def test_a_redis_set_back_to_an_older_state_costs_nothing_but_time(
    own_redis: RedisServer,
) -> None:
    async with running(Pipe(own_redis.url)) as pipe:
        pipe.grow(50)
        await pipe.caught_up()
        with own_redis.set_back():
            await until(lambda: pipe.listener.connected)
            pipe.grow(50)
            await pipe.caught_up()
        await until(lambda: pipe.listener.connected)
        pipe.grow(50)
        await pipe.caught_up()


async def test_a_trimmed_stream_is_a_hole_that_the_log_fills(own_redis: RedisServer) -> None:
    pipe = Pipe(own_redis.url)
    pipe.source.grow(60)
    relay = Relay(pipe.source.log, pipe.client)
    relay.step()
    pipe.client.xtrim(EVENTS, maxlen=10, approximate=False)
    async with running(pipe):
        await until(lambda: pipe.listener.connected)
        await pipe.caught_up()


async def test_an_entry_that_is_not_utf_8_stops_nobody(own_redis: RedisServer) -> None:
    async with running(Pipe(own_redis.url)) as pipe:
        await until(lambda: pipe.listener.connected)
        pipe.grow(5)
        await pipe.caught_up()
        pipe.client.xadd(EVENTS, {b"event": b"\xff\xfe\x00"}, id="6-0")
        pipe.client.xadd(EVENTS, {b"\xff": b"\xff"}, id="7-0")
        await until(lambda: pipe.holes > 0)
        pipe.grow(10)
        await pipe.caught_up()
        assert pipe.listener.connected


async def test_a_log_restored_to_an_older_state_stops_the_reader_which_says_so(
    own_redis: RedisServer,
) -> None:
    pipe = Pipe(own_redis.url)
    pipe.source.grow(10)
    Consumer(pipe.source.log, pipe.shelf).step()
    restored = Pipe(own_redis.url)
    restored.source = pipe.source.restored_to(6)
    reader = Consumer(restored.source.log, pipe.shelf)
    worker = Worker("consumer", reader.step, fatal=(LogMismatch,))
    worker.start()
    try:
        await until(lambda: worker.failure is not None)
    finally:
        worker.stop()
        pipe.client.close()
        restored.client.close()
    assert "was it restored to an older state?" in str(worker.failure)


async def test_bytes_pass_through_untouched_also_those_that_look_like_faststreams_own(
    own_redis: RedisServer,
) -> None:
    heard: list[Entry] = []
    listener = Listener(own_redis.url, events_after=lambda: 0, on_events=heard.extend)
    strange = [b'{"data": "text", "headers": {}}', b"\x89BIN\x00\x01", b"\xff", "Bắc Kạn".encode()]
    with connect(own_redis.url) as client:
        for number, item in enumerate(strange, 1):
            client.xadd(EVENTS, {"event": item, "__data__": b"another field"}, id=f"{number}-0")
    await listener.start()
    await until(lambda: len(heard) == len(strange))
    await listener.stop()
    assert [entry.item for entry in heard] == strange
    assert [entry.id for entry in heard] == [b"1-0", b"2-0", b"3-0", b"4-0"]


async def test_an_intake_entry_wakes_its_service_and_so_does_the_start(
    own_redis: RedisServer,
) -> None:
    woken = 0

    def wake() -> None:
        nonlocal woken
        woken += 1

    stream = intake(Family.REGISTRY)
    listener = Listener(own_redis.url, intake=stream, on_intake=wake)
    await listener.start()
    try:
        await until(lambda: listener.connected)
        before = woken
        assert before >= 1
        with connect(own_redis.url) as client:
            client.xadd(stream, {"event": b"\xff"})
        sent = time.monotonic()
        await until(lambda: woken > before)
        assert time.monotonic() - sent < 1
    finally:
        await listener.stop()


async def test_stopping_takes_no_time_and_leaves_no_task(own_redis: RedisServer) -> None:
    listener = Listener(own_redis.url, events_after=lambda: 0, on_events=lambda _: None)
    tasks = asyncio.all_tasks()
    await listener.start()
    await until(lambda: listener.connected)
    started = time.monotonic()
    await listener.stop()
    assert time.monotonic() - started < 1
    await until(lambda: asyncio.all_tasks() <= tasks)
    assert not listener.connected
