"""The composition root of reporting: the only place that builds log, read models, APIs, routes."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI

from services.reporting.api.routes import reads_router
from services.reporting.dashboard.first_pages import first_pages
from services.reporting.dashboard.provinces.lines import Lines
from services.reporting.dashboard.routes import add_dashboard
from services.reporting.decider import ReportingDecider
from services.reporting.integrity.evidence import LogEvidence, policy_of
from services.reporting.integrity.routes import integrity_router
from services.reporting.origins.routes import origins_router
from services.reporting.projection.following import following
from services.reporting.projection.service import ReadModelService
from services.reporting.projection.warming import Warming
from services.reporting.reading.catalogue import catalogue_router
from shared.client.forwarding_state import FORWARDING_FILE
from shared.clock import Clock, system_clock
from shared.eventlog.protocol import EventLog
from shared.eventlog.sql import SqlEventLog, open_log
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from shared.web.publishing.writing_service import writing
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from shared.web.server.process import lifespan_of, opened_patiently, start_again
from shared.web.signin.composition import SignIn


def build_app(settings: Settings) -> FastAPI:
    """Return reporting on the log and the read models of the settings."""
    follows = settings.follow
    if follows and settings.database_url is None:
        raise SystemExit(
            "DVK_FOLLOW cần DATABASE_URL của một máy PostgreSQL dự phòng · "
            "DVK_FOLLOW needs DATABASE_URL of a standby of PostgreSQL"
        )
    log = opened_patiently(
        lambda: open_log(settings.log_url, family=Family.REPORTING, reads_only=follows)
    )
    store = Store(settings.reporting_url, reads_only=follows)
    return compose(settings, log, store, closing=(log.close, store.close))


def compose(
    settings: Settings,
    log: EventLog,
    store: Store,
    *,
    clock: Clock = system_clock,
    closing: Sequence[Callable[[], object]] = (),
    again: Callable[[], object] = start_again,
) -> FastAPI:
    """Return reporting on a log and a store; `closing` is called when everything has stopped."""
    metrics = Metrics()
    followed = following(settings, log, store, clock, metrics, start_again=again)
    projection = ReadModelService(log, store, clock=clock, metrics=metrics, following=followed)
    projection.start()
    parts = writing(
        settings,
        log,
        ReportingDecider(digests_at=projection.digests_at),
        clock=clock,
        metrics=metrics,
        events_after=lambda: projection.position,
        on_events=projection.hear,
        set_aside=(projection.quarantine,),
        reads_only=settings.follow,
    )
    warming = Warming(projection.pin, first_pages(projection.pin, clock))
    seals = log.seals(settings.origin) if isinstance(log, SqlEventLog) else None
    evidence = LogEvidence(log, seals, policy_of(settings), clock)
    _ask(metrics, evidence, restored=lambda: parts.appender.restored or projection.worker.failure)
    parts.appender.hooks.before_lock.append(projection.make_ready)
    parts.appender.hooks.after_commit.append(projection.appended)
    sign_in = SignIn(settings, parts)
    app = new_app(
        title="Reporting",
        title_vi="Tổng hợp",
        description="Summaries of every unit and year, as known on any day; the lists behind them; "
        "asserted figures; closings.",
        description_vi="Tổng hợp của mọi đơn vị và mọi năm, theo số liệu đã ghi sổ đến "
        "hết bất kỳ ngày nào; các danh sách chi tiết; số liệu đã công bố; khóa sổ.",
        family=Family.REPORTING,
        lifespan=lifespan_of(
            (projection.worker, *parts.parts(), warming.worker),
            closing=(*closing, *parts.closing(), sign_in.close),
        ),
        metrics=metrics,
        hosts=settings.hosts,
        public_url=settings.public_url,
        reads_only=settings.follow,
    )
    for router in parts.routers(*projection.checks(), measured=projection.measure):
        add_routes(app, router)
    add_routes(app, integrity_router(evidence))
    add_routes(app, origins_router(log, clock))
    add_routes(app, reads_router(projection.pin, clock, settings.public_url))
    add_routes(
        app,
        catalogue_router(projection.pin, publisher=settings.publisher, licence=settings.licence),
    )
    add_routes(app, sign_in.router())
    app.state.gate = sign_in.gate
    lines = Lines(log, settings.home / FORWARDING_FILE, clock)
    add_dashboard(
        app, projection.pin, clock, lists_port=settings.port + 3, evidence=evidence, lines=lines
    )
    return app


def _ask(metrics: Metrics, evidence: LogEvidence, *, restored: Callable[[], object]) -> None:
    """Let the metrics ask for what is sealed, and whether the log was restored."""
    metrics.ask(
        sealed=evidence.sealed_position,
        seal_contradicted=lambda: int(evidence.contradicted() is not None),
        unwitnessed_seconds=evidence.unwitnessed_seconds,
        restored=lambda: int(bool(restored())),
    )
