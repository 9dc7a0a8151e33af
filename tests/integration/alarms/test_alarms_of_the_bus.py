"""Each alarm about Redis fires when Redis really is stopped, trimmed or gone, and only then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.exceptions import RedisError

from shared.bus.listener import Listener
from shared.bus.streams import EVENTS
from shared.bus.watched_intake import WatchedIntake
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from tests.support.bus_pipeline import until
from tests.support.intake_scenario import STREAM, Scenario
from tests.support.prometheus import Prometheus, page_of
from tests.support.publisher_streams import OF_A, PublisherStreams
from tests.support.redis_server import RedisServer
from tests.support.relay_scenario import Carried

pytestmark = pytest.mark.redis


def test_a_relay_before_a_stopped_redis_is_behind_until_redis_is_back(
    own_redis: RedisServer,
) -> None:
    carried = Carried(own_redis)
    carried.grow(10)
    carried.carry()
    assert carried.prometheus.watch(180).firing("RelayBehind") == []
    own_redis.stop()
    carried.grow(5)
    with pytest.raises(RedisError):
        carried.carry()
    assert carried.prometheus.watch(60).firing("RelayBehind") == []  # behind for a moment
    assert len(carried.prometheus.watch(90).firing("RelayBehind")) == 1
    own_redis.start()
    carried.carry()
    assert carried.prometheus.watch(15).firing("RelayBehind") == []
    carried.client.close()


def test_a_stream_that_was_trimmed_under_its_reader_is_a_hole(own_redis: RedisServer) -> None:
    carried = Carried(own_redis)
    carried.grow(10)
    carried.carry()
    carried.take(after=0)
    assert carried.prometheus.watch(600).firing("HoleSeen") == []
    carried.grow(10)
    carried.carry()
    carried.client.xtrim(EVENTS, maxlen=3, approximate=False)
    carried.take(after=10)
    (fired,) = carried.prometheus.watch(30).firing("HoleSeen")
    assert fired["service"] == "reporting"
    carried.grow(5)
    carried.carry()
    carried.take(after=20)
    assert carried.prometheus.watch(630).firing("HoleSeen") == []
    carried.client.close()


@asynccontextmanager
async def listening(redis: RedisServer, metrics: Metrics) -> AsyncIterator[Listener]:
    listener = Listener(
        redis.url, intake="dvk:intake:registry", on_connected=metrics.redis_connected
    )
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


async def test_a_redis_that_is_gone_is_told_until_it_is_back(own_redis: RedisServer) -> None:
    metrics = Metrics()
    prometheus = Prometheus(registry=page_of(metrics.registry))
    async with listening(own_redis, metrics) as listener:
        await until(lambda: listener.connected)
        assert prometheus.watch(120).firing("RedisGone") == []
        own_redis.stop()
        await until(lambda: not listener.connected)
        assert prometheus.watch(45).firing("RedisGone") == []
        (fired,) = prometheus.watch(45).firing("RedisGone")
        assert fired["service"] == "registry"
        own_redis.start()
        await until(lambda: listener.connected)
        assert prometheus.watch(15).firing("RedisGone") == []


def test_a_publisher_that_is_switched_off_is_an_alarm_until_it_is_on_again(
    own_redis: RedisServer,
) -> None:
    with own_redis.client() as redis:
        redis.acl_setuser("publisher-p-a", enabled=True)
        ledger = PublisherStreams(redis, most_entries=3)
        metrics = Metrics()
        metrics.ask(switched_off=lambda: len(ledger.limits.switched_off))
        prometheus = Prometheus(registry=page_of(metrics.registry))
        ledger.look()
        assert prometheus.watch(60).firing("PublisherSwitchedOff") == []
        for _ in range(4):
            redis.xadd(OF_A, {"event": b"{}"})
        ledger.look()
        (fired,) = prometheus.watch(30).firing("PublisherSwitchedOff")
        assert fired["service"] == "registry"
        redis.acl_setuser("publisher-p-a", enabled=True)
        ledger.look()
        assert prometheus.watch(30).firing("PublisherSwitchedOff") == []


def test_an_intake_that_redis_refuses_is_stuck_until_it_succeeds(own_redis: RedisServer) -> None:
    with own_redis.client() as redis, own_redis.client() as operator:
        desk = Scenario(redis)
        prometheus = Prometheus(registry=page_of(desk.metrics.registry))
        taking = WatchedIntake(desk.intake, redis, Family.REGISTRY, clock=prometheus.microseconds)
        desk.metrics.ask(intake_seconds=taking.seconds)
        for _ in range(10):
            taking.step()
            assert prometheus.watch(15).firing("IntakeStuck") == []
        operator.replicaof("127.0.0.1", "1")
        with pytest.raises(RedisError):
            taking.step()
        assert prometheus.watch(30).firing("IntakeStuck") == []
        (fired,) = prometheus.watch(30).firing("IntakeStuck")
        assert fired["service"] == "registry"
        operator.replicaof("NO", "ONE")
        taking.step()
        assert prometheus.watch(15).firing("IntakeStuck") == []


def test_an_intake_stream_that_grows_faster_than_it_is_taken_is_told(
    own_redis: RedisServer,
) -> None:
    desk = Scenario(own_redis.client())
    desk.metrics.ask_intake(desk.intake.waiting)
    prometheus = Prometheus(registry=page_of(desk.metrics.registry))
    assert prometheus.watch(120).firing("IntakeLong") == []
    with desk.redis.pipeline(transaction=False) as pipeline:
        for _ in range(50_001):
            pipeline.xadd(STREAM, {"event": b"{}"})
        pipeline.execute()
    (fired,) = prometheus.watch(90).firing("IntakeLong")
    assert fired["service"] == "registry"
    while desk.intake.waiting() > 50_000:
        desk.intake.step()
    assert prometheus.watch(15).firing("IntakeLong") == []
    desk.redis.close()
