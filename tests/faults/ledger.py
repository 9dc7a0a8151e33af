"""The whole ledger as processes that a test may kill, pause and double: services, Redis, database."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.dvk_command import environment, free_ports
from tests.faults.databases import Database
from tests.faults.publishers import Answer
from tests.faults.time_limits import QUESTION_SECONDS, until
from tests.support.redis_server import RedisServer, own_redis_server

NAMES = ("registry", "evaluation", "reporting")
OFFSETS = {"reporting": 0, "registry": 1, "evaluation": 2}


@dataclass
class Service:
    """One service as a process of its own, ended by its process id."""

    name: str
    port: int
    env: Mapping[str, str]
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    # A connection for each question: one that was kept would break with the process behind it.
    _client: httpx.Client = field(
        default_factory=lambda: httpx.Client(
            timeout=20, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        ),
        repr=False,
    )

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Return the id of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; it is ready when `/readyz` says so."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"services.{self.name}"],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """Kill -9."""
        self.end(signal.SIGKILL)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait until it has ended; a paused one is woken first."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.wait()

    def pause(self) -> None:
        """SIGSTOP: connections and locks stay, and nothing moves."""
        os.kill(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def ready(self) -> bool:
        """Say whether it can do its work."""
        return self.answers("/readyz")

    def answers(self, path: str) -> bool:
        """Say whether it answers with 200."""
        with suppress(httpx.TransportError):
            return self.get(path).status_code == httpx.codes.OK
        return False

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Ask it."""
        return self._client.get(self.address + path, params=params or None)

    def answers_as_of(self) -> int:
        """Return as of which position a summary of reporting answers."""
        answer = self.get("/summaries/national", year=2022).raise_for_status().json()
        return int(answer["known_at"]["position"])

    def post(self, path: str, body: object, media_type: str) -> httpx.Response:
        """Send it something as JSON."""
        return self._client.post(
            self.address + path, content=json.dumps(body), headers={"Content-Type": media_type}
        )

    def close(self) -> None:
        """Kill it, and give the connections back."""
        self.kill()
        self._client.close()

    def words(self) -> str:
        """Return what it has logged."""
        return self.log.read_text("utf-8", errors="replace")


@dataclass
class Ledger:
    """Everything that runs, by name."""

    home: Path
    database: Database
    redis: RedisServer
    port: int
    services: dict[str, Service] = field(default_factory=dict)
    told: list[Answer] = field(default_factory=list)
    """What publishers were told in this ledger by earlier loads."""
    loads: int = 0
    failed: bool = False
    """A test has failed on it: nobody can judge any more what comes after."""

    def add(self, name: str, *, port: int | None = None) -> Service:
        """Start a service; with a port of its own it is a second process of the same service."""
        first = self.port if port is None else port
        env = environment(self.home, first, REDIS_URL=self.redis.url, **self.database.of(name))
        key = name if port is None else f"{name}-2"
        service = Service(name, first + OFFSETS[name], env, self.home / f"{key}.log")
        self.services[key] = service
        service.start()
        return service

    def add_second(self, name: str) -> Service:
        """Start a second process of a service, on an address of its own."""
        return self.add(name, port=free_ports())

    def until_ready(self, seconds: float = 60) -> None:
        """Wait until every service can do its work."""
        for key, service in self.services.items():
            until(
                service.ready,
                f"{key} is ready",
                seconds=seconds,
                pause_seconds=QUESTION_SECONDS,
            )

    def __getitem__(self, key: str) -> Service:
        return self.services[key]

    def addresses(self, name: str) -> list[str]:
        """Return where the processes of a service listen."""
        return [service.address for service in self.services.values() if service.name == name]

    def completeness(self) -> dict[str, Any]:
        """Return what the log holds, and what each read model has taken in."""
        answer: dict[str, Any] = self["reporting"].get("/completeness").raise_for_status().json()
        return answer

    def position(self) -> int:
        """Return the position that every read model has reached; 0 while nobody answers."""
        with suppress(httpx.HTTPError):
            return min(int(each["position"]) for each in self.completeness()["read_models"])
        return 0

    def complete(self) -> bool:
        """Say whether every read model holds the log, and every process answers from its head."""
        with suppress(httpx.HTTPError):
            told = self.completeness()
            return all(each["equal"] for each in told["read_models"]) and all(
                each.answers_as_of() == told["log"]["head"]
                for each in self.services.values()
                if each.name == "reporting"
            )
        return False


@contextmanager
def running(database: Database, home: Path, names: tuple[str, ...] = NAMES) -> Iterator[Ledger]:
    """Run a ledger on a database and a Redis of its own; whatever happens, all of it ends."""
    with ExitStack() as stack:
        redis = stack.enter_context(own_redis_server())
        stack.callback(redis.thaw)
        ledger = Ledger(home, database, redis, free_ports())

        def end_all() -> None:
            for service in ledger.services.values():
                service.close()

        stack.callback(end_all)
        for name in names:
            ledger.add(name)
        ledger.until_ready()
        yield ledger
