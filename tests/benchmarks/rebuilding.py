"""F4: every read model filled anew in one pass, compared and swapped, while others read and append."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from services.reporting.archive.layout import Storage
from services.reporting.archive.rebuild.fill import ArchiveFill
from services.reporting.archive.writer import archive
from services.reporting.projection.rebuild import rebuilding
from services.reporting.readmodels.catalog import Catalog
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.vocabulary import Family
from tests.benchmarks.filling import YEAR
from tests.benchmarks.measuring import Line
from tests.benchmarks.peers import eventsourcing_projection
from tests.benchmarks.servers import json_of
from tests.benchmarks.serving import loaded_service
from tests.benchmarks.wire import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.filling import NationalYear
    from tests.benchmarks.servers import Ground, Size

BATCH = "application/cloudevents-batch+json"
AT_ONCE, EVERY_SECONDS = 10, 0.1


def lines(ground: Ground, url: str, size: Size, year: NationalYear) -> list[Line]:
    """Rebuild what a ledger holds; the read models stand at the head of its log."""
    peers_events = size.of(1_000, 5_000)
    peers_url = ground.new_database()
    until = eventsourcing_projection.fill(peers_url, 0, peers_events)
    peer = eventsourcing_projection.project(peers_url, until, peers_events)
    log, store = open_log(url, family=Family.REPORTING), Store(url)
    with _others(url, ground.redis_url, year) as others:
        done = rebuilding(log, store, Catalog.names()).rebuild()
    events, took = log.head().position, done.seconds
    with TemporaryDirectory() as folder:
        archive(log, Storage(folder), events // 10)
        with _others(url, ground.redis_url, year):
            from_files = rebuilding(log, store, fill_ahead=ArchiveFill(folder)).rebuild().seconds
    store.close()
    log.close()
    whole = took.filling + took.comparing + took.moving + took.swapping
    parts = (
        f"{events:,} events: filled {took.filling:.1f} s, compared {took.comparing:.1f}, "
        f"moved in {took.moving:.1f}, swapped {took.swapping:.1f}"
    )
    beside = "eventsourcing's projection, one table"
    return [
        Line("F4", "rebuild of every read model, compared and swapped", events / whole, peer,
             "events/s", beside, at_least=50, notes=(parts, others.told())),
        Line("F4", "the fill alone", events / took.filling, peer, "events/s", beside,
             at_least=100),
        Line("F4", "the same rebuild from an archive", events / sum(from_files), peer, "events/s",
             beside, at_least=50),
        Line("F4", "its fill, the archive verified too", events / from_files.filling,
             events / took.filling, "events/s", "the fill from the log", at_least=2.5),
    ]  # fmt: skip


@dataclass
class _Others:
    """What others do meanwhile: ten registrations and one summary every tenth of a second."""

    year: NationalYear
    appended: int = 0
    reads: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    async def go_on(self, registry_port: int, reporting_port: int) -> None:
        """Append and read until it is over; whatever is answered wrongly fails the measurement."""
        async with Connection(registry_port) as registry, Connection(reporting_port) as reporting:
            while not self.ended.is_set():
                due = perf_counter() + EVERY_SECONDS
                answer = await registry.post("/events", json_of(self.year.group(AT_ONCE)), BATCH)
                assert answer.body.count(b'"accepted"') == AT_ONCE, answer
                self.appended += AT_ONCE
                await self.read(reporting)
                await asyncio.sleep(max(due - perf_counter(), 0))

    async def read(self, reporting: Connection) -> None:
        """Ask for the national summary."""
        started = perf_counter()
        answer = await reporting.get(f"/summaries/national?year={YEAR}")
        self.reads.append(perf_counter() - started)
        assert answer.status == 200, answer

    def told(self) -> str:
        """Say what was done, and how long the slowest read took."""
        return (
            f"meanwhile {self.appended:,} events appended and {len(self.reads):,} summaries read, "
            f"the slowest in {max(self.reads):.2f} s"
        )


@contextmanager
def _others(url: str, redis_url: str, year: NationalYear) -> Iterator[_Others]:
    """Run the services, and let others use them."""
    others = _Others(year)
    with (
        loaded_service("registry", url, redis_url) as registry,
        loaded_service("reporting", url, redis_url) as reporting,
        ThreadPoolExecutor(1) as pool,
    ):
        going_on = pool.submit(asyncio.run, others.go_on(registry.port, reporting.port))
        try:
            while not others.reads and not going_on.done():
                others.ended.wait(0.1)  # the first read is of a cold year
            others.reads.clear()
            yield others
        finally:
            others.ended.set()
        going_on.result()
