"""The composition root of reporting: the only place that builds log, read models, faces, routes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import FastAPI

from services.reporting.api import reads_router
from services.reporting.asof import Moments, Reached
from services.reporting.dashboard.pages import dashboard_router
from services.reporting.readmodels.catalog import Catalog
from services.reporting.reads import Reads
from services.reporting.state import ReportingDecider
from shared.bus.consumer import Consumer, Entry
from shared.bus.worker import Inbox, Worker
from shared.clock import Clock, system_clock
from shared.eventlog.appender import GroupReport
from shared.eventlog.following import ForeignLog
from shared.eventlog.protocol import EventLog
from shared.eventlog.sql import open_log
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from shared.web.health import Check
from shared.web.running import lifespan_of, opened_patiently
from shared.web.server import new_app
from shared.web.writing import writing


@dataclass(frozen=True)
class Projection:
    """The read models, and the worker that brings them to the head of the log."""

    runner: Runner
    reached: Reached
    worker: Worker
    inbox: Inbox

    def hear(self, entries: Sequence[Entry]) -> None:
        """Take what came over the stream; nothing at all is the timer, and means: ask the log."""
        self.inbox.put(entries)
        self.worker.wake()

    def appended(self, _report: GroupReport) -> None:
        """Look at the log: this service itself has appended."""
        self.worker.wake()

    def check(self) -> None:
        """Raise what stopped the worker, or what it waits for."""
        if self.worker.failure is not None:
            raise self.worker.failure
        if self.worker.trouble is not None:
            raise RuntimeError(self.worker.trouble)


def build_app(settings: Settings) -> FastAPI:
    """Return reporting on the log and the read models of the settings."""
    log = opened_patiently(lambda: open_log(settings.log_url, family=Family.REPORTING))
    store = Store(settings.reporting_url)
    return compose(settings, log, store, closing=(log.close, store.close))


def compose(
    settings: Settings,
    log: EventLog,
    store: Store,
    *,
    clock: Clock = system_clock,
    closing: Sequence[Callable[[], object]] = (),
) -> FastAPI:
    """Return reporting on a log and a store; `closing` is called when everything has stopped."""
    metrics = Metrics()
    catalog = Catalog()
    projection = project(log, store, catalog, clock=clock, metrics=metrics)
    reads = Reads(
        log,
        store,
        catalog,
        moments=Moments(log, projection.reached),
        checkpoints=projection.runner.checkpoints,
    )
    parts = writing(
        settings,
        log,
        ReportingDecider(digest_at=reads.digest_at),
        clock=clock,
        metrics=metrics,
        events_after=lambda: projection.runner.position,
        on_events=projection.hear,
    )
    parts.appender.on_taken(reads.make_ready)
    parts.appender.on_group(projection.appended)
    app = new_app(
        title="Reporting",
        title_vi="Tổng hợp",
        description="Summaries of every unit and year, as known on any day; the lists behind them; "
        "asserted figures; closings.",
        description_vi="Tổng hợp của mọi đơn vị và mọi năm, theo hiểu biết của bất kỳ ngày nào; "
        "các danh sách chi tiết; số liệu đã công bố; khóa sổ.",
        family=Family.REPORTING,
        lifespan=lifespan_of(
            (projection.worker, *parts.parts()), closing=(*closing, *parts.closing())
        ),
        metrics=metrics,
    )
    for router in parts.routers(Check("read_models", projection.check)):
        app.include_router(router)
    app.include_router(reads_router(reads, clock))
    app.include_router(dashboard_router(reads, clock))
    return app


def project(
    log: EventLog, store: Store, catalog: Catalog, *, clock: Clock, metrics: Metrics
) -> Projection:
    """Return the read models of a catalog over a log, ready to be brought to its head."""
    runner = Runner(log, store, catalog.all(), clock=clock, gauges=metrics)
    runner.start()
    reached = Reached(lambda: runner.position)
    inbox = Inbox()
    consumer = Consumer(log, runner, on_hole=metrics.hole)

    def step() -> int:
        moved = consumer.step(inbox.take())
        if moved:
            reached.tell()
        return moved

    return Projection(runner, reached, Worker("projection", step, fatal=(ForeignLog,)), inbox)
