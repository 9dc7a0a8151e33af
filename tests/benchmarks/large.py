"""F4, F5 and F7 on one large ledger: what growth costs, a rebuild of everything, and its reads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.reporting.readmodels.catalog import Catalog
from shared.clock import system_clock
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from tests.benchmarks import reading, rebuilding
from tests.benchmarks.filling import NationalYear, appending
from tests.benchmarks.ground import BATCH
from tests.benchmarks.measuring import Line, rate
from tests.benchmarks.serving import loaded_service

if TYPE_CHECKING:
    from shared.eventlog.appender import Appender
    from tests.benchmarks.ground import Ground, Size


def lines(ground: Ground, size: Size) -> list[Line]:
    """Fill a ledger with one year of the nation, measuring on the way; rebuild it; read it."""
    registered = size.of(20_000, 1_000_000)
    url = ground.new_database()
    with appending(url) as appender:
        year = NationalYear(appender)
        grown = _growth(url, appender, year, size, registered)
    rebuilt = rebuilding.lines(ground, url, size)
    with loaded_service("reporting", url, None) as service:
        asked = asyncio.run(reading.asked(service, size, year.first, year.head, registered))
    return [*rebuilt, *asked, *grown]


def _growth(
    url: str, appender: Appender, year: NationalYear, size: Size, registered: int
) -> list[Line]:
    """Append and fold some events early, and again when the log is long."""
    early, each = size.of(5_000, 100_000), size.of(2_500, 25_000)
    runner = Runner(appender.log, Store(url), Catalog().all(), clock=system_clock)
    runner.start()

    def measured() -> tuple[float, float]:
        _fold(runner)
        groups = year.groups(each)
        appended = rate(each, lambda: year.append(groups))
        return appended, rate(each, lambda: _fold(runner))

    year.grow_to(early - 2 * each)
    measured()  # warm
    short = measured()
    short_head = year.head
    year.grow_to(registered - each)
    long = measured()
    beside = f"{short_head:,} events in the log"
    return [
        Line("F7", f"{what} with {year.head:,} events in the log", 1e6 / after, 1e6 / before,
             "µs an event", beside, at_most=1.2)
        for what, before, after in zip(
            (f"append in groups of {BATCH}", "projection, every read model"), short, long,
            strict=True,
        )
    ]  # fmt: skip


def _fold(runner: Runner) -> None:
    while runner.step():
        pass
