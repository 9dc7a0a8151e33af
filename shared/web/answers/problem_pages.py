"""Problems as HTML pages for browsers; programs get application/problem+json."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path

from jinja2 import FileSystemLoader, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shared.errors import Language, Problem
from shared.events.bilingual import half_of
from shared.web.answers.accept import LANGUAGES, MediaType, language_of, stated
from shared.web.answers.page_templates import page_environment
from shared.web.server.safe_headers import policy_with_style

_PAGE = MediaType("text/html", {"charset": "utf-8"})
_PROGRAM = (MediaType("application/problem+json", {}), MediaType("application/json", {}))
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "vi": {"not_found": "Không tìm thấy", "problem": "Không trả lời được"},
    "en": {"not_found": "Not found", "problem": "The request failed"},
}


def wants_page(request: Request) -> bool:
    """Return whether a person reads the problem: HTML is preferred to formats for programs.

    A client that accepts anything, as programs do, does not prefer a page.
    """
    accepted = stated(request, "accept")
    best = max(each.weight(accepted) for each in _PROGRAM)
    return request.method in {"GET", "HEAD"} and _PAGE.weight(accepted) > best


def reader_language(request: Request) -> Language:
    """Return the language of a page: from its URL, else by `Accept-Language`."""
    asked = request.query_params.get("lang")
    return next((each for each in LANGUAGES if each == asked), language_of(request))


def problem_page(request: Request, problem: Problem, headers: Mapping[str, str]) -> Response:
    """Return a problem as a standalone page, without the layout of the service."""
    language, rule = reader_language(request), problem.rule
    page = _template().render(
        language=language,
        heading=_WORDS[language]["not_found" if rule.status == HTTPStatus.NOT_FOUND else "problem"],
        detail=rule.words(language, problem.params),
        errors=[
            (each.pointer.removeprefix("/"), half_of(each.detail, language))
            for each in problem.errors
        ],
    )
    return HTMLResponse(
        page, rule.status, {**headers, "Content-Security-Policy": policy_with_style(page)}
    )


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    return page_environment(folder).get_template("problem_page.html")
