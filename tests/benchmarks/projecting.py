"""F3: from the log to committed rows of every read model, exactly once, beside a peer and a limit."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from redis import Redis

from services.registry.decider import RegistryDecider
from services.reporting.readmodels.catalog import Catalog
from shared.appending.appender import Appender
from shared.bus.relay import Relay
from shared.clock import system_clock
from shared.eventlog.sql import open_log
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from shared.vocabulary import Family
from tests.benchmarks.measuring import Line, alternately, rate, rss_mib
from tests.benchmarks.peers import bare_loop, eventsourcing_projection
from tests.benchmarks.servers import BATCH, land, registrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.servers import Ground, Size


def lines(ground: Ground, size: Size) -> Iterator[Line]:
    """Measure the folding of new events beside the package's projection and beside a bare loop."""
    each, peers_each = size.of(10_000, 50_000), size.of(1_000, 5_000)
    live = _Live(ground)
    peers_url = ground.new_database()
    numbers = count(step=each)

    def ours() -> float:
        return live.folded(next(numbers), each)

    def peer() -> float:
        until = eventsourcing_projection.fill(peers_url, next(numbers), peers_each)
        return eventsourcing_projection.project(peers_url, until, peers_each)

    ours()
    peer()
    one, peers = alternately(ours, peer, size.rounds)
    what = "live projection, every read model, exactly once"
    yield Line("F3", what, one, peers, "events/s", "eventsourcing's projection, one table",
               at_least=25, notes=(f"{rss_mib():.0f} MiB",))  # fmt: skip
    streamed = live.relayed(each)
    two, bare = alternately(
        ours, lambda: bare_loop.loop(ground.redis_url, peers_url, streamed), size.rounds
    )
    live.close()
    yield Line("F3", what, two, bare, "events/s", "bare loop: XREADGROUP, COPY, XACK", at_least=0.5)


class _Live:
    """A log that grows, and the read models that follow it."""

    def __init__(self, ground: Ground) -> None:
        url = ground.new_database()
        self._log = open_log(url, family=Family.REGISTRY)
        self._redis_url = ground.redis_url
        self._appender = Appender(self._log, RegistryDecider())
        self._appender.start()
        self._appender.submit(land()).result()
        self._store = Store(url)
        self._runner = Runner(self._log, self._store, Catalog().all(), clock=system_clock)
        self._runner.start()

    def folded(self, first: int, events: int) -> float:
        """Append events, then fold them; return events a second of the folding."""
        self._append(first, events)
        return rate(events, self._fold)

    def _append(self, first: int, events: int) -> None:
        sent = registrations(first, events)
        for start in range(0, events, BATCH):
            self._appender.submit(sent[start : start + BATCH]).result()

    def _fold(self) -> None:
        while self._runner.step():
            pass

    def relayed(self, events: int) -> int:
        """Put the last events on the stream, as the relay does; return how many stand there."""
        with Redis.from_url(self._redis_url, protocol=2) as redis:
            relay = Relay(self._log, redis, cap=events)
            while relay.step():
                pass
            return int(redis.xlen("dvk:events"))

    def close(self) -> None:
        """Stop appending, and give the connections back."""
        self._appender.stop()
        self._log.close()
        self._store.close()
