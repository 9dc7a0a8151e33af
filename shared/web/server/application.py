"""An HTTP face: FastAPI with everything that the three services answer in the same way."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.settings import LOOPBACK_HOSTS
from shared.telemetry.metrics import Measured, Metrics
from shared.vocabulary import Family
from shared.web.answers.pagination import strict_query
from shared.web.answers.problems import install_problem_handlers
from shared.web.openapi.docs_page import add_docs
from shared.web.openapi.event_components import event_components
from shared.web.openapi.responses import SHARED_SCHEMAS
from shared.web.server.hosts import OwnHosts
from shared.web.server.safe_headers import SafeHeaders

VERSION = version("dan-van-kheo-ledger")
_HEAD = "dvk.head"
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
) -> FastAPI:
    """Return an application with problems, /docs, /openapi.json and strict query parameters.

    `family` documents the events that POST /events accepts; `metrics` measures each answer;
    `hosts` are the names under which it answers.
    """
    app = _Face(
        title=title,
        description=description,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(DocumentedParameters())],
    )
    app.openapi = lambda: _described(app, title_vi, description_vi, family)  # type: ignore[method-assign]
    app.add_middleware(OwnHosts, names=hosts)
    if metrics is not None:
        app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(HeadAsGet)
    install_problem_handlers(app)
    add_docs(app)
    return app


class _Face(FastAPI):
    """An application whose answers all carry the same headers, those of its own faults too."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the headers around everything, where `add_middleware` does not reach."""
        return SafeHeaders(super().build_middleware_stack())


class HeadAsGet:
    """HEAD is answered as GET (RFC 9110, 9.3.2); the server that sends it leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", _HEAD: True}
        await self._app(scope, receive, send)


def asks_for_head(request: Request) -> bool:
    """Say whether the body is left out, so that a long one need not be made."""
    return bool(request.scope.get(_HEAD))


def _described(
    app: FastAPI, title_vi: str, description_vi: str | None, family: Family | None
) -> dict[str, Any]:
    """Return the OpenAPI document, made once, with the schemas that all services share."""
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


class DocumentedParameters:
    """Refuses query parameters that the OpenAPI document does not list for their address.

    Pages that the document leaves out look after their own parameters.
    """

    def __init__(self) -> None:
        self._by_route: dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]] | None = None

    async def __call__(self, request: Request) -> None:
        """Look at one request; a FastAPI dependency."""
        if not request.query_params:
            return
        if self._by_route is None:
            self._by_route = dict(_parameters_of(request.app.openapi()["paths"]))
        path = getattr(request.scope.get("route"), "path", "")
        documented = self._by_route.get((path, request.method.lower()))
        if documented is not None:
            strict_query(request, *documented)


def _parameters_of(
    paths: Mapping[str, Any],
) -> Iterator[tuple[tuple[str, str], tuple[frozenset[str], frozenset[str]]]]:
    """Yield for each path and method its query parameters, and those that may be repeated."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            parameters = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
            repeatable = (each["name"] for each in parameters if _is_list(each.get("schema", {})))
            names = (each["name"] for each in parameters)
            yield (path, method), (frozenset(names), frozenset(repeatable))


def _is_list(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" or any(map(_is_list, schema.get("anyOf", ())))
