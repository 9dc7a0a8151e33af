"""Two PostgreSQL servers that Patroni runs by deploy/patroni/patroni.yml, with an etcd beside them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import yaml

from services.console.local.redis_server import LOOPBACK, free_port
from tests.support.cut_line import TcpLine, line_to
from tests.support.postgres_binaries import as_unprivileged, folders, give_away, reachable_directory
from tests.support.postgres_server import PostgresServer
from tests.support.servers import NoServerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/patroni/patroni.yml"
START_SECONDS = 90.0
PASSWORD = "of-this-test"


@dataclass
class PatroniNode:
    """One of the two: a Patroni with the server under it."""

    name: str
    directory: Path
    server: PostgresServer
    environment: Mapping[str, str]
    api: str
    lines: Sequence[TcpLine] = field(default=(), repr=False)
    """Its ways to etcd, and those on which the other machine reaches it; clients have their own."""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start Patroni, which starts its server."""
        options = as_unprivileged(self.directory)
        options["env"] = {**options["env"], **self.environment}
        with (self.directory / "patroni.log").open("ab") as log:
            self._process = subprocess.Popen(
                [shutil.which("patroni") or "patroni", str(self.directory / "patroni.yml")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **options,
            )

    def kill(self) -> None:
        """Kill -9 Patroni and the postmaster."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(
                int((self.server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL
            )

    def end(self) -> None:
        """End Patroni, which ends its server; kill what does not end."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
        self.kill()

    def part(self) -> None:
        """Cut the network to etcd and the other machine; clients still reach its server."""
        for line in self.lines:
            line.cut()

    def join(self) -> None:
        """Restore the network."""
        for line in self.lines:
            line.restore()

    def is_(self, what: str) -> bool:
        """Say whether it is `primary`, `replica` or `synchronous`, as Patroni tells proxies."""
        with suppress(httpx.HTTPError):
            answer = httpx.get(f"{self.api}/{what}", timeout=5, trust_env=False)
            return answer.status_code == httpx.codes.OK
        return False

    def words(self) -> str:
        """Return what it has logged."""
        return (self.directory / "patroni.log").read_text("utf-8", errors="replace")


@contextmanager
def patroni_pair() -> Iterator[tuple[PatroniNode, PatroniNode]]:
    """Run both until one is the primary and the other its synchronous standby, in this order.

    Raises NoServerError, which names the packages, where Patroni, etcd or PostgreSQL are missing.
    """
    missing = [name for name in ("patroni", "etcd", "pg_rewind") if not _found(name)]
    if missing:
        message = (
            f"no {', '.join(missing)}: apt-get install patroni etcd-server postgresql-15 (Debian)"
        )
        raise NoServerError(message)
    directory = reachable_directory()
    nodes: list[PatroniNode] = []
    network = ExitStack()
    client, peer = free_port(), free_port()
    etcd = _etcd(directory, client, peer)
    try:
        for name in ("db1", "db2"):
            nodes.append(_node(name, directory, client, network))
            nodes[-1].start()
            _until(nodes[-1], "primary" if name == "db1" else "synchronous")
        yield nodes[0], nodes[1]
    finally:
        for node in reversed(nodes):
            node.end()
        etcd.kill()
        etcd.wait()
        network.close()
        shutil.rmtree(directory, ignore_errors=True)


def _found(name: str) -> bool:
    return bool(shutil.which(name)) or any((folder / name).exists() for folder in folders())


def _etcd(directory: Path, client: int, peer: int) -> subprocess.Popen[bytes]:
    own = directory / "etcd"
    own.mkdir()
    give_away(own)
    with (directory / "etcd.log").open("ab") as log:
        return subprocess.Popen(
            [
                shutil.which("etcd") or "etcd",
                *("--data-dir", own / "data", "--name", "etcd1"),
                *("--listen-client-urls", f"http://{LOOPBACK}:{client}"),
                *("--advertise-client-urls", f"http://{LOOPBACK}:{client}"),
                *("--listen-peer-urls", f"http://{LOOPBACK}:{peer}"),
                *("--initial-advertise-peer-urls", f"http://{LOOPBACK}:{peer}"),
                *("--initial-cluster", f"etcd1=http://{LOOPBACK}:{peer}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **as_unprivileged(own),
        )


def _node(name: str, directory: Path, etcd: int, network: ExitStack) -> PatroniNode:
    own = directory / name
    own.mkdir()
    give_away(own)
    binaries = next(folder for folder in folders() if (folder / "pg_rewind").exists())
    server = PostgresServer(own, binaries, password=PASSWORD)
    api_port = free_port()
    api = f"{LOOPBACK}:{api_port}"
    lines = [
        network.enter_context(line_to(port, 1, free_port()))
        for port in (etcd, api_port, server.port)
    ]
    to_etcd, to_api, to_server = (f"{LOOPBACK}:{line.port}" for line in lines)
    environment = {
        "PATRONI_NAME": name,
        "PATRONI_ETCD3_HOSTS": to_etcd,
        # Else it would ask etcd where etcd is, and go there past the line.
        "PATRONI_ETCD3_USE_PROXIES": "true",
        "PATRONI_RESTAPI_LISTEN": api,
        "PATRONI_RESTAPI_CONNECT_ADDRESS": to_api,
        "PATRONI_POSTGRESQL_LISTEN": f"{LOOPBACK}:{server.port}",
        "PATRONI_POSTGRESQL_CONNECT_ADDRESS": to_server,
        "PATRONI_POSTGRESQL_DATA_DIR": str(server.data),
        "PATRONI_POSTGRESQL_BIN_DIR": str(binaries),
        "PATRONI_POSTGRESQL_PGPASS": str(own / "pgpass"),
        "PATRONI_SUPERUSER_USERNAME": "dvk",
        "PATRONI_SUPERUSER_PASSWORD": PASSWORD,
        "PATRONI_REPLICATION_PASSWORD": PASSWORD,
        "PATRONI_REWIND_PASSWORD": PASSWORD,
    }
    written = yaml.safe_load(CONFIGURATION.read_text("utf-8"))
    written["postgresql"]["parameters"] = {"unix_socket_directories": "", "fsync": "off"}
    (own / "patroni.yml").write_text(yaml.safe_dump(written), "utf-8")
    return PatroniNode(name, own, server, environment, f"http://{api}", lines)


def _until(node: PatroniNode, what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not node.is_(what):
        if time.monotonic() > deadline:
            raise NoServerError(f"{node.name} is not {what}:\n{node.words()[-6_000:]}")
        time.sleep(0.2)
