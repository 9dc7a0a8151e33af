"""The composition root of evaluation: the only place that builds log, faces and routes."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI

from services.evaluation.decider import EvaluationDecider
from shared.clock import Clock, system_clock
from shared.eventlog.protocol import EventLog
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from shared.web.publishing.writing_service import writing
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from shared.web.server.process import lifespan_of, opened_patiently
from shared.web.signin.composition import SignIn


def build_app(settings: Settings) -> FastAPI:
    """Return evaluation on the log of the settings."""
    log = opened_patiently(lambda: open_log(settings.log_url, family=Family.EVALUATION))
    return compose(settings, log, closing=(log.close,))


def compose(
    settings: Settings,
    log: EventLog,
    *,
    clock: Clock = system_clock,
    closing: Sequence[Callable[[], object]] = (),
) -> FastAPI:
    """Return evaluation on a log; `closing` is called when everything has stopped."""
    metrics = Metrics()
    parts = writing(settings, log, EvaluationDecider(), clock=clock, metrics=metrics)
    sign_in = SignIn(settings, parts)
    app = new_app(
        title="Evaluation",
        title_vi="Đánh giá",
        description="Inspections, eligibility, review sessions, recognitions, awards.",
        description_vi="Kiểm tra, xét điều kiện, họp bình xét, công nhận, khen thưởng.",
        family=Family.EVALUATION,
        lifespan=lifespan_of(parts.parts(), closing=(*closing, *parts.closing(), sign_in.close)),
        metrics=metrics,
        hosts=settings.hosts,
        public_url=settings.public_url,
    )
    for router in parts.routers():  # reporting serves the read models of these events
        add_routes(app, router)
    app.state.gate = sign_in.gate
    return app
