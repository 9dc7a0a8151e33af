"""The parts of a service that writes, put together; each service adds its own rules and routes."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from shared.clock import MICROSECONDS, Clock
from shared.errors import Unavailable
from shared.eventlog.appender import Appender
from shared.eventlog.deciding import Decider
from shared.eventlog.protocol import EventLog
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.web.events_api import events_router
from shared.web.health import Check, health_router
from shared.web.running import Part
from shared.web.stream_face import OnEvents, StreamFace


@dataclass(frozen=True, slots=True)
class Writing:
    """A log with its appender, its faces and what is measured of them."""

    log: EventLog
    appender: Appender
    metrics: Metrics
    streams: StreamFace | None
    clock: Clock

    def parts(self) -> Sequence[Part]:
        """Return what runs beside the HTTP face, in the order of starting.

        They stop in the opposite order: nothing more is taken in, what was taken is appended, and
        what was appended is relayed.
        """
        if self.streams is None:
            return (self.appender,)
        return (self.streams.relay, self.appender, self.streams)

    def closing(self) -> Sequence[Callable[[], object]]:
        """Return what gives connections back, after everything has stopped."""
        return () if self.streams is None else (self.streams.close,)

    def checks(self) -> Sequence[Check]:
        """Return what the service stands on: Redis costs latency only."""
        required = (Check("log", self.log.head), Check("decisions", self._at_the_head))
        if self.streams is None:
            return required
        return (*required, Check("redis", self.streams.check, required=False))

    def routers(
        self, *also: Check, measured: Callable[[], object] | None = None
    ) -> Sequence[APIRouter]:
        """Return the routes that every writing service has.

        `measured` brings a service's own metrics up to date before they are read.
        """

        def refresh() -> None:
            for each in (self._measured, measured):
                with suppress(Unavailable):
                    if each is not None:
                        each()

        return (
            health_router((*self.checks(), *also), self.metrics.registry, refresh=refresh),
            events_router(
                family=self.appender.decider.family,
                appender=self.appender,
                log=self.log,
                clock=self.clock,
                on_invalid=lambda count: self.metrics.invalid("http", count),
            ),
        )

    def _at_the_head(self) -> None:
        """Fail when the rules cannot come to the head: a log that was set back is noticed here."""
        with self.appender.reading():
            pass

    def _measured(self) -> None:
        head = self.log.head()
        self.metrics.log_at(head.position)
        self.metrics.log_ahead((head.recorded_us - self.clock()) / MICROSECONDS)


def writing(
    settings: Settings,
    log: EventLog,
    decider: Decider,
    *,
    clock: Clock,
    metrics: Metrics,
    events_after: Callable[[], int] | None = None,
    on_events: OnEvents | None = None,
) -> Writing:
    """Put a log and rules together; `events_after` and `on_events` are for who reads the stream."""
    appender = Appender(log, decider, clock=clock, park_days=settings.park_days)
    appender.on_group(metrics.group_committed)
    metrics.ask(
        parked=log.count_parked,
        parked_seconds=lambda: _oldest_seconds(log, clock),
        queued=lambda: appender.waiting,
        restored=lambda: int(appender.restored is not None),
    )
    metrics.ask_lock_wait(lambda: appender.lock_wait.seconds)
    if settings.database_url is None:
        metrics.ask(disk_free=lambda: _free_bytes(settings.home))
    streams = None
    if settings.redis_url is not None:
        streams = StreamFace(
            settings.redis_url,
            family=decider.family,
            appender=appender,
            metrics=metrics,
            clock=clock,
            events_after=events_after,
            on_events=on_events,
        )
    return Writing(log, appender, metrics, streams, clock)


def _oldest_seconds(log: EventLog, clock: Clock) -> float:
    """Return how long the oldest parked event has waited, 0 when none waits."""
    oldest = log.list_parked(0, 1, None)
    return (clock() - oldest[0].since_us) / MICROSECONDS if oldest else 0.0


def _free_bytes(folder: Path) -> float:
    """Return how much room the log file has left."""
    return float(shutil.disk_usage(folder).free)
