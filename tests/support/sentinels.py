"""A Redis master with a replica, and sentinels that replace it: all processes of one test."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

from services.console.local.redis_server import LOOPBACK, find_redis_server, free_port
from tests.support.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "dvk"
PATIENCE_SECONDS = 60.0
MASTER_WORD, SENTINEL_WORD = "of-the-master", "of-the-sentinels"


@dataclass
class Member(RedisServer):
    """A server that starts with further lines of configuration."""

    lines: tuple[str, ...] = ()
    tls_port: int = 0

    def role(self) -> str:
        """Return what the server takes itself for: `master` or `slave`."""
        with self.client() as client:
            return str(client.info("replication")["role"])

    def _write_configuration(self) -> Path:
        path = super()._write_configuration()
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(self.lines) + "\n")
        return path


@dataclass
class SentinelProcess(RedisServer):
    """A sentinel: the same binary under the name by which it knows what to be."""

    lines: tuple[str, ...] = ()
    tls_port: int = 0

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.binary = self.directory / "redis-sentinel"
        if not self.binary.exists():
            self.binary.symlink_to(find_redis_server())
        super().start()

    def _write_configuration(self) -> Path:
        path = self.directory / "redis.conf"
        own = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.directory}"',
            f'pidfile "{self.directory}/redis.pid"',
            f'logfile "{self.directory}/redis.log"',
            f"requirepass {self.password}",
        )
        path.write_text("\n".join((*own, *self.lines)) + "\n")
        return path


@dataclass
class Replicated:
    """Two servers, of which one is the master, and the sentinels that watch them."""

    servers: list[Member] = field(default_factory=list)
    sentinels: list[SentinelProcess] = field(default_factory=list)
    certificate: Path | None = None

    @property
    def url(self) -> str:
        """Return the address for `REDIS_URL`."""
        hosts = ",".join(f"{LOOPBACK}:{each.tls_port or each.port}" for each in self.sentinels)
        place = f":{MASTER_WORD}@{hosts}/{NAME}?sentinel_password={SENTINEL_WORD}"
        if self.certificate is None:
            return f"redis+sentinel://{place}"
        # Sentinels name a master by its number, and the certificate is of a name.
        return f"rediss+sentinel://{place}&ssl_ca_certs={self.certificate}&ssl_check_hostname=no"

    def master(self) -> Member:
        """Return the server that the sentinels name."""
        port = self._seen(self.sentinels[0])["port"]
        return next(each for each in self.servers if port in {each.port, each.tls_port})

    def fail_over(self) -> None:
        """Have the other server take over; return when the sentinels name it."""
        before = self.master()
        wait_until(self._is_failing_over)
        wait_until(lambda: self.master() is not before)

    def _is_failing_over(self) -> bool:
        """Ask for a new master; one that has just started finds no good replica yet."""
        with self.sentinels[0].client() as sentinel:
            try:
                sentinel.execute_command("SENTINEL FAILOVER", NAME)
            except ResponseError as error:
                if "NOGOODSLAVE" not in str(error):
                    raise
                return False
        return True

    def _seen(self, sentinel: SentinelProcess) -> dict[str, Any]:
        with sentinel.client() as client:
            seen: dict[str, Any] = client.sentinel_master(NAME)
        return seen

    def is_ready(self) -> bool:
        """Return whether every sentinel knows the replica and the other sentinels."""
        others = len(self.sentinels) - 1
        seen = [self._seen(each) for each in self.sentinels]
        with self.servers[0].client() as master:
            replicas = master.info("replication")
        return (
            all(each["num-slaves"] == 1 and each["num-other-sentinels"] == others for each in seen)
            and replicas.get("slave0", {}).get("state") == "online"
        )


@contextmanager
def replicated(
    sentinels: int, *, down_ms: int = 500, certificate: Path | None = None
) -> Iterator[Replicated]:
    """Run a master with a replica, and sentinels that replace it after `down_ms` of silence.

    With a certificate (and its key beside it) all of them speak TLS to one another and to clients.
    """
    with (
        tempfile.TemporaryDirectory(prefix="dvk-redis-", ignore_cleanup_errors=True) as folder,
        ExitStack() as stack,
    ):
        run = Replicated(certificate=certificate)

        def started(server: RedisServer) -> None:
            server.start()
            stack.callback(server.kill)

        lines = [f"masterauth {MASTER_WORD}", "repl-diskless-sync-delay 0"]
        main = 0
        for number in range(2):
            if run.servers:
                lines.append(f"replicaof {LOOPBACK} {main}")
            tls_port, of_tls = _speaking_tls(certificate)
            member = Member(
                Path(folder, f"server-{number}"),
                password=MASTER_WORD,
                lines=(*lines, *of_tls),
                tls_port=tls_port,
            )
            started(member)
            run.servers.append(member)
            main = run.servers[0].tls_port or run.servers[0].port
        wait_until(lambda: _has_replica(run.servers[0]))
        watching = (
            f"sentinel monitor {NAME} {LOOPBACK} {main} {sentinels // 2 + 1}",
            f"sentinel auth-pass {NAME} {MASTER_WORD}",
            f"sentinel down-after-milliseconds {NAME} {down_ms}",
            f"sentinel failover-timeout {NAME} 5000",
        )
        for number in range(sentinels):
            tls_port, of_tls = _speaking_tls(certificate)
            sentinel = SentinelProcess(
                Path(folder, f"sentinel-{number}"),
                password=SENTINEL_WORD,
                lines=(*watching, *of_tls),
                tls_port=tls_port,
            )
            started(sentinel)
            run.sentinels.append(sentinel)
        wait_until(run.is_ready)
        yield run


def _speaking_tls(certificate: Path | None) -> tuple[int, tuple[str, ...]]:
    """Return a further port for TLS, and the lines of a configuration that open it."""
    if certificate is None:
        return 0, ()
    port = free_port()
    return port, (
        f"tls-port {port}",
        f"tls-cert-file {certificate}",
        f"tls-key-file {certificate.with_suffix('.key')}",
        f"tls-ca-cert-file {certificate}",
        "tls-auth-clients no",
        "tls-replication yes",
    )


def _has_replica(server: Member) -> bool:
    with server.client() as master:
        return bool(master.info("replication").get("slave0", {}).get("state") == "online")


def wait_until(true: Callable[[], bool]) -> None:
    """Wait; fail when patience is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
