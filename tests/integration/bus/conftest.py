"""Fixtures of the bus: a client of a real Redis, and an intake before a log."""

from collections.abc import Iterator

import pytest
from redis import Redis

from shared.bus.connections import connect
from tests.support.intake_scenario import Scenario
from tests.support.publisher_streams import PublisherStreams
from tests.support.redis_server import RedisServer
from tests.support.redis_users import ServerWithUsers, client_of


@pytest.fixture
def redis(fresh_redis: str) -> Iterator[Redis]:
    """Give a client of bytes on an empty Redis."""
    with connect(fresh_redis) as client:
        yield client


@pytest.fixture
def desk(redis: Redis) -> Scenario:
    """Give an empty log behind an intake."""
    return Scenario(redis)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Give a server with these users, whose default user is off."""
    running = ServerWithUsers(tmp_path_factory.mktemp("redis") / "data")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def ledger(server: RedisServer) -> Iterator[PublisherStreams]:
    """Give a registry that signs in as the service does."""
    with client_of(server, "operator") as operator:
        operator.flushall()
        for publisher in ("publisher-p-a", "publisher-p-b"):
            operator.acl_setuser(publisher, enabled=True)
    with client_of(server, "registry") as redis:
        yield PublisherStreams(redis, most_entries=20, most_bytes=100_000)
