"""Error responses: application/problem+json (RFC 9457) with a stable code.

Browsers get an HTML page instead (`app.state.problem_page`).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from shared.errors import FieldError, Language, LedgerError, Problem, Unavailable, declare
from shared.events.bilingual import said
from shared.events.json_pointer import shortened
from shared.telemetry.metrics import METHODS
from shared.web.answers.accept import language_of
from shared.web.answers.json_response import as_json
from shared.web.answers.problem_pages import problem_page, reader_language, wants_page

PROBLEM_JSON = "application/problem+json"
RETRY_STATUSES = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

NO_SUCH_PAGE = declare(
    "no_such_page",
    404,
    vi="Không có địa chỉ {path} ở dịch vụ này; danh mục các địa chỉ ở /docs.",
    en="There is no {path} in this service; /docs lists all addresses.",
)
METHOD_NOT_ALLOWED = declare(
    "method_not_allowed",
    405,
    vi="Địa chỉ {path} không nhận phương thức {method}.",
    en="{path} does not support the method {method}.",
)
INVALID_PARAMETER = declare(
    "invalid_parameter",
    422,
    vi="Tham số của yêu cầu không hợp lệ; mục errors nói rõ từng tham số.",
    en="A parameter of the request is invalid; errors names each.",
)
BAD_REQUEST = declare(
    "bad_request",
    400,
    vi="Yêu cầu không đọc được.",
    en="The request cannot be read.",
)
INTERNAL_ERROR = declare(
    "internal_error",
    500,
    vi="Dịch vụ gặp lỗi của chính nó. Hãy gửi lại; nếu lỗi lặp lại, hãy báo người vận hành.",
    en="An internal error occurred. Try again; if it persists, inform the operator.",
)

Page = Callable[[Request, Problem, Mapping[str, str]], Response]
"""Renders a problem as a page, with these headers."""

_logger = logging.getLogger("dvk.web")


def problem_response(
    problem: Problem, language: Language, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem as a response in the reader's language; 429 and 503 have Retry-After."""
    return Response(
        as_json(problem.as_json(language)),
        status_code=problem.rule.status,
        headers=_headers(problem, language, headers),
        media_type=PROBLEM_JSON,
    )


def _headers(
    problem: Problem, language: Language, more: Mapping[str, str] | None
) -> dict[str, str]:
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language", **(more or {})}
    if problem.rule.status == HTTPStatus.UNAUTHORIZED:
        headers.setdefault("WWW-Authenticate", "dvk-events")  # RFC 9110, 15.5.2
    if problem.rule.status in RETRY_STATUSES:
        headers.setdefault("Retry-After", "1")
    return headers


def problem_answer(
    request: Request,
    problem: Problem,
    headers: Mapping[str, str] | None = None,
    *,
    page: Page | None = None,
) -> Response:
    """Return a problem in the negotiated form and language; `page` is the service's."""
    if not wants_page(request):
        return problem_response(problem, language_of(request), headers)
    if page is None:
        page = getattr(request.app.state, "problem_page", problem_page)
    return page(request, problem, _headers(problem, reader_language(request), headers))


def parameter_error(name: str, *, vi: str, en: str) -> LedgerError:
    """Return the error for one invalid query parameter."""
    return LedgerError(Problem(INVALID_PARAMETER, {}, (FieldError(f"/{name}", said(vi, en)),)))


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of an application as a problem."""
    app.add_exception_handler(LedgerError, _ledger_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _hung_up)
    app.add_exception_handler(Exception, _unexpected)


async def _ledger_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, LedgerError):
        raise error
    headers = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return problem_answer(request, error.problem, headers)


async def _invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    problem = Problem(INVALID_PARAMETER, {}, tuple(_field_errors(error.errors())))
    return problem_answer(request, problem)


def _field_errors(errors: Iterable[Mapping[str, Any]]) -> Iterable[FieldError]:
    """Convert Pydantic's locations ("query", "limit") to pointers ("/limit")."""
    for error in errors:
        _place, *steps = error["loc"]
        pointer = "".join(f"/{_escaped(step)}" for step in steps)
        yield FieldError(pointer, detail_of(error))


def _escaped(step: object) -> str:
    """Return one step of a JSON pointer (RFC 6901, section 3)."""
    return str(step).replace("~", "~0").replace("/", "~1")


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            problem = Problem(NO_SUCH_PAGE, {"path": shortened(request.url.path)})
        case HTTPStatus.METHOD_NOT_ALLOWED:
            problem = Problem(
                METHOD_NOT_ALLOWED,
                {"path": shortened(request.url.path), "method": shortened(request.method)},
            )
            return problem_answer(request, problem, {"Allow": _allowed(request)})
        case _:
            problem = Problem(BAD_REQUEST)
    return problem_answer(request, problem, error.headers)


def _allowed(request: Request) -> str:
    """Return all methods of a path (RFC 9110, 10.2.1), collected from its routes."""

    def answered(method: str) -> bool:
        asked = {**request.scope, "method": "GET" if method == "HEAD" else method}
        return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(filter(answered, METHODS))


async def _hung_up(request: Request, _error: Exception) -> Response:
    """Return a response to an incomplete body; the client has gone."""
    return problem_response(Problem(BAD_REQUEST), language_of(request))


async def _unexpected(request: Request, error: Exception) -> Response:
    _logger.error("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    return problem_answer(request, Problem(INTERNAL_ERROR))


_VIETNAMESE: Mapping[str, str] = {
    "missing": "bắt buộc phải có",
    "int_parsing": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "bool_parsing": "phải là true hoặc false",
    "date_parsing": "phải là ngày dạng NNNN-TT-NN",
    "date_from_datetime_parsing": "phải là ngày dạng NNNN-TT-NN",
    "datetime_parsing": "phải là thời điểm có múi giờ",
    "greater_than_equal": "không được nhỏ hơn {ge}",
    "less_than_equal": "không được lớn hơn {le}",
    "string_too_short": "phải có ít nhất {min_length} ký tự",
    "string_too_long": "không được quá {max_length} ký tự",
    "string_pattern_mismatch": "phải khớp với mẫu {pattern}",
    "enum": "phải là một trong {expected}",
    "literal_error": "phải là một trong {expected}",
}


def detail_of(error: Mapping[str, Any]) -> str:
    """Return the message of a validation error; in English only if there is no translation."""
    english = str(error["msg"])
    template = _VIETNAMESE.get(error["type"])
    if template is None:
        return english
    try:
        return said(template.format_map(error.get("ctx", {})), english)
    except KeyError:
        return english
