"""Fixtures of the bus: a client of a real Redis, and an intake before a log."""

from collections.abc import Iterator

import pytest
from redis import Redis

from shared.bus.streams import connect
from tests.support.intake_scenario import Scenario


@pytest.fixture
def redis(fresh_redis: str) -> Iterator[Redis]:
    """Give a client of bytes on an empty Redis."""
    with connect(fresh_redis) as client:
        yield client


@pytest.fixture
def desk(redis: Redis) -> Scenario:
    """Give an empty log behind an intake."""
    return Scenario(redis)
