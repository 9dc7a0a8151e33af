"""F4, F5 and F7 on one large ledger: a rebuild of everything, its reads, and what growth costs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.reporting.projection import Projection
from shared.clock import system_clock
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.telemetry.metrics import Metrics
from tests.benchmarks import reading, rebuilding
from tests.benchmarks.filling import NationalYear, appending
from tests.benchmarks.ground import BATCH
from tests.benchmarks.measuring import Line, rate
from tests.benchmarks.serving import loaded_service

if TYPE_CHECKING:
    from tests.benchmarks.ground import Ground, Size


def lines(ground: Ground, size: Size) -> list[Line]:
    """Fill a ledger with one year of the nation; rebuild it, read it, and let it grow on."""
    registered = size.of(20_000, 1_000_000)
    url = ground.new_database()
    with appending(url) as appender:
        year = NationalYear(appender)
        growth = _Growth(url, year, size.of(2_500, 25_000))
        year.grow_to(size.of(5_000, 100_000) - 2 * growth.each)
        growth.measured()  # warm
        early = growth.measured()
        early_head = year.head
        year.grow_to(registered)
        growth.fold()
        rebuilt = rebuilding.lines(ground, url, size, year)
        with loaded_service("reporting", url, None) as service:
            asked = asyncio.run(reading.asked(service, size, year.first))
        year.grow_to(size.of(40_000, 3_000_000) - growth.each)
        late = growth.measured()
        grown = [
            Line("F7", f"{what} with {year.head:,} events in the log", 1e6 / after, 1e6 / before,
                 "µs an event", f"{early_head:,} events in the log", at_most=1.2)
            for what, before, after in zip(
                (f"append in groups of {BATCH}", "projection, every read model"), early, late,
                strict=True,
            )
        ]  # fmt: skip
    return [*rebuilt, *asked, *grown]


class _Growth:
    """What an event costs in a log of its length, appended and folded."""

    def __init__(self, url: str, year: NationalYear, each: int) -> None:
        self.each = each
        self._year = year
        log = open_log(url, family=None)
        self._projection = Projection(log, Store(url), clock=system_clock, metrics=Metrics())
        self._projection.start()

    def measured(self) -> tuple[float, float]:
        """Return how many events a second are appended, and folded."""
        self.fold()
        groups = self._year.groups(self.each)
        appended = rate(self.each, lambda: self._year.append(groups))
        return appended, rate(self.each, self.fold)

    def fold(self) -> None:
        """Bring the read models to the head of the log, those of the generation that answers."""
        while self._projection.step():
            pass
