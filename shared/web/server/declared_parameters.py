"""Routes that check the right to them, their forms, and that all parameters are declared."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.requests import Request

from shared.web.answers.pagination import strict_query
from shared.web.server.own_forms import SAFE_METHODS
from shared.web.signin.form_tokens import require_form_token
from shared.web.signin.gate import gate_of


class RouteChecks:
    """A FastAPI dependency: the right to the route, its parameters, the token of its form.

    Query parameters that the route does not declare are refused; routes that are left out of the
    OpenAPI document, the pages, check their own parameters.
    """

    def __init__(self) -> None:
        self._by_route: dict[tuple[str, str], tuple[set[str], set[str]]] = {}

    async def __call__(self, request: Request) -> None:
        """Check one request."""
        gate = gate_of(request)
        if gate is not None:
            await gate.check(request)
        self._refuse_undeclared(request)
        if request.method not in SAFE_METHODS:
            await require_form_token(request)

    def _refuse_undeclared(self, request: Request) -> None:
        route = request.scope.get("route")
        if not request.query_params or not isinstance(route, APIRoute):
            return
        if route.include_in_schema:
            place = (route.path, request.method)
            if place not in self._by_route:
                self._by_route[place] = _declared(route.dependant)
            strict_query(request, *self._by_route[place])


def _declared(dependant: Dependant) -> tuple[set[str], set[str]]:
    """Return the query parameters of a route, and those of them that may be repeated."""
    fields = [each for each in get_flat_params(dependant) if isinstance(each.field_info, Query)]
    repeatable = (
        each for each in fields if field_annotation_is_sequence(each.field_info.annotation)
    )
    return {each.alias for each in fields}, {each.alias for each in repeatable}


def strict_router(**options: Any) -> APIRouter:  # noqa: ANN401  those of a router
    """Return a router whose routes are checked; documented ones refuse undeclared parameters."""
    return APIRouter(dependencies=[Depends(RouteChecks())], **options)


def add_routes(app: FastAPI, router: APIRouter) -> None:
    """Add the routes of a strict router to an application.

    `include_router` would make each of them a second time, with the first request: a third of the
    time that a service takes to start.
    """
    if not any(isinstance(each.dependency, RouteChecks) for each in router.dependencies):
        raise TypeError("not a strict router")
    app.router.routes.extend(router.routes)
