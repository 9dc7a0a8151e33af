"""F7: what an event costs in a long log, beside what it costs in a short one."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from services.reporting.readmodels.catalog import Catalog
from shared.clock import system_clock
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from tests.benchmarks.ground import BATCH, land, registrations
from tests.benchmarks.measuring import Line, rate
from tests.benchmarks.reading import appending

if TYPE_CHECKING:
    from shared.eventlog.appender import Appender
    from tests.benchmarks.ground import Ground, Size


def lines(ground: Ground, size: Size) -> list[Line]:
    """Append and fold some events in a log of one length, let it grow, and do it again."""
    short, long = size.of(5_000, 100_000), size.of(40_000, 3_000_000)
    each = size.of(3_000, 30_000)
    url = ground.new_database()
    with appending(url) as appender:
        appender.submit(land()).result()
        runner = Runner(appender.log, Store(url), Catalog().all(), clock=system_clock)
        runner.start()
        numbers = count(step=BATCH)

        def grow(to: int) -> None:
            while appender.log.head().position < to:
                appender.submit(registrations(next(numbers), BATCH)).result()

        def measured() -> tuple[float, float]:
            _fold(runner)
            groups = [registrations(next(numbers), BATCH) for _ in range(each // BATCH)]
            return rate(each, lambda: _append(appender, groups)), rate(each, lambda: _fold(runner))

        grow(short)
        measured()
        short_append, short_fold = measured()
        grow(long)
        measured()
        long_append, long_fold = measured()
    unit, beside = "µs an event", f"{short:,} events in the log"
    what = f"with {long:,} events in the log"
    return [
        Line("F7", f"append {what}", 1e6 / long_append, 1e6 / short_append, unit, beside,
             at_most=1.2),
        Line("F7", f"projection {what}", 1e6 / long_fold, 1e6 / short_fold, unit, beside,
             at_most=1.2),
    ]  # fmt: skip


def _append(appender: Appender, groups: list[list]) -> None:
    for group in groups:
        appender.submit(group).result()


def _fold(runner: Runner) -> None:
    while runner.step():
        pass
