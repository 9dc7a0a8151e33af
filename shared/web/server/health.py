"""Health checks: liveness, and readiness with each dependency of the service."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.errors import LedgerError, Problem, declare
from shared.web.answers.accept import language_of
from shared.web.answers.problems import problem_response
from shared.web.openapi.responses import json_response, problem_responses, response, summary
from shared.web.server.declared_parameters import strict_router

NOT_READY = declare(
    "not_ready",
    503,
    vi="Dịch vụ chưa sẵn sàng: {failing}.",
    en="The service is not ready: {failing}.",
)
_logger = logging.getLogger("dvk.web")


@dataclass(frozen=True, slots=True)
class Check:
    """A dependency of a service; `test` raises an error with the reason if it fails.

    A service is ready without dependencies that are not `required`: Redis only affects latency.
    """

    name: str
    test: Callable[[], object]
    required: bool = True


def health_router(
    checks: Sequence[Check],
    registry: CollectorRegistry,
    *,
    refresh: Callable[[], object] | None = None,
) -> APIRouter:
    """Return the routes /healthz (the process answers), /readyz (it is ready) and /metrics.

    `refresh` updates metrics without callbacks before they are read.
    """
    router = strict_router(tags=["health"])

    @router.get(
        "/healthz",
        **summary(en="The process is alive", vi="Tiến trình đang chạy"),
        responses={
            200: json_response("alive", {"status": {"const": "ok"}}, vi="đang chạy"),
            **problem_responses(422),
        },
    )
    async def healthz() -> Response:
        return JSONResponse({"status": "ok"})

    @router.get(
        "/readyz",
        **summary(en="The service can do its work", vi="Dịch vụ làm việc được"),
        responses={
            200: json_response(
                "ready",
                {"status": {"const": "ready"}, "checks": {"type": "object"}},
                vi="sẵn sàng",
            ),
            **problem_responses(422, 503),
        },
    )
    def readyz(request: Request) -> Response:
        found = {check.name: _tested(check) for check in checks}
        failing = [check.name for check in checks if check.required and not found[check.name]["ok"]]
        if failing:
            problem = Problem(NOT_READY, {"failing": ", ".join(failing), "checks": found})
            return problem_response(problem, language_of(request))
        return JSONResponse({"status": "ready", "checks": found})

    @router.get(
        "/metrics",
        **summary(
            en="Metrics in the text format of Prometheus",
            vi="Số đo theo định dạng của Prometheus",
        ),
        responses={
            200: response({}, en="the metrics", vi="các số đo", media_type="text/plain"),
            **problem_responses(422),
        },
        response_class=Response,
    )
    def metrics() -> Response:
        if refresh is not None:
            refresh()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _tested(check: Check) -> Mapping[str, object]:
    """Return the result of one check; the reason is one line, without URLs and passwords."""
    try:
        check.test()
    except LedgerError as error:
        _logger.warning("check %s failed: %s", check.name, error)
        return {"ok": False, "required": check.required, "reason": str(error)}
    except Exception as error:  # any error is the result of the check
        _logger.warning("check %s failed", check.name, exc_info=error)
        return {"ok": False, "required": check.required, "reason": type(error).__name__}
    return {"ok": True, "required": check.required}
