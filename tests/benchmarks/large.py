"""F4, F5 and F7 on one large ledger: a rebuild of everything, its reads, and what growth costs."""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from services.reporting.projection.service import ReadModelService
from shared.clock import system_clock
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.telemetry.metrics import Metrics
from tests.benchmarks import reading, rebuilding
from tests.benchmarks.filling import NationalYear, appending
from tests.benchmarks.measuring import Line, rate
from tests.benchmarks.servers import BATCH
from tests.benchmarks.serving import loaded_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.servers import Ground, Size


def lines(ground: Ground, size: Size) -> Iterator[Line]:
    """Fill a ledger with one year of the nation; rebuild it, read it, and let it grow on."""
    url = ground.new_database()
    with appending(url) as appender:
        year = NationalYear(appender)
        growth = _Growth(url, year, size)
        year.grow_to(size.of(20_000, 1_000_000))
        growth.fold()
        yield from rebuilding.lines(ground, url, size, year)
        with loaded_service("reporting", url, None) as service:
            yield from asyncio.run(reading.asked(service, size, year.first))
        year.grow_to(size.of(40_000, 3_000_000))
        yield from _beside_a_short_one(ground, size, growth)


def _beside_a_short_one(ground: Ground, size: Size, long: _Growth) -> list[Line]:
    """Measure what an event costs in a long log and in a short one, in turn."""
    url = ground.new_database()
    with appending(url) as appender:
        year = NationalYear(appender)
        short = _Growth(url, year, size)
        year.grow_to(size.of(5_000, 90_000))
        long.measured(), short.measured()  # both begin warm
        measured = [(*long.measured(), *short.measured()) for _ in range(size.rounds)]
        appended, folded, short_appended, short_folded = map(median, zip(*measured, strict=True))
        beside = f"{year.head:,} events in the log"
        head = long.year.head
    return [
        Line("F7", f"append in groups of {BATCH} with {head:,} events in the log",
             1e6 / appended, 1e6 / short_appended, "µs an event", beside, at_most=1.2),
        Line("F7", f"projection, every read model with {head:,} events in the log",
             1e6 / folded, 1e6 / short_folded, "µs an event", beside, at_most=1.2),
    ]  # fmt: skip


class _Growth:
    """What an event costs in a log of its length, appended and folded."""

    def __init__(self, url: str, year: NationalYear, size: Size) -> None:
        self.year = year
        self._each = size.of(2_500, 10_000)
        log = open_log(url, family=None)
        self._projection = ReadModelService(log, Store(url), clock=system_clock, metrics=Metrics())
        self._projection.start()

    def measured(self) -> tuple[float, float]:
        """Return how many events a second are appended, and folded."""
        self.fold()
        groups = self.year.groups(self._each)
        appended = rate(self._each, lambda: self.year.append(groups))
        return appended, rate(self._each, self.fold)

    def fold(self) -> None:
        """Bring the read models to the head of the log, those of the generation that answers."""
        while self._projection.step():
            pass
