"""Composition of a writing service; each service adds its own rules and routes."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter

from shared.appending.appender import Appender
from shared.appending.decider import Decider
from shared.bus.connections import require_no_cluster
from shared.clock import MICROSECONDS, Clock
from shared.errors import LedgerError, Problem, Unavailable, declare
from shared.eventlog.protocol import EventLog
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.trust.signature_check import SignatureCheck
from shared.web.publishing.events_api import events_router
from shared.web.publishing.quarantine_api import Listing, quarantine_router
from shared.web.publishing.redis_face import OnEvents, RedisInterface
from shared.web.publishing.trust_pin import require_pinned_trust
from shared.web.server.health import Check, health_router
from shared.web.server.process import ServicePart

STREAMS_HELD = declare(
    "streams_held",
    503,
    vi="{count} chuỗi sự kiện đang bị cách ly: {subjects}. GET /quarantine nêu lý do.",
    en="{count} streams are in quarantine: {subjects}. GET /quarantine has the reasons.",
)
_NAMED = 5
"""Most streams named in a problem."""


@dataclass(frozen=True, slots=True)
class WritingService:
    """A log with its appender, its interfaces and metrics."""

    log: EventLog
    appender: Appender
    metrics: Metrics
    streams: RedisInterface | None
    clock: Clock
    set_aside: Sequence[Listing]
    signatures: SignatureCheck
    reads_only: bool = False

    def parts(self) -> Sequence[ServicePart]:
        """Return the components next to the HTTP application, in the order of their start.

        They stop in the reverse order: the intake ends, taken events are appended, and appended
        events are relayed.
        """
        if self.reads_only:
            return ()
        if self.streams is None:
            return (self.appender,)
        return (self.streams.relay, self.appender, self.streams)

    def closing(self) -> Sequence[Callable[[], object]]:
        """Return functions that close connections, after all components have stopped."""
        return () if self.streams is None else (self.streams.close,)

    def checks(self) -> Sequence[Check]:
        """Return the checks of dependencies; Redis only affects latency.

        Quarantined streams are reported, but the service is ready for all others.
        """
        checks = (
            Check("log", self.log.head),
            Check("decisions", self.appender.check),
            Check("quarantine", self._nothing_held, required=False),
        )
        if self.streams is None:
            return checks
        return (
            *checks,
            Check("redis", self.streams.check, required=False),
            Check("intake", self.streams.check_intake, required=False),
        )

    def routers(
        self, *also: Check, measured: Callable[[], object] | None = None
    ) -> Sequence[APIRouter]:
        """Return the routes of every writing service.

        `measured` updates a service's own metrics before they are read.
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
                signatures=self.signatures,
                on_invalid=lambda count: self.metrics.invalid("http", count),
            ),
            quarantine_router(self.appender, self.set_aside, self.clock),
        )

    def _nothing_held(self) -> None:
        """Fail if there are streams that the rules cannot read."""
        held = [held.subject for held, _ in self.appender.quarantine.listed()]
        if held:
            named = ", ".join(held[:_NAMED]) + (" …" if len(held) > _NAMED else "")
            raise LedgerError(Problem(STREAMS_HELD, {"count": len(held), "subjects": named}))

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
    set_aside: Sequence[Listing] = (),
    reads_only: bool = False,
) -> WritingService:
    """Compose a log and rules; `events_after` and `on_events` are for readers of the stream.

    `set_aside` are further lists of quarantined subjects, in addition to that of the rules. With
    `reads_only` nothing is appended, and Redis is not used: the appender is only asked for the
    state at the head of the log.
    """
    require_pinned_trust(settings, log)
    appender = Appender(log, decider, clock=clock, park_days=settings.park_days)
    appender.hooks.after_commit.append(metrics.group_committed)
    appender.hooks.after_fault.append(metrics.fault)
    metrics.ask(
        parked=log.count_parked,
        parked_seconds=lambda: _oldest_seconds(log, clock),
        approval_seconds=lambda: _approval_seconds(decider, clock),
        queued=lambda: appender.waiting,
        held=lambda: len(appender.quarantine),
        restored=lambda: int(appender.restored is not None),
        origins_stopped=lambda: sum(head.problem is not None for head in log.list_origins()),
    )
    metrics.ask_lock_wait(lambda: appender.lock_wait.seconds)
    if settings.database_url is None:
        metrics.ask(disk_free=lambda: _free_bytes(settings.home))
    signatures = SignatureCheck(lambda: decider.authority, appender.catch_up)
    streams = None
    if settings.redis_url is not None and not reads_only:
        require_no_cluster(settings.redis_url)
        streams = RedisInterface(
            settings.redis_url,
            family=decider.family,
            appender=appender,
            signatures=signatures,
            metrics=metrics,
            clock=clock,
            events_after=events_after,
            on_events=on_events,
        )
    return WritingService(log, appender, metrics, streams, clock, set_aside, signatures, reads_only)


def _oldest_seconds(log: EventLog, clock: Clock) -> float:
    """Return the age of the oldest parked event in seconds, 0 if there is none."""
    oldest = log.list_parked(0, 1, None)
    return (clock() - oldest[0].since_us) / MICROSECONDS if oldest else 0.0


def _approval_seconds(decider: Decider, clock: Clock) -> float:
    """Return for how long the oldest authority event has waited for approvals, 0 without any."""
    pending = tuple(decider.authority.pending.values())
    oldest = min((each.recorded_us for each in pending), default=clock())
    return (clock() - oldest) / MICROSECONDS


def _free_bytes(folder: Path) -> float:
    """Return the free space for the log file in bytes."""
    return float(shutil.disk_usage(folder).free)
