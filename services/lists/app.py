"""The composition root of the list desk: the only place that builds its store, worker and pages."""

from collections.abc import Callable, Sequence
from functools import partial

import httpx
from fastapi import FastAPI

from services.lists.ledger.officers import ReportingOfficers
from services.lists.ledger.reader import LedgerReader
from services.lists.persons.look_ups import LookUps
from services.lists.persons.vault import PersonVault
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.desk_signer import DeskSigner
from services.lists.uploads.store import DeskStore
from services.lists.uploads.worker import DeskWorker
from services.lists.web.person_pages import PersonPages, person_router
from services.lists.web.person_rights import readers_of
from services.lists.web.routes import DeskPages, pages_router
from shared.client.addresses import Addresses, behind_proxy, on_ports
from shared.client.delivery import Delivery
from shared.client.ledger_credentials import LedgerCredentials
from shared.clock import Clock, system_clock
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.web.server.application import new_app
from shared.web.server.declared_parameters import add_routes
from shared.web.server.health import Check, health_router
from shared.web.server.process import lifespan_of
from shared.web.signin.cookie import SessionCookie
from shared.web.signin.gate import Gate
from shared.web.signin.required import SignInRequired

_LEDGER_SECONDS = 60.0


def build_app(settings: Settings) -> FastAPI:
    """Return the list desk beside the ledger of the settings."""
    client = httpx.Client(
        timeout=_LEDGER_SECONDS,
        headers={"Accept-Language": "vi"},
        auth=LedgerCredentials(settings),
    )
    # Nothing is asked here: the proxy starts after the desk, since it resolves the desk's name.
    addresses = (
        behind_proxy(settings.ledger_url)
        if settings.ledger_url
        else on_ports(settings.host, settings.port)
    )
    return compose(settings, client, addresses, closing=(client.close,))


def compose(
    settings: Settings,
    client: httpx.Client,
    addresses: Addresses,
    *,
    clock: Clock = system_clock,
    closing: Sequence[Callable[[], object]] = (),
) -> FastAPI:
    """Return the list desk for a ledger; `closing` is called when everything has stopped."""
    worker = worker_of(settings, client, addresses, clock)
    metrics = Metrics()
    app = new_app(
        title="Lists",
        title_vi="Bàn danh sách",
        description="Workbooks of the movement become events, and come back with the results.",
        description_vi="Danh sách Excel thành sự kiện của sổ cái, và trả lại kèm kết quả.",
        lifespan=lifespan_of((worker,), closing=(*closing, worker.store.close)),
        metrics=metrics,
        hosts=settings.hosts,
        public_url=settings.public_url,
    )
    checks = (
        Check("ledger", worker.ledger.head),
        Check("uploads", worker.require_progress, required=False),
    )
    add_routes(app, health_router(checks, metrics.registry))
    # Behind a proxy both have one address; on ports of their own the dashboard is next door.
    dashboard = "/" if settings.ledger_url else f"{addresses.reporting}/"
    add_routes(app, pages_router(DeskPages(worker, dashboard)))
    cookie = SessionCookie.under(settings.public_url)
    officers = ReportingOfficers(client, addresses.reporting, cookie)
    on_this_machine = settings.ledger_url is None and settings.database_url is None
    begun = partial(_kept_here, settings) if on_this_machine else officers.trust_began
    app.state.gate = Gate(officers, SignInRequired(settings, begun))
    app.state.sign_in_at = f"{dashboard}sign-in"
    add_routes(app, person_router(PersonPages(LookUps(worker.vault, clock), dashboard)))
    app.state.person_reader_of = readers_of(officers)
    return app


def _kept_here(settings: Settings) -> bool:
    """Return whether `dvk trust begin` left its digest on this machine."""
    return settings.kept_trust is not None


def worker_of(
    settings: Settings, client: httpx.Client, addresses: Addresses, clock: Clock
) -> DeskWorker:
    """Return a worker on the desk's own store; it works on its threads, or step by step."""
    key = key_of(settings.lists_key)
    store = DeskStore(settings.lists_url, key, clock)
    vault = PersonVault(store, key)
    reader = LedgerReader(client, addresses)
    delivery = Delivery(client, addresses, signer=DeskSigner(settings))
    return DeskWorker(store, reader, delivery, vault, clock)
