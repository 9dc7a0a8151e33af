"""A log, its relay, a listener and a consumer, as the services put them together."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from shared.bus.connections import connect
from shared.bus.consumer import Consumer
from shared.bus.listener import Listener
from shared.bus.relay import Relay
from shared.bus.wakeable_worker import StreamBuffer, Worker
from shared.eventlog.checkpoint import LogMismatch
from tests.support.growing_log import GrowingLog
from tests.support.memory_target import Shelf


async def until(true: Callable[[], bool]) -> None:
    """Wait; the test's own time limit ends a wait that is in vain."""
    while not true():
        await asyncio.sleep(0.005)


class Pipe:
    """A log, its relay, a listener and a consumer, as the services put them together."""

    def __init__(self, url: str, *, timer_seconds: float = 1.0) -> None:
        self.source = GrowingLog()
        self.shelf = Shelf()
        self.holes = 0
        self.inbox = StreamBuffer()
        self.client = connect(url)
        self.relay = Worker("relay", Relay(self.source.log, self.client).step, every_seconds=0.2)
        consumer = Consumer(self.source.log, self.shelf, on_hole=self._hole)
        self.worker = Worker(
            "consumer",
            lambda: consumer.step(self.inbox.take()),
            every_seconds=timer_seconds,
            fatal=(LogMismatch,),
        )
        self.listener = Listener(
            url,
            events_after=lambda: self.shelf.checkpoint().position,
            on_events=self._entries_came,
            every_seconds=timer_seconds,
        )

    def _entries_came(self, entries: Any) -> None:
        self.inbox.put(entries)
        self.worker.wake()

    def _hole(self) -> None:
        self.holes += 1

    def grow(self, by: int) -> None:
        self.source.grow(by)
        self.relay.wake()

    async def caught_up(self) -> None:
        head = self.source.log.head().position
        await until(lambda: self.shelf.checkpoint().position == head)
        assert self.shelf.events == list(self.source.log.read(0, head))


@asynccontextmanager
async def running(pipe: Pipe) -> AsyncIterator[Pipe]:
    pipe.relay.start()
    pipe.worker.start()
    await pipe.listener.start()
    try:
        yield pipe
    finally:
        await pipe.listener.stop()
        await asyncio.to_thread(pipe.worker.stop)
        await asyncio.to_thread(pipe.relay.stop)
        pipe.client.close()
