"""Connections to Redis: to one server, or to the master that sentinels name; never to a cluster.

A connection fails at once: the caller decides how long to retry. Each new one asks the sentinels
again, and refuses a server that is part of a cluster.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from shared.bus.address import redis_address
from shared.errors import LedgerError, Problem, declare

if TYPE_CHECKING:
    from redis.asyncio.connection import AbstractConnection as AsyncConnection

    from shared.bus.address import RedisAddress

REDIS_CLUSTER = declare(
    "redis_cluster",
    503,
    vi="REDIS_URL trỏ tới một cụm Redis (cluster). Sổ cái cần một máy chủ chính, có Sentinel thay "
    "khi hỏng: các dòng sự kiện là một sổ, lệnh trên nhiều dòng không chạy được trong cụm.",
    en="REDIS_URL leads to a Redis cluster. The ledger needs one master, which Sentinel may "
    "replace: the streams are one log, and commands over several of them fail in a cluster.",
)
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0


class RedisIsCluster(LedgerError, RedisError):  # noqa: N818  as its ancestor
    """The server is part of a cluster."""


def connect(url: str) -> Redis:
    """Return a client of bytes that connects on first use and never retries by itself.

    A silent retry could send a batch twice to a server that came back with less data than before;
    the relay must look at the stream again first. Raises `UnusableRedisAddress`; connecting to a
    cluster raises `RedisIsCluster`.
    """
    address = redis_address(url)
    retry = Retry(NoBackoff(), 0)
    options = master_options(address) | {"retry": retry, "redis_connect_func": _greet}
    if not address.sentinels:
        return Redis.from_url(url, **options)
    asked = sentinel_options(address) | {"retry": retry}
    sentinels = Sentinel(address.sentinels, sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
    pool = _MasterPool(address.master, sentinels, **options)  # type: ignore[no-untyped-call]
    return Redis.from_pool(pool)


class _MasterPool(SentinelConnectionPool):
    """Connections to the master; closing them closes those to the sentinels too."""

    def disconnect(self, inuse_connections: bool = True) -> None:  # noqa: FBT001, FBT002  theirs
        super().disconnect(inuse_connections)
        if inuse_connections:
            self.sentinel_manager.close()


def master_options(address: RedisAddress) -> dict[str, Any]:
    """Return the options of a connection to the server or master, without `retry`."""
    return {
        **address.options,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": ANSWER_SECONDS,
    }


def sentinel_options(address: RedisAddress) -> dict[str, Any]:
    """Return the options of a connection to a sentinel: a silent one must not delay the next."""
    return {
        **address.of_sentinels,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": CONNECT_SECONDS,
    }


def faults_of_sentinels(url: str) -> dict[str, str]:
    """Return what is wrong with each sentinel of an address, by `host:port`; none for one server.

    One that answers says itself whether enough of them could replace the master.
    """
    address = redis_address(url)
    asked = sentinel_options(address) | {"retry": Retry(NoBackoff(), 0)}
    faults: dict[str, str] = {}
    for host, port in address.sentinels:
        with Redis(host, port, **asked) as sentinel:
            try:
                sentinel.execute_command("SENTINEL CKQUORUM", address.master)
            except RedisError as error:
                said = str(error) if isinstance(error, ResponseError) else ""
                faults[f"{host}:{port}"] = said or type(error).__name__
    return faults


def require_no_cluster(url: str) -> None:
    """Raise `SystemExit` if Redis answers and is a cluster; one that is down may come later."""
    with connect(url) as redis, suppress(RedisError):
        try:
            redis.ping()
        except RedisIsCluster as error:
            vietnamese = REDIS_CLUSTER.words("vi", {})
            raise SystemExit(f"{vietnamese}\n{error}") from None


def follow_master(redis: Redis) -> None:
    """Ask the sentinels of a client for the master, and leave connections to another server.

    A master that sentinels have replaced goes on writing for seconds before they make it a replica.
    """
    if isinstance(redis.connection_pool, SentinelConnectionPool):
        redis.connection_pool.get_master_address()  # type: ignore[no-untyped-call]


def _greet(connection: Any) -> None:  # noqa: ANN401  the library does not type its methods
    """Sign in on a new connection, and refuse a cluster."""
    connection.on_connect()
    connection.send_command("INFO", "cluster")
    with suppress(ResponseError):  # the user may not ask
        _refuse_cluster(connection.read_response())


async def greet_async(connection: AsyncConnection) -> None:
    """Sign in on a new connection, and refuse a cluster."""
    await connection.on_connect()
    await connection.send_command("INFO", "cluster")
    with suppress(ResponseError):
        _refuse_cluster(await connection.read_response())


def _refuse_cluster(info: object) -> None:
    if "cluster_enabled:1" in str(info):
        raise RedisIsCluster(Problem(REDIS_CLUSTER))
