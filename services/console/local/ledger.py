"""The whole ledger on one machine: Redis and four services, started and ended as one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from services.console.local.data_directory import CannotStart, end_leftover, locked, require_ports
from services.console.local.redis_server import RedisChild, RedisDidNotStart, RedisMissing
from services.console.local.supervisor import ServiceChild, Supervisor
from services.console.local.version_checks import require_known_log, require_own_versions
from services.console.output.texts import Say
from shared.bus.connections import require_no_cluster
from shared.client.addresses import PORTS, Addresses, on_ports
from shared.settings import Settings

_READY_SECONDS = 90.0
_PAUSE_SECONDS = 0.05
_GIVEN_UP_DEATHS = 3
_SERVICES = ("registry", "evaluation", "reporting", "lists", "sealer")


class Interrupted(Exception):  # noqa: N818  not an error: the user asked to end
    """The start was interrupted."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A running ledger: its addresses and its supervisor."""

    settings: Settings
    addresses: Addresses
    client: httpx.Client
    supervisor: Supervisor
    stopping: Event

    def watch(self) -> None:
        """Keep all children alive until the ledger is asked to end."""
        while not self.stopping.wait(0.2):
            self.supervisor.step()


@contextmanager
def running(settings: Settings, *, say: Say, stopping: Event) -> Iterator[Ledger]:
    """Start everything, yield when every service is ready, and end everything in order."""
    supervisor = Supervisor(say)
    with locked(settings.home), httpx.Client(timeout=60, trust_env=False) as client:
        try:
            for name in _SERVICES:
                # Processes that a killed ledger left behind would still hold the ports.
                end_leftover(_pid_file(name, settings))
            require_known_log(settings)
            require_own_versions(settings)
            require_ports(settings.host, [settings.port + step for step in range(PORTS)])
            settings = replace(settings, redis_url=_redis(settings, supervisor, say))
            services = {name: _service(name, settings) for name in _SERVICES}
            for name, child in services.items():
                supervisor.start(name, child)
            addresses = on_ports(settings.host, settings.port)
            ledger = Ledger(settings, addresses, client, supervisor, stopping)
            _wait_until_ready(ledger, services)
            yield ledger
        finally:
            supervisor.stop()


def log_head(ledger: Ledger) -> int:
    """Return the last position of the log."""
    return int(_completeness(ledger)["log"]["head"])


def wait_until_complete(ledger: Ledger) -> None:
    """Return when every read model has all events of the log."""
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        answer = _completeness(ledger)
        if all(model["equal"] for model in answer["read_models"]):
            return
        _pause(ledger)
        if time.monotonic() > deadline:
            behind = ", ".join(m["name"] for m in answer["read_models"] if not m["equal"])
            raise CannotStart(
                f"Các bảng tổng hợp chưa theo kịp sổ: {behind}.",
                f"Read models are behind the log: {behind}.",
            )


def _redis(settings: Settings, supervisor: Supervisor, say: Say) -> str:
    """Return the address of Redis: the one in the settings, else that of a child server."""
    if settings.redis_url:
        require_no_cluster(settings.redis_url)
        return settings.redis_url
    try:
        child = RedisChild(settings.home / "redis")
        supervisor.start("redis", child)
    except (RedisMissing, RedisDidNotStart) as error:
        raise CannotStart("Không khởi động được Redis.", str(error)) from error
    say(f"Redis: {child.binary}", f"loopback port {child.port}")
    return child.url


def _service(name: str, settings: Settings) -> ServiceChild:
    log = settings.home / "logs" / f"{name}.log"
    environment = partial(_environment, settings)
    return ServiceChild(f"services.{name}", environment, log, _pid_file(name, settings))


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "DVK_HOME": str(settings.home),
        "DVK_PORT": str(settings.port),
        "DVK_HOST": settings.host,
        "DVK_TRUST": settings.kept_trust or "",
        "DVK_REALM": settings.kept_realm or "",
        "DVK_DESK_KEY": str(settings.desk_key or ""),
        "REDIS_URL": settings.redis_url or "",
        "DATABASE_URL": settings.database_url or "",
        # A log file that is read while it grows must not be buffered.
        "PYTHONUNBUFFERED": "1",
    }


def _pid_file(name: str, settings: Settings) -> Path:
    return settings.home / "run" / f"{name}.json"


def _wait_until_ready(ledger: Ledger, services: dict[str, ServiceChild]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    for name, address in (*ledger.addresses.named(), ("lists", ledger.addresses.lists)):
        while not _ready(ledger.client, address):
            _pause(ledger)
            died = ledger.supervisor.deaths(name) >= _GIVEN_UP_DEATHS
            if died or time.monotonic() > deadline:
                child = services[name]
                raise CannotStart(
                    f"Dịch vụ {name} không sẵn sàng. Nhật ký: {child.log}",
                    f"The service {name} does not become ready. Its log: {child.log}\n"
                    f"{child.last_words()}",
                )


def _ready(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(f"{address}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def _pause(ledger: Ledger) -> None:
    """Wait a moment, keep the children alive meanwhile, and react to a request to end."""
    if ledger.stopping.wait(_PAUSE_SECONDS):
        raise Interrupted
    ledger.supervisor.step()


def _completeness(ledger: Ledger) -> Any:  # noqa: ANN401  JSON
    try:
        answer = ledger.client.get(f"{ledger.addresses.reporting}/completeness")
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise CannotStart(
            f"Không hỏi được trạng thái của sổ: {error}",
            f"The ledger cannot be asked for its completeness: {error}",
        ) from error
    return answer.json()
