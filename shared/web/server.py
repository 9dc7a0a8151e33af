"""An HTTP face: FastAPI with everything that the three services answer in the same way."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.telemetry.measured import Measured
from shared.telemetry.metrics import Metrics
from shared.web.docs_page import add_docs
from shared.web.documented import SHARED_SCHEMAS
from shared.web.lists import strict_query
from shared.web.problems import install_problem_handlers

VERSION = version("dan-van-kheo-ledger")
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def new_app(
    *,
    title: str,
    title_vi: str,
    description: str,
    description_vi: str | None = None,
    version: str = VERSION,
    lifespan: Lifespan | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """Return an application with problems, /docs, /openapi.json and strict query parameters."""
    app = FastAPI(
        title=title,
        description=description,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(refuse_undocumented)],
    )
    app.openapi = lambda: _described(app, title_vi, description_vi)  # type: ignore[method-assign]
    if metrics is not None:
        app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(HeadLikeGet)
    install_problem_handlers(app)
    add_docs(app)
    return app


class HeadLikeGet:
    """HEAD is answered as GET (RFC 9110, 9.3.2); the server that sends it leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


def _described(app: FastAPI, title_vi: str, description_vi: str | None) -> dict[str, Any]:
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
        document.setdefault("components", {}).setdefault("schemas", {}).update(SHARED_SCHEMAS)
        app.openapi_schema = document
    return app.openapi_schema


async def refuse_undocumented(request: Request) -> None:
    """Refuse a query parameter that the OpenAPI document does not list for the address."""
    if request.query_params:
        documented = _documented(request)
        if documented is not None:
            repeatable = [name for name, schema in documented.items() if _is_list(schema)]
            strict_query(request, documented, repeatable)


def _documented(request: Request) -> Mapping[str, Any] | None:
    """Return the query parameters of the route that answers, None for an undocumented page."""
    path = getattr(request.scope.get("route"), "path", None)
    operations: Mapping[str, Any] = request.app.openapi()["paths"].get(path, {})
    operation = operations.get(request.method.lower())
    if operation is None:
        return None
    parameters = operation.get("parameters", ())
    return {each["name"]: each.get("schema", {}) for each in parameters if each["in"] == "query"}


def _is_list(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" or any(map(_is_list, schema.get("anyOf", ())))
