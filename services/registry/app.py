"""The composition root of the registry: the only place that builds the log, APIs and routes."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI

from services.registry.api.routes import registry_routers
from services.registry.decider import RegistryDecider
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
    """Return the registry on the log of the settings."""
    log = opened_patiently(lambda: open_log(settings.log_url, family=Family.REGISTRY))
    return compose(settings, log, closing=(log.close,))


def compose(
    settings: Settings,
    log: EventLog,
    *,
    clock: Clock = system_clock,
    closing: Sequence[Callable[[], object]] = (),
) -> FastAPI:
    """Return the registry on a log; `closing` is called when everything has stopped."""
    metrics = Metrics()
    decider = RegistryDecider()
    parts = writing(settings, log, decider, clock=clock, metrics=metrics)
    sign_in = SignIn(settings, parts)
    app = new_app(
        title="Registry",
        title_vi="Đăng ký",
        description="Units, organisations, taxonomies, plans, registrations of models, outcomes; "
        "and the feed of the log.",
        description_vi="Đơn vị hành chính, tổ chức, danh mục, kế hoạch, đăng ký mô hình, kết quả; "
        "và toàn bộ sổ cái theo thứ tự.",
        family=Family.REGISTRY,
        lifespan=lifespan_of(parts.parts(), closing=(*closing, *parts.closing(), sign_in.close)),
        metrics=metrics,
        hosts=settings.hosts,
        public_url=settings.public_url,
    )
    for router in registry_routers(parts, decider):
        add_routes(app, router)
    app.state.gate = sign_in.gate
    return app
