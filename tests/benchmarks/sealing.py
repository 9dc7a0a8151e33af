"""F9: the seals: an event's cost, the append with the sealer beside it, and the way to a proof."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from services.registry.decider import RegistryDecider
from services.sealer import sealer as sealer_module
from services.sealer.sealer import Sealer
from shared.appending.appender import Appender
from shared.clock import system_clock
from shared.eventlog.dialects import dialect_for
from shared.eventlog.seal_store import SealStore
from shared.eventlog.sql import open_log
from shared.trust.keys import SecretKey
from shared.trust.memory import CheckpointMemory
from shared.trust.proofs import inclusion
from shared.vocabulary import Family
from tests.benchmarks.appending import append
from tests.benchmarks.measuring import Line, alternately, percentile
from tests.benchmarks.servers import land, registrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.servers import Ground, Size

ORIGIN = "localhost/ledger"
BAR_US = 2.0
GROUP = 5_000
"""Events of a checkpoint: those of half a second at ten thousand a second."""


def lines(ground: Ground, size: Size) -> Iterator[Line]:
    """Measure sealing alone, then an append with and without the sealer, then receipt to proof."""
    url = ground.new_database()
    log = open_log(url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    appender.start()
    appender.submit(land()).result()
    each = size.of(8_000, 40_000)
    append(appender, registrations(0, each))
    store = SealStore(dialect_for(url, None), ORIGIN)
    with tempfile.TemporaryDirectory() as home:
        yield _alone(store, Path(home) / "seal")
        with _sealer_beside(url, Path(home)) as beside:
            yield _beside(appender, store, beside, each, size.rounds)
            yield _until_proved(appender, store, size.of(100, 400))
    appender.stop()
    log.close()
    store.close()


def _alone(store: SealStore, memory: Path) -> Line:
    """Seal what was appended, in groups; the time of this process and that of the clock."""
    seals = Sealer(store, CheckpointMemory(memory), SecretKey.new(), clock=system_clock)
    usual, sealer_module.MOST = sealer_module.MOST, GROUP
    events, used, passed = 0, [], []
    while True:
        began, started = process_time(), perf_counter()
        sealed = seals.step()
        if not sealed:
            break
        events += sealed
        used.append((process_time() - began) / sealed * 1e6)
        passed.append((perf_counter() - started) / sealed * 1e6)
    sealer_module.MOST = usual
    return Line(
        "F9",
        "sealing: read, chain, leaf, tree, root, file, signature, commit",
        median(used[1:]),  # the first is not warm
        BAR_US,
        "µs an event",
        "the bar",
        at_most=1,
        notes=(
            f"{events:,} events in groups of {GROUP:,}",
            f"by the clock {median(passed[1:]):.2f} µs",
        ),
    )


@contextmanager
def _sealer_beside(url: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the sealer as a process, on the memory of the one before."""
    environment = {**os.environ, "DATABASE_URL": url, "DVK_HOME": str(home), "DVK_ORIGIN": ORIGIN}
    with subprocess.Popen([sys.executable, "-m", "services.sealer"], env=environment) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()


def _sealed(store: SealStore, position: int) -> None:
    while (last := store.last()) is None or last.size < position:
        asyncio.run(asyncio.sleep(0.005))


def _beside(
    appender: Appender,
    store: SealStore,
    process: subprocess.Popen[bytes],
    each: int,
    rounds: int,
) -> Line:
    """Append as F1 does, with the sealer at work and with it stopped, alternately."""
    numbers = iter(range(each, each * (2 * rounds + 3), each))

    def with_it() -> float:
        process.send_signal(signal.SIGCONT)
        _sealed(store, store.head()[0])
        return append(appender, registrations(next(numbers), each))[0]

    def without() -> float:
        _sealed(store, store.head()[0])
        process.send_signal(signal.SIGSTOP)
        return append(appender, registrations(next(numbers), each))[0]

    with_it()  # both begin warm
    ours, peer = alternately(with_it, without, rounds)
    process.send_signal(signal.SIGCONT)
    _sealed(store, store.head()[0])
    return Line(
        "F9",
        "append as in F1, with the sealer beside it",
        ours,
        peer,
        "events/s",
        "with the sealer stopped",
        at_least=0.97,
    )


def _until_proved(appender: Appender, store: SealStore, count: int) -> Line:
    """Append an event, and make its proof as soon as a checkpoint covers it."""
    seconds, proofs = [], []
    for event in registrations(50_000_000, count):
        appender.submit([event]).result()
        position = store.head()[0]
        started = perf_counter()
        _sealed(store, position)
        began = perf_counter()
        last = store.last()
        assert last is not None
        inclusion(store, position - 1, last.size)
        proofs.append(perf_counter() - began)
        seconds.append(perf_counter() - started)
    return Line(
        "F9",
        "from the receipt to the proof, p99",
        percentile(seconds, 0.99),
        1.0,
        "s",
        "one second",
        at_most=1,
        notes=(
            f"median {median(seconds):.2f} s",
            f"making the proof {median(proofs) * 1000:.1f} ms",
        ),
    )
