"""A log, its relay and a reader of the stream on a Redis of the test's own, moved by hand."""

from shared.bus.connections import connect
from shared.bus.consumer import Consumer, Entry
from shared.bus.relay import Relay
from shared.bus.streams import EVENTS, FIELD_EVENT
from shared.telemetry.metrics import Metrics
from tests.support.growing_log import GrowingLog
from tests.support.memory_target import Shelf
from tests.support.prometheus import Prometheus, page_of
from tests.support.redis_server import RedisServer


class Carried:
    """A log that grows, its relay and a reader on a Redis of the test's own, moved by hand."""

    def __init__(self, redis: RedisServer) -> None:
        self.metrics = Metrics()
        self.prometheus = Prometheus(reporting=page_of(self.metrics.registry))
        self.source = GrowingLog()
        self.client = connect(redis.url)
        self._relay = Relay(self.source.log, self.client)
        self.consumer = Consumer(self.source.log, Shelf(), on_hole=self.metrics.hole)

    def grow(self, by: int) -> None:
        """Append events, and tell where the log ends."""
        self.source.grow(by)
        self.metrics.log_at(self.source.log.head().position)

    def carry(self) -> None:
        """Let the relay run until the stream holds the log; raises what Redis raises."""
        while self._relay.step():
            self.metrics.relayed(self._relay.position)
        self.metrics.relayed(self._relay.position)

    def take(self, after: int) -> None:
        """Let the reader take what the stream holds after a position, then what only the log has."""
        found = self.client.xrange(EVENTS, min=f"({after}-0")
        entries = [Entry(entry, fields[FIELD_EVENT.encode()]) for entry, fields in found]
        self.consumer.step(entries)
        while self.consumer.step():
            pass
