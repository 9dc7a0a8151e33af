"""`dvk doctor` and a Redis that is stopped, full, forgetful, of another log, or not emptied."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from services.console.doctor.finding import Finding, Level
from services.console.doctor.redis import address_of, check_redis
from shared.bus.streams import EVENTS
from shared.settings import Settings
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.redis


class Patient:
    """A Redis of the test's own, as `dvk up` runs it in its home, and what the doctor finds."""

    def __init__(self, server: RedisServer, home: Path) -> None:
        self.server = server
        self.settings = Settings.from_environment({"DVK_HOME": str(home)})
        (home / "redis").symlink_to(server.directory)

    def found(self, head: int | None = 0, now_seconds: float = 0.0) -> dict[str, Finding]:
        return {each.check: each for each in check_redis(self.settings, head, now_seconds)}

    def ill(self, head: int | None = 0, now_seconds: float = 0.0) -> dict[str, Level]:
        found = self.found(head, now_seconds).values()
        return {each.check: each.level for each in found if each.level}


@pytest.fixture
def patient(own_redis: RedisServer, tmp_path: Path) -> Patient:
    return Patient(own_redis, tmp_path)


@pytest.fixture
def redis(own_redis: RedisServer) -> Iterator[Redis]:
    with own_redis.client() as client:
        yield client


def test_the_redis_of_a_home_is_found_and_well(patient: Patient) -> None:
    assert address_of(patient.settings) == patient.server.url
    assert patient.ill() == {}


def test_a_redis_that_is_gone_is_told_with_what_to_run(patient: Patient) -> None:
    patient.server.stop()
    found = patient.found()["redis"]
    assert found.level is Level.LOOK
    assert "dvk up" in {step.vi for step in found.do}
    assert patient.server.password not in str(found)


def test_a_redis_that_was_stopped_is_told_how_to_go_on(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.connections.ANSWER_SECONDS", 0.3)
    patient.server.freeze()
    found = patient.found()["redis"]
    assert f"kill -CONT {patient.server.pid}" in {step.vi for step in found.do}
    patient.server.thaw()
    assert patient.ill() == {}


def test_a_redis_that_throws_things_away_is_broken(patient: Patient, redis: Redis) -> None:
    redis.config_set("maxmemory-policy", "allkeys-lru")
    assert patient.ill() == {"redis": Level.BROKEN}


def test_a_redis_that_is_nearly_full_is_seen(patient: Patient, redis: Redis) -> None:
    redis.config_set("maxmemory", int(redis.info("memory")["used_memory"]) + 100_000)
    assert patient.ill() == {"redis": Level.LOOK}


def test_a_redis_without_a_file_is_seen(patient: Patient, redis: Redis) -> None:
    redis.config_set("appendonly", "no")
    assert patient.ill() == {"redis_file": Level.LOOK}


def test_the_stream_of_another_log_and_one_far_behind_are_seen(
    patient: Patient, redis: Redis
) -> None:
    redis.xadd(EVENTS, {"event": b"{}"}, id="7-0")
    assert patient.ill(head=7) == {}
    assert patient.ill(head=5_007) == {}
    assert patient.ill(head=5_008) == {"stream": Level.LOOK}
    assert patient.ill(head=6) == {"stream": Level.LOOK}
    assert patient.ill(head=None) == {}


def test_an_entry_that_nobody_takes_in_is_told_with_its_age(patient: Patient, redis: Redis) -> None:
    redis.xadd("dvk:intake:evaluation", {"event": b"{}"}, id="1000000-0")
    assert patient.ill(now_seconds=1_060) == {}
    found = patient.found(now_seconds=1_061)["intake"]
    assert found.level is Level.BROKEN
    assert "dvk:intake:evaluation: 1 entries, the oldest for 61 s" in found.found.en


def test_an_entry_in_the_stream_of_a_publisher_is_told_with_its_service(
    patient: Patient, redis: Redis
) -> None:
    redis.xadd("dvk:intake:registry:p-a", {"event": b"{}"}, id="1000000-0")
    found = patient.found(now_seconds=1_061)["intake"]
    assert found.level is Level.BROKEN
    assert "dvk:intake:registry:p-a: 1 entries" in found.found.en
    assert "p-a" not in str(found.do), "its service is to be started again"


def test_a_publisher_that_is_switched_off_is_told_with_the_way_on(
    patient: Patient, redis: Redis
) -> None:
    redis.acl_setuser("publisher-p-a", enabled=True)
    assert patient.ill() == {}
    redis.acl_setuser("publisher-p-a", enabled=False)
    found = patient.found()["redis_users"]
    assert found.level is Level.LOOK
    assert "redis-cli ACL SETUSER publisher-p-a on" in {step.vi for step in found.do}
