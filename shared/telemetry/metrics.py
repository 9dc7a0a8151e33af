"""All metrics of the ledger, as described in docs/metrics.md.

Built by the composition root on its own registry, so that two services in one process are separate.
"""

from __future__ import annotations

import math
import time
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from shared.appending.results import CommitReport

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)


class Metrics:
    """The metrics of one process; its methods are callbacks for the components."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._log(self.registry)
        self._bus(self.registry)
        self._read_models(self.registry)
        self._http(self.registry)

    def _log(self, to: CollectorRegistry) -> None:
        self._head = Gauge("dvk_log_head_position", "Last position of the log.", registry=to)
        self._stored = Gauge("dvk_log_events_stored", "Events in the log.", registry=to)
        self._decided = Counter(
            "dvk_events_decided_total", "Events decided.", ["outcome"], registry=to
        )
        self._invalid = Counter(
            "dvk_events_invalid_total", "Events that failed validation.", ["face"], registry=to
        )
        self._released = Counter(
            "dvk_parked_settled_total", "Parked events settled.", ["outcome"], registry=to
        )
        self._asked = {
            "parked": Gauge("dvk_parked_events", "Events parked now.", registry=to),
            "parked_seconds": Gauge(
                "dvk_parked_oldest_seconds", "Age of the oldest parked event.", registry=to
            ),
            "held": Gauge(
                "dvk_quarantined_streams", "Streams that the rules cannot read.", registry=to
            ),
            "queued": Gauge("dvk_append_queue_events", "Events queued to append.", registry=to),
            "restored": Gauge("dvk_log_restored", "1: the log has another history.", registry=to),
            "sealed": Gauge("dvk_sealed_position", "Position of the last checkpoint.", registry=to),
            "seal_contradicted": Gauge(
                "dvk_seal_contradicted", "1: the log contradicts its checkpoint.", registry=to
            ),
            "unwitnessed_seconds": Gauge(
                "dvk_unwitnessed_seconds", "Age of the first unwitnessed event.", registry=to
            ),
            "switched_off": Gauge(
                "dvk_intake_users_off", "Publishers whose Redis user is off.", registry=to
            ),
            "intake_seconds": Gauge(
                "dvk_intake_stuck_seconds", "Age of the last successful step.", registry=to
            ),
            "approval_seconds": Gauge(
                "dvk_approval_oldest_seconds", "Age of the oldest pending approval.", registry=to
            ),
            "origins_stopped": Gauge(
                "dvk_origins_stopped", "Forwarding ledgers that are stopped.", registry=to
            ),
            "replica_behind": Gauge(
                "dvk_replica_behind_seconds", "How far behind the replica may be.", registry=to
            ),
            "disk_free": Gauge("dvk_disk_free_bytes", "Free space at the log file.", registry=to),
        }
        # NaN, not zero, for a log on another machine.
        self._asked["disk_free"].set(math.nan)
        self._asked["replica_behind"].set(math.nan)
        self._asked["unwitnessed_seconds"].set(math.nan)
        self._ahead = Gauge(
            "dvk_log_ahead_seconds", "The log's last time ahead of this clock.", registry=to
        )
        self._lock_wait = _LockWait()
        to.register(self._lock_wait)
        self._faults = Counter(
            "dvk_decision_faults_total", "Events on which the rules failed.", registry=to
        )
        self._append_seconds = Histogram(
            "dvk_append_seconds", "One group, under the lock.", registry=to, buckets=SECONDS
        )
        self._append_size = Histogram(
            "dvk_append_group_events", "Events of one group.", registry=to, buckets=SIZES
        )

    def _bus(self, to: CollectorRegistry) -> None:
        self._relayed = Gauge("dvk_relay_position", "Last position in Redis.", registry=to)
        self._connected = Gauge("dvk_redis_connected", "1 while Redis answers.", registry=to)
        self._holes = Counter("dvk_stream_holes_total", "Gaps in the stream.", registry=to)
        self._taken = Counter(
            "dvk_intake_entries_total", "Entries taken from the intake stream.", registry=to
        )
        self._intake_waiting = Gauge(
            "dvk_intake_waiting_entries", "Entries of the intake stream.", registry=to
        )
        self._receipts = Counter("dvk_receipts_total", "Receipts written.", registry=to)

    def _read_models(self, to: CollectorRegistry) -> None:
        each = ["read_model"]
        self._position = Gauge("dvk_read_model_position", "Its checkpoint.", each, registry=to)
        self._projected = Gauge(
            "dvk_read_model_events_projected", "Events it has handled.", each, registry=to
        )
        self._generation = Gauge(
            "dvk_read_model_generation", "Its active generation.", each, registry=to
        )
        self._quarantined = Gauge(
            "dvk_quarantined_subjects", "Quarantined subjects.", each, registry=to
        )
        self._held = Gauge("dvk_quarantined_events", "Events held with them.", each, registry=to)
        self._discarded = Gauge("dvk_discarded_subjects", "Discarded.", each, registry=to)
        self._fold_seconds = Histogram(
            "dvk_projection_seconds", "One run, committed.", registry=to, buckets=SECONDS
        )
        self._fold_size = Histogram(
            "dvk_projection_group_events", "Events of one run.", registry=to, buckets=SIZES
        )

    def _http(self, to: CollectorRegistry) -> None:
        self._requests = Counter(
            "dvk_http_requests_total", "Answers.", ["method", "route", "status"], registry=to
        )
        self._answer_seconds = Histogram(
            "dvk_http_request_seconds",
            "Until the answer was sent.",
            ["method", "route"],
            registry=to,
            buckets=SECONDS,
        )

    def log_at(self, position: int) -> None:
        """Record the head of the log, which is also the number of events."""
        self._head.set(position)
        self._stored.set(position)

    def log_ahead(self, seconds: float) -> None:
        """Record by how much the log's last recorded time is ahead of this clock."""
        self._ahead.set(max(0.0, seconds))

    def group_committed(self, report: CommitReport) -> None:
        """Record one group of the appender (`AppendHooks.after_commit`)."""
        settled = report.settled
        self.log_at(report.head.position)
        for outcome, count in (
            ("accepted", settled.accepted),
            ("duplicate", settled.duplicates),
            ("parked", settled.parked),
            ("refused", settled.refused),
            ("held", settled.held),
        ):
            self._decided.labels(outcome).inc(count)
        self._faults.inc(settled.faults)
        for _, outcome_of in settled.released:
            self._released.labels(type(outcome_of).__name__.lower()).inc()
        self._append_seconds.observe(report.seconds)
        self._append_size.observe(len(settled.outcomes))

    def fault(self) -> None:
        """Record an event that failed on an internal error (`AppendHooks.after_fault`)."""
        self._faults.inc()

    def invalid(self, face: str, count: int = 1) -> None:
        """Record events that failed validation, by face: `http` or `intake`."""
        self._invalid.labels(face).inc(count)

    def ask(self, **questions: Callable[[], float]) -> None:
        """Set callbacks for gauges, called on each scrape; NaN if one fails.

        They are `parked` and `queued` events, `parked_seconds` of the oldest, quarantined streams
        (`held`), `restored` (0 or 1), users of Redis that are `switched_off`, `disk_free` bytes,
        `intake_seconds` since the intake last succeeded,
        ledgers that forward and are stopped (`origins_stopped`).
        """
        for name, question in questions.items():
            self._asked[name].set_function(partial(_answered, question))

    def ask_lock_wait(self, seconds: Callable[[], float]) -> None:
        """Set the callback for the total wait for the append lock, the current one included."""
        self._lock_wait.seconds = seconds

    def ask_intake(self, waiting: Callable[[], int]) -> None:
        """Set the callback for the length of the intake stream, called on each scrape."""
        self._intake_waiting.set_function(partial(_answered, waiting))

    def relayed(self, position: int) -> None:
        """Record the last position of the log in Redis."""
        self._relayed.set(position)

    def redis_connected(self, connected: bool) -> None:  # noqa: FBT001  a callback
        """Record whether Redis answers (`Listener(on_connected=…)`)."""
        self._connected.set(connected)

    def hole(self) -> None:
        """Record a gap in the stream (`Consumer(on_hole=…)`)."""
        self._holes.inc()

    def intake(self, entries: int, receipts: int, invalid: int) -> None:
        """Record entries taken, receipts written and invalid events (`Intake(on_taken=…)`)."""
        self._taken.inc(entries)
        self._receipts.inc(receipts)
        self.invalid("intake", invalid)

    def read_model_at(self, name: str, position: int, events_handled: int) -> None:
        """Record the position of a read model."""
        self._position.labels(name).set(position)
        self._projected.labels(name).set(events_handled)

    def read_model_generation(self, name: str, generation: int) -> None:
        """Record the active generation of a read model."""
        self._generation.labels(name).set(generation)

    def read_models_folded(self, events: int, seconds: float) -> None:
        """Record a committed run."""
        self._fold_seconds.observe(seconds)
        self._fold_size.observe(events)

    def quarantined(self, name: str, subjects: int, discarded: int) -> None:
        """Record how many subjects of a read model are quarantined and discarded."""
        self._quarantined.labels(name).set(subjects)
        self._discarded.labels(name).set(discarded)

    def held_back(self, name: str, events: int) -> None:
        """Record how many events are held with the quarantined subjects."""
        self._held.labels(name).set(events)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record one HTTP response; `route` is the path template, never the path itself."""
        self._requests.labels(method, route, str(status)).inc()
        self._answer_seconds.labels(method, route).observe(seconds)


class _LockWait(Collector):
    """A counter with a callback, which the library's own counter lacks."""

    def __init__(self) -> None:
        self.seconds: Callable[[], float] = float

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Yield the current value of the counter."""
        yield CounterMetricFamily(
            "dvk_append_lock_wait_seconds", "Time spent waiting.", value=self.seconds()
        )


def _answered(ask: Callable[[], float]) -> float:
    try:
        return ask()
    except Exception:  # noqa: BLE001  an unavailable database must not hide all other metrics
        return math.nan


NO_ROUTE = "(none)"
"""The shared label of unknown paths: a scanner must not fill the memory."""
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class Measured:
    """Counts and times requests; one that fails without a response counts as 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and record its status and duration."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.answered(_method(scope), _route(scope), status, seconds)


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in METHODS else "(other)"


def _route(scope: Scope) -> str:
    """Return the path template that the router has put into the scope."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))
