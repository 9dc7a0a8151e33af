"""The Redis interface of a service: intake, receipts, relay, and a listener.

Redis may be down at any time: then all of these wait, and publishing over HTTP continues.
"""

import asyncio
from collections.abc import Callable, Sequence

from shared.appending.appender import Appender
from shared.appending.outcomes import Outcome
from shared.appending.results import CommitReport
from shared.bus.connections import connect
from shared.bus.consumer import Entry
from shared.bus.intake import Intake
from shared.bus.listener import Listener
from shared.bus.receipts import Receipts
from shared.bus.relay import RUN, Relay
from shared.bus.stream_limits import StreamLimits
from shared.bus.streams import intake, position_of
from shared.bus.wakeable_worker import Worker
from shared.bus.watched_intake import WatchedIntake
from shared.clock import Clock
from shared.eventlog.protocol import ParkedEvent
from shared.telemetry.metrics import Metrics
from shared.trust.signature_check import SignatureCheck
from shared.vocabulary import Family

OnEvents = Callable[[Sequence[Entry]], None]


class RedisInterface:
    """All Redis components of one service; `relay` stops after the appender.

    A service that also reads `dvk:events` passes `events_after` and `on_events` (see
    shared.bus.listener.Listener); the others only need to notice appends of other services.
    """

    def __init__(
        self,
        redis_url: str,
        *,
        family: Family,
        appender: Appender,
        signatures: SignatureCheck,
        metrics: Metrics,
        clock: Clock,
        events_after: Callable[[], int] | None = None,
        on_events: OnEvents | None = None,
    ) -> None:
        self._appender = appender
        self._metrics = metrics
        self._on_events = on_events
        self._own_position = 0
        self._redis = connect(redis_url)
        self._relay = Relay(appender.log, self._redis)
        self._receipts = Receipts(self._redis)
        limits = StreamLimits(self._redis, family, clock=clock)
        taking = Intake(
            self._redis,
            family,
            appender.submit,
            self._receipts,
            clock=clock,
            signatures=signatures,
            limits=limits,
            on_taken=metrics.intake,
        )
        metrics.ask_intake(taking.waiting)
        metrics.ask(switched_off=lambda: len(limits.switched_off))
        self.relay = Worker("relay", self._relayed)
        self._intake = WatchedIntake(taking, self._redis, family, clock=clock)
        metrics.ask(intake_seconds=self._intake.seconds)
        self.taking = Worker("intake", self._intake.step)
        self._listener = Listener(
            redis_url,
            events_after=events_after or (lambda: appender.log.head().position),
            on_events=self._events_arrived,
            intake=intake(family),
            on_intake=self.taking.wake,
            on_connected=metrics.redis_connected,
        )
        appender.hooks.after_commit.append(self._appended)
        appender.hooks.after_release.append(self._settled)

    async def start(self) -> None:
        """Start intake and listener; the relay is started separately, before the appender."""
        self.taking.start()
        await self._listener.start()

    async def stop(self) -> None:
        """Stop the intake after the current entry, and the listener."""
        await self._listener.stop()
        await asyncio.to_thread(self.taking.stop)

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def check(self) -> None:
        """Raise an error if Redis does not answer."""
        self._redis.ping()

    def check_intake(self) -> None:
        """Raise an error if the intake has been stuck for a minute."""
        self._intake.check()

    def _relayed(self) -> int:
        sent = self._relay.step()
        self._metrics.relayed(self._relay.position)
        # A run that is not full ended at the head of the log: the next append wakes it again.
        return sent if sent >= RUN else 0

    def _appended(self, report: CommitReport) -> None:
        self._own_position = report.head.position
        self.relay.wake()

    def _settled(self, settled: Sequence[tuple[ParkedEvent, Outcome]]) -> None:
        self._receipts.send(settled)
        self.taking.wake()

    def _events_arrived(self, entries: Sequence[Entry]) -> None:
        """Wake the appender for others' events; its own events also arrive here."""
        last = position_of(entries[-1].id) if entries else None
        if last is not None and last > self._own_position:
            self._appender.wake_up()
        if self._on_events is not None:
            self._on_events(entries)
