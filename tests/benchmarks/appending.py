"""F1: the append API, one event a request, 64 callers, beside the package `eventsourcing`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

import uvloop

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.eventlog.sql import open_log
from shared.gc_control import tune_gc
from shared.vocabulary import Family
from tests.benchmarks.measuring import Line, alternately, percentile, rss_mib
from tests.benchmarks.peers import eventsourcing_log
from tests.benchmarks.servers import land, registrations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.events.envelope import ReceivedEvent
    from tests.benchmarks.servers import Ground, Size

CALLERS = 64
PEERS_CALLERS = (4, CALLERS)
"""The package is at its best with few threads: both are measured, and the better one counts."""


async def _append(
    appender: Appender, events: Sequence[ReceivedEvent], callers: int
) -> tuple[float, list[float]]:
    left = iter(events)
    seconds: list[float] = []

    async def caller() -> None:
        for event in left:
            started = perf_counter()
            await appender.append([event])
            seconds.append(perf_counter() - started)

    started = perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return len(events) / (perf_counter() - started), seconds


def append(
    appender: Appender, events: Sequence[ReceivedEvent], callers: int = CALLERS
) -> tuple[float, list[float]]:
    """Append one event a request; return events a second and the seconds of each request."""
    return uvloop.run(_append(appender, events, callers))  # as the services do


def lines(ground: Ground, size: Size) -> Iterator[Line]:
    """Measure one process beside the peer, then three processes beside one."""
    each = size.of(8_000, 40_000)
    peers_each = size.of(1_200, 4_000)
    log = open_log(ground.new_database(), family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    appender.start()
    appender.submit(land()).result()
    numbers, waits, peer_waits = count(step=max(each, peers_each)), [], []

    def ours() -> float:
        rate, seconds = append(appender, registrations(next(numbers), each))
        waits.extend(seconds)
        return rate

    with eventsourcing_log.application(ground.new_database()) as app:

        def peer() -> float:
            best = 0.0
            for callers in PEERS_CALLERS:
                rate, seconds = eventsourcing_log.append(app, next(numbers), peers_each, callers)
                best = max(best, rate)
                if callers == CALLERS:
                    peer_waits.extend(seconds)
            return best

        ours()  # both begin warm
        peer()
        waits.clear(), peer_waits.clear()
        one, peers = alternately(ours, peer, size.rounds)
    memory = rss_mib()
    appender.stop()
    log.close()
    p99 = percentile(waits, 0.99) * 1000
    yield Line(
        "F1",
        "append, 1 event a request, 64 callers, all rules",
        one,
        peers,
        "events/s",
        "eventsourcing, the better of 4 and 64 threads",
        at_least=15,
        notes=(
            f"p99 {p99:.1f} ms (bar 10 ms; the peer's {percentile(peer_waits, 0.99) * 1000:.0f})",
            f"{memory:.0f} MiB with the peer in the same process",
        ),
    )
    three, three_p99 = _three(ground.new_database(), size)
    yield Line(
        "F1",
        "three appending processes on one log, together",
        three,
        one,
        "events/s",
        "one process",
        at_least=0.5,
        notes=(f"p99 {three_p99:.1f} ms (bar 30 ms)",),
    )


def _three(url: str, size: Size) -> tuple[float, float]:
    """Run three processes with 21 callers each; return events a second together, and the p99."""
    log = open_log(url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    appender.start()
    appender.submit(land()).result()
    appender.stop()
    log.close()
    each = size.of(3_000, 12_000)
    command = [sys.executable, "-m", "tests.benchmarks.appending", url, str(each)]
    running = [
        subprocess.Popen(
            [*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(3)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    started = perf_counter()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate()[0] for process in running]
    together = 3 * each / (perf_counter() - started)
    return together, max(float(words) for words in told) * 1000


def main() -> None:
    """`python -m tests.benchmarks.appending URL COUNT NUMBER`: one of the three; prints its p99."""
    url, events, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    tune_gc()  # as the services do
    sent = registrations(10_000_000 * (number + 1), events)
    log = open_log(url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    appender.start()
    with appender.reading():
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    sys.stdin.readline()
    _, seconds = append(appender, sent, CALLERS // 3)
    sys.stdout.write(f"{percentile(seconds, 0.99)}")
    appender.stop()
    log.close()


if __name__ == "__main__":
    main()
