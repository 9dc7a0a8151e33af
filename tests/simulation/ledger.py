"""What is durable, and the processes that live on it: three services of the ledger, or more.

A process is composed as its own composition root composes it (`app.py`, `stream_face.py`), but for
threads and HTTP. When it dies, only what is durable is left.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from services.reporting.decider import ReportingDecider
from services.reporting.projection.service import ReadModelService
from shared.appending.appender import Appender
from shared.bus.intake import Intake
from shared.bus.receipts import Receipts
from shared.bus.relay import Relay
from shared.clock import system_clock
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from tests.simulation.listener import Ear
from tests.simulation.ports import (
    OF_THE_LOG,
    OF_THE_ROWS,
    PortedLog,
    TurnLock,
    commit_with_points,
    line_with_points,
)
from tests.simulation.stream_client import StreamClient
from tests.support.memory_log import MemoryEventLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from random import Random

    from shared.appending.outcomes import Outcome
    from shared.events.envelope import ReceivedEvent
    from tests.simulation.ports import Fate
    from tests.simulation.stream_server import StreamServer

DECIDERS: dict[Family, Callable[[], Any]] = {
    Family.REGISTRY: RegistryDecider,
    Family.EVALUATION: EvaluationDecider,
}
FAST_DISK = Path("/dev/shm")  # a disk that forgets is enough: processes die here, machines do not


def folder_for_databases() -> Path:
    """Return a new folder, in memory where there is such a disk."""
    return Path(mkdtemp(prefix="dvk-simulation-", dir=FAST_DISK if FAST_DISK.is_dir() else None))


@cache
def _prepared() -> tuple[bytes, bytes]:
    """Make the empty databases once: the log and the read models."""
    folder = folder_for_databases()
    log = open_log(f"sqlite:///{folder / 'log.db'}", family=Family.REPORTING)
    store = Store(f"sqlite:///{folder / 'rows.db'}")
    ReadModelService(log, store, clock=system_clock, metrics=Metrics()).start()
    log.close()
    store.close()
    databases = (folder / "log.db").read_bytes(), (folder / "rows.db").read_bytes()
    shutil.rmtree(folder)
    return databases


class Durable:
    """The log (in SQL or in memory), the read models, and Redis."""

    def __init__(self, folder: Path, server: StreamServer, *, in_memory: bool) -> None:
        self.server = server
        self.log_path, self.rows_path = folder / "log.db", folder / "rows.db"
        log, rows = _prepared()
        self.log_path.write_bytes(log)
        self.rows_path.write_bytes(rows)
        self.memory = MemoryEventLog() if in_memory else None
        if self.memory is not None:
            self.memory.lock = TurnLock()  # type: ignore[assignment]

    def log(self, family: Family, fate: Fate) -> PortedLog:
        """Open the log as a service does."""
        if self.memory is not None:
            return PortedLog(self.memory.as_family(family), fate, commits_here=True)
        log = open_log(f"sqlite:///{self.log_path}", family=family)
        commit_with_points(log._dialect.writer, fate, OF_THE_LOG)
        return PortedLog(log, fate, commits_here=False)

    def store(self, fate: Fate) -> Store:
        """Open the read models as reporting does."""
        store = Store(f"sqlite:///{self.rows_path}")
        commit_with_points(store._engine, fate, OF_THE_ROWS)
        return store


class Process:
    """One service process: what it has in memory is lost when it dies."""

    def __init__(
        self, durable: Durable, family: Family, fate: Fate, clock: Callable[[], int], random: Random
    ) -> None:
        self.clock = clock
        self._opened: list[Any] = []
        try:
            self._compose(durable, family, fate, clock, random)
        except BaseException:
            self.end()
            raise

    def _compose(
        self, durable: Durable, family: Family, fate: Fate, clock: Callable[[], int], random: Random
    ) -> None:
        self.log: Any = durable.log(family, fate)
        if durable.memory is None:
            self._opened.append(self.log)
        self.projection: ReadModelService | None = None
        client: Any = StreamClient(durable.server, line_with_points(durable.server, fate))
        decider = (
            DECIDERS[family]() if family in DECIDERS else self._reporting(durable, fate, clock)
        )
        self.appender = Appender(
            self.log, decider, clock=clock, queue_limit=random.choice([3, 20_000]), group_limit=8
        )
        if self.projection is not None:
            self.appender.hooks.before_lock.append(self.projection.make_ready)
        self.relay = Relay(self.log, client, cap=random.choice([10, 100_000]), run=6)
        receipts = Receipts(client)
        self.appender.hooks.after_release.append(receipts.send)
        self.intake = Intake(client, family, self._submitted, receipts, clock=clock, at_once=4)
        self.ear = Ear(client, self._after, self._heard, fate, random)
        self.steps: dict[str, Callable[[], int]] = {
            "appends": self.appender.step,
            "relays": self.relay.step,
            "takes in": self.intake.step,
            "hears": self.ear.step,
        }
        if self.projection is not None:
            self.steps["folds"] = self.projection.step

    def _reporting(self, durable: Durable, fate: Fate, clock: Callable[[], int]) -> Any:
        store = durable.store(fate)
        self._opened.append(store)
        self.projection = ReadModelService(self.log, store, clock=clock, metrics=Metrics())
        self.projection.start()
        return ReportingDecider(digests_at=self.projection.digests_at)

    def _after(self) -> int:
        """Say from where to listen, as the services do."""
        return self.projection.position if self.projection else int(self.log.head().position)

    def _heard(self, entries: Sequence[Any]) -> None:
        self.appender.wake_up()
        if self.projection is not None:
            self.projection.hear(entries)

    def _submitted(self, events: Sequence[ReceivedEvent]) -> Future[list[Outcome]]:
        """Submit, and let the appender's thread run until it has answered."""
        future = self.appender.submit(events)
        while not future.done():
            with suppress(Exception):  # it is the answer of the future too
                self.appender.step()
        return future

    def end(self) -> None:
        """Let go of what an operating system takes back from a dead process."""
        for opened in self._opened:
            opened.close()
