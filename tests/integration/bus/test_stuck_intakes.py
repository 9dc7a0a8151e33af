"""A cluster is refused; an intake that Redis lets do nothing says so after a minute."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from services.console.doctor.finding import Level
from services.console.doctor.redis import check_redis
from services.console.local.redis_server import free_port
from shared.bus.connections import RedisIsCluster, connect
from shared.bus.listener import Listener
from shared.bus.watched_intake import WatchedIntake
from shared.errors import LedgerError
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.bus_pipeline import until
from tests.support.http_clients import running_face
from tests.support.intake_scenario import STREAM, Scenario, opened, sent
from tests.support.redis_server import RedisServer
from tests.support.sentinels import Member

pytestmark = pytest.mark.redis

CLUSTER = ("cluster-enabled yes",)
HIGHEST_PORT = 55_535
"""A cluster also listens ten thousand ports higher."""


def low_port() -> int:
    """Return a free port that a cluster can have."""
    return next(port for port in iter(free_port, 0) if port <= HIGHEST_PORT)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """Give a server that is part of a cluster."""
    server = Member(tmp_path_factory.mktemp("cluster") / "data", port=low_port(), lines=CLUSTER)
    server.start()
    yield server
    server.kill()


async def test_a_service_does_not_start_on_a_cluster(cluster: Member, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        async with running_face(Family.REGISTRY, tmp_path, redis_url=cluster.url):
            pass
    vietnamese, english = str(refused.value).split("\n")
    assert "REDIS_URL trỏ tới một cụm Redis" in vietnamese
    assert "REDIS_URL leads to a Redis cluster" in english


def test_the_doctor_names_a_cluster(cluster: Member, tmp_path: Path) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path), "REDIS_URL": cluster.url})
    (found,) = check_redis(settings, 0, 0)
    assert found.level is Level.BROKEN
    assert "cluster" in found.found.en


async def test_nothing_is_read_from_or_sent_to_a_cluster(cluster: Member) -> None:
    with connect(cluster.url) as redis, pytest.raises(RedisIsCluster):
        redis.xadd(STREAM, {"event": "{}"})
    listener = Listener(cluster.url, intake=STREAM, on_intake=lambda: None)
    await listener.start()
    with cluster.client() as client:
        seen = int(client.info("stats")["total_connections_received"])
        tried = lambda: client.info("stats")["total_connections_received"] > seen + 1  # noqa: E731
        await until(tried)
    assert not listener.connected
    await listener.stop()


async def test_a_cluster_that_takes_the_place_of_a_server_is_named_in_readyz(
    tmp_path: Path,
) -> None:
    server = Member(tmp_path / "redis", port=low_port())
    server.start()
    try:
        async with running_face(Family.REGISTRY, tmp_path, redis_url=server.url) as face:
            ready = (await face.client.get("/readyz")).json()["checks"]
            assert ready["redis"]["ok"]
            server.lines = CLUSTER
            server.wipe()
            answer = await face.client.get("/readyz")
    finally:
        server.kill()
    assert answer.status_code == 200
    check = answer.json()["checks"]["redis"]
    assert not check["ok"]
    assert not check["required"]
    assert check["reason"].startswith("redis_cluster: ")


def becomes_a_replica(redis: Redis) -> None:
    redis.replicaof("127.0.0.1", "1")


def has_another_password(redis: Redis) -> None:
    redis.config_set("requirepass", "another")


def has_too_few_replicas(redis: Redis) -> None:
    redis.config_set("min-replicas-to-write", 1)


def stops(redis: Redis) -> None:
    redis.shutdown(nosave=True)


class Watched:
    """An intake that is watched, before a Redis of the test's own."""

    def __init__(self, redis: Redis, operator: Redis) -> None:
        self.redis = redis
        self.operator = operator
        self.desk = Scenario(redis)
        self.intake = WatchedIntake(
            self.desk.intake, redis, Family.REGISTRY, clock=lambda: self.desk.now
        )

    def fails(self) -> None:
        with pytest.raises(RedisError):
            self.intake.step()


@pytest.fixture
def watched(own_redis: RedisServer) -> Iterator[Watched]:
    with connect(own_redis.url) as redis, own_redis.client() as operator:
        yield Watched(redis, operator)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (becomes_a_replica, "ReadOnlyError"),
        (has_another_password, "AuthenticationError"),
        (has_too_few_replicas, "NOREPLICAS"),
        (stops, "ConnectionError"),
    ],
)
def test_an_intake_that_can_do_nothing_says_so_after_a_minute(
    watched: Watched, happens: Callable[[Redis], None], reason: str
) -> None:
    happens(watched.operator)
    watched.desk.now += 60_000_000
    watched.fails()
    watched.intake.check()
    watched.desk.now += 1_000_000
    with pytest.raises(LedgerError, match=rf"^intake_stuck: .*for 61 s: {reason}\. "):
        watched.intake.check()
    assert watched.intake.seconds() == 61


def test_an_intake_is_well_again_with_its_next_step(watched: Watched) -> None:
    becomes_a_replica(watched.operator)
    watched.fails()
    watched.desk.now += 61_000_000
    watched.operator.replicaof("NO", "ONE")
    watched.redis.xadd(STREAM, {"event": sent(opened("vn", None))})
    assert watched.intake.step() == 1
    watched.intake.check()
    assert watched.intake.seconds() == 0


def test_after_an_error_the_next_step_makes_a_new_connection(watched: Watched) -> None:
    watched.intake.step()
    before = watched.redis.client_id()
    becomes_a_replica(watched.operator)
    watched.fails()
    assert watched.redis.client_id() != before
