"""OpenAPI responses of routes, so that every response is documented."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

COUNT: Mapping[str, Any] = {"type": "integer"}
TEXT: Mapping[str, Any] = {"type": "string"}
MAYBE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
NEXT: Mapping[str, Any] = {**MAYBE_TEXT, "description": "`cursor` of the next page"}
PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457; `code` is stable and listed in docs/problems.md.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
REFERENCE_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["kind", "id"],
    "properties": {"kind": {"type": "string"}, "id": {"type": "string"}},
}
ITEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "The outcome of one event, the same over HTTP and in a receipt.",
    "required": ["id", "source", "status", "position", "chain", "problem"],
    "properties": {
        "id": {"type": ["string", "null"]},
        "source": {"type": ["string", "null"]},
        "status": {"enum": ["accepted", "duplicate", "parked", "refused", "invalid"]},
        "position": {"type": ["integer", "null"]},
        "chain": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        "problem": {"oneOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}]},
        # A boolean and not a constant: a generator for Python writes no valid code for `true`.
        "dry_run": {"type": "boolean", "description": "true: only decided, not stored"},
        "waiting_for": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Reference"},
        },
    },
}
SHARED_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "Problem": PROBLEM_SCHEMA,
    "Reference": REFERENCE_SCHEMA,
    "Item": ITEM_SCHEMA,
}
_BYTES: Mapping[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_OFFICE = "application/vnd.openxmlformats-officedocument"
FILES: Mapping[str, Mapping[str, Any]] = {
    "text/csv": {"schema": {"type": "string"}},
    f"{_OFFICE}.spreadsheetml.sheet": _BYTES,
    f"{_OFFICE}.wordprocessingml.document": _BYTES,
}
"""The formats of every table besides JSON."""
_REASONS: Mapping[int, tuple[str, str]] = {
    400: ("the body is not JSON", "nội dung không phải JSON"),
    401: ("it is not signed, and trust has begun", "chưa được ký, mà chế độ ký số đã bắt đầu"),
    403: (
        "the key or the signature is wrong, or its publisher may not speak for these units",
        "khóa hoặc chữ ký không đúng, hoặc nơi gửi không được nói thay các đơn vị này",
    ),
    404: ("the requested resource does not exist", "không có dữ liệu được yêu cầu"),
    409: (
        "a rule refuses it, or the id was used for other content",
        "trái quy tắc, hoặc mã sự kiện đã dùng cho nội dung khác",
    ),
    412: ("the stream is not at the expected version", "luồng không ở đúng phiên bản mong đợi"),
    413: ("larger than the limits of the contract", "vượt quá giới hạn kích thước"),
    415: ("not a media type of the contract", "kiểu nội dung không được nhận"),
    422: (
        "a parameter or the event does not match the contract",
        "tham số hoặc sự kiện không đúng mẫu",
    ),
    429: (
        "overloaded; send again after Retry-After seconds",
        "đang quá tải; hãy gửi lại sau số giây ở Retry-After",
    ),
    503: (
        "temporarily unavailable; send again after Retry-After seconds",
        "tạm thời chưa làm được; hãy gửi lại sau số giây ở Retry-After",
    ),
}


def words(*, en: str, vi: str) -> dict[str, Any]:
    """Return a parameter's description in both languages, as arguments of FastAPI's `Query`."""
    return {"description": en, "json_schema_extra": {"x-description-vi": vi}}


def summary(*, en: str, vi: str) -> dict[str, Any]:
    """Return a route's summary in both languages, as arguments of a route."""
    return {"summary": en, "openapi_extra": {"x-summary-vi": vi}}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of statuses with a problem."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    english, vietnamese = _REASONS[status]
    response: dict[str, Any] = {
        "description": english,
        "x-description-vi": vietnamese,
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    }
    if status in {429, 503}:
        seconds = {"schema": {"type": "integer"}, "description": "seconds"}
        response["headers"] = {"Retry-After": seconds}
    return response


def reference(name: str) -> dict[str, str]:
    """Return a reference to a schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def response(
    schema: Mapping[str, Any], *, en: str, vi: str, media_type: str = "application/json"
) -> dict[str, Any]:
    """Return the OpenAPI response of a body, described in both languages."""
    content = {media_type: {"schema": dict(schema)}}
    return {"description": en, "x-description-vi": vi, "content": content}


def json_response(
    description: str, properties: Mapping[str, Any], *, vi: str | None = None
) -> dict[str, Any]:
    """Return the OpenAPI response of an object whose properties are all present."""
    return response(object_schema(properties), en=description, vi=vi or description)


def object_schema(
    properties: Mapping[str, Any] = MappingProxyType({}), **further: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the schema of an object whose properties are all present."""
    stated = {**properties, **further}
    return {"type": "object", "required": list(stated), "properties": stated}


def array_schema(items: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an array."""
    return {"type": "array", "items": dict(items)}


def list_responses(item: Mapping[str, Any], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a list: a page as JSON or CSV, and the problems."""
    properties = {
        "items": array_schema(item),
        "next": NEXT,
    }
    page = json_response("one page", properties, vi="một trang")
    page["content"] |= FILES
    return {200: page, **problem_responses(*statuses)}


def row_schema(columns: Sequence[str], **shapes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with these properties, all present; `shapes` has details."""
    return object_schema({column: dict(shapes.get(column, {})) for column in columns})
