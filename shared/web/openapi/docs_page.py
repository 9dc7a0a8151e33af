"""/docs and /openapi.json: the documentation of the service, rendered on the server.

The page has no scripts and loads nothing from other hosts, so it also works in a closed network.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from jinja2 import FileSystemLoader, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from shared.errors import Language, declared
from shared.web.answers.accept import LANGUAGES, language_of
from shared.web.answers.page_templates import page_environment
from shared.web.answers.pagination import strict_query
from shared.web.answers.problems import parameter_error
from shared.web.server.safe_headers import policy_with_style

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "addresses": "Các địa chỉ",
        "body": "Nội dung gửi lên",
        "parameters": "Tham số",
        "answers": "Trả lời",
        "problems": "Mã lỗi",
        "problems_note": "Lỗi được trả lời theo RFC 9457 (application/problem+json); "
        "mã lỗi (code) không thay đổi.",
        "required": "bắt buộc",
        "status": "Trạng thái",
        "meaning": "Ý nghĩa",
        "code": "Mã",
        "machine": "Bản mô tả cho máy (OpenAPI)",
        "table": "Bảng",
        "other": "English",
    },
    "en": {
        "addresses": "Addresses",
        "body": "What is sent",
        "parameters": "Parameters",
        "answers": "Answers",
        "problems": "Problem codes",
        "problems_note": "Errors are returned as RFC 9457 (application/problem+json); "
        "a code never changes.",
        "required": "required",
        "status": "Status",
        "meaning": "Meaning",
        "code": "Code",
        "machine": "Machine-readable description (OpenAPI)",
        "table": "Table",
        "other": "Tiếng Việt",
    },
}


def add_docs(app: FastAPI) -> None:
    """Add the two routes to an application."""

    @app.get("/openapi.json", include_in_schema=False)
    def openapi_json(request: Request) -> Response:
        strict_query(request, ())
        return Response(orjson.dumps(app.openapi()), media_type="application/json")

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        strict_query(request, ("lang",))
        language = _chosen_language(request)
        page = render(app.openapi(), language)
        headers = {
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Content-Security-Policy": policy_with_style(page),
        }
        return HTMLResponse(page, headers=headers)


def render(document: Mapping[str, Any], language: Language) -> str:
    """Return the HTML page of an OpenAPI document."""
    info = document["info"]
    return _template().render(
        language=language,
        other=next(each for each in LANGUAGES if each != language),
        words=_WORDS[language],
        title=info.get("x-title-vi", info["title"]) if language == "vi" else info["title"],
        version=info["version"],
        description=_said(info, "description", language),
        operations=list(_operations(document, language)),
        rules=[(rule.code, rule.status, rule.words(language, {})) for rule in declared()],
    )


def _chosen_language(request: Request) -> Language:
    stated = request.query_params.get("lang")
    if stated is None:
        return language_of(request)
    for language in LANGUAGES:
        if stated == language:
            return language
    raise parameter_error("lang", vi="phải là vi hoặc en", en="must be vi or en")


def _operations(document: Mapping[str, Any], language: Language) -> Iterator[Mapping[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "summary": _said(operation, "summary", language),
                "description": _said(operation, "description", language),
                "bodies": list(_bodies(operation)),
                "parameters": [
                    _parameter(each, language) for each in operation.get("parameters", ())
                ],
                "responses": [
                    (status, _said(response, "description", language), list(_types(response)))
                    for status, response in operation["responses"].items()
                ],
            }


def _bodies(operation: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield each media type of a request body, and the names of its schemas."""
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        choices = body["schema"].get("oneOf", ())
        yield media_type, [each["$ref"].rpartition("/")[2] for each in choices if "$ref" in each]


def _parameter(parameter: Mapping[str, Any], language: Language) -> Mapping[str, Any]:
    schema = parameter.get("schema", {})
    words = schema.get("x-description-vi") if language == "vi" else None
    return {
        "name": parameter["name"],
        "required": parameter.get("required", False),
        "default": schema.get("default"),
        "description": words or parameter.get("description", ""),
    }


def _types(response: Mapping[str, Any]) -> Iterator[str]:
    yield from response.get("content", {})


def _said(part: Mapping[str, Any], what: str, language: Language) -> str:
    """Return a text in the language, by default in English."""
    english = part.get(what, "")
    return str(part.get(f"x-{what}-vi", english) if language == "vi" else english)


@cache
def _template() -> Template:
    folder = FileSystemLoader(Path(__file__).parent)
    return page_environment(folder).get_template("docs_page.html")
