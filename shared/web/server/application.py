"""The FastAPI application with everything that the three services have in common."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from shared.settings import LOOPBACK_HOSTS
from shared.telemetry.metrics import Measured, Metrics
from shared.vocabulary import Family
from shared.web.answers.problem_pages import wants_page
from shared.web.answers.problems import install_problem_handlers, problem_answer
from shared.web.openapi.docs_page import add_docs
from shared.web.openapi.event_components import event_components
from shared.web.openapi.responses import SHARED_SCHEMAS
from shared.web.server.declared_parameters import RouteChecks
from shared.web.server.head_requests import HeadAsGet
from shared.web.server.hosts import OwnHosts
from shared.web.server.own_forms import OwnForms
from shared.web.server.private_answers import PrivateAnswers
from shared.web.server.reads_only import ReadsOnly
from shared.web.server.safe_headers import SafeHeaders
from shared.web.signin.cookie import SessionCookie
from shared.web.signin.gate import NotSignedIn

VERSION = version("dan-van-kheo-ledger")
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def new_app(
    *,
    title: str,
    title_vi: str,
    description: str,
    description_vi: str | None = None,
    family: Family | None = None,
    version: str = VERSION,
    lifespan: Lifespan | None = None,
    metrics: Metrics | None = None,
    hosts: Collection[str] = LOOPBACK_HOSTS,
    public_url: str | None = None,
    reads_only: bool = False,
) -> FastAPI:
    """Return an application with problems, /docs, /openapi.json and strict query parameters.

    `family` documents the events that POST /events accepts; `metrics` measures each response;
    `hosts` are the allowed host names; `public_url` is the address for readers, if set. With
    `reads_only` what would write is refused.
    """
    cookie = SessionCookie.under(public_url)
    app = _Face(
        title=title,
        description=description,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(RouteChecks())],
    )
    app.openapi = lambda: _described(app, title_vi, description_vi, family)  # type: ignore[method-assign]
    app.state.session_cookie = cookie
    app.state.gate = None
    app.state.sign_in_at = "/sign-in"
    app.add_exception_handler(NotSignedIn, _lead_to_sign_in)
    if reads_only:
        app.add_middleware(ReadsOnly)
    app.add_middleware(OwnForms, public_url=public_url)
    app.add_middleware(PrivateAnswers, cookie=cookie.name)
    app.add_middleware(OwnHosts, names=hosts)
    if metrics is not None:
        app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(HeadAsGet)
    install_problem_handlers(app)
    add_docs(app)
    return app


class _Face(FastAPI):
    """An application that adds headers to all responses, including those to internal errors."""

    def build_middleware_stack(self) -> ASGIApp:
        """Wrap the whole stack in `SafeHeaders`, which `add_middleware` cannot."""
        cookie: SessionCookie = self.state.session_cookie
        return SafeHeaders(super().build_middleware_stack(), only_tls=cookie.secure)


async def _lead_to_sign_in(request: Request, error: Exception) -> Response:
    """Lead a browser to the sign-in, and refuse a program (401)."""
    if not isinstance(error, NotSignedIn):
        raise error
    if not wants_page(request):
        return problem_answer(request, error.problem, {"WWW-Authenticate": "Bearer"})
    wanted = f"{request.url.path}?{request.url.query}".removesuffix("?")
    at = f"{request.app.state.sign_in_at}?{urlencode({'to': wanted})}"
    return RedirectResponse(at, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def _described(
    app: FastAPI, title_vi: str, description_vi: str | None, family: Family | None
) -> dict[str, Any]:
    """Return the OpenAPI document, cached, with the schemas shared by all services."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        document["info"]["x-title-vi"] = title_vi
        if description_vi is not None:
            document["info"]["x-description-vi"] = description_vi
        components = document.setdefault("components", {}).setdefault("schemas", {})
        components |= {**SHARED_SCHEMAS, **(event_components(family) if family else {})}
        app.openapi_schema = document
    return app.openapi_schema
