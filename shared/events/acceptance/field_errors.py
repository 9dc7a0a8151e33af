"""Translation of Pydantic's errors to JSON pointers and messages for publishers."""

from collections.abc import Iterator, Mapping
from json import loads
from typing import Any

from pydantic import ValidationError

from shared.errors import FieldError
from shared.events.bilingual import said
from shared.events.json_pointer import pointer
from shared.events.payloads.payload import (
    DAY_PATTERN,
    DIGEST_PATTERN,
    ID_PATTERN,
    LINES_PATTERN,
    REASON_PATTERN,
    SHA256_PATTERN,
    TITLE_PATTERN,
)

_PATTERNS = {
    ID_PATTERN: said("1–64 ký tự trong A-Z a-z 0-9 . _ -", "1–64 of A-Z a-z 0-9 . _ -"),
    TITLE_PATTERN: said(
        "một dòng có chữ nhìn thấy được, không có ký tự điều khiển hay ký tự ngắt dòng",
        "one line with a visible character, without control characters or line separators",
    ),
    REASON_PATTERN: said(
        "phải có chữ nhìn thấy được; không có ký tự điều khiển ngoài xuống dòng và tab",
        "at least one visible character; no control characters but newline and tab",
    ),
    LINES_PATTERN: said(
        "không có ký tự điều khiển ngoài xuống dòng và tab",
        "no control characters but newline and tab",
    ),
    DAY_PATTERN: said("ngày viết dạng YYYY-MM-DD", "a date is written YYYY-MM-DD"),
    SHA256_PATTERN: said("64 chữ số hex viết thường", "64 lower-case hex digits"),
    DIGEST_PATTERN: said("sha256: và 64 chữ số hex", "sha256: and 64 hex digits"),
}
_WORDS = {
    "missing": said("thiếu trường bắt buộc", "this field is required"),
    "extra_forbidden": said("hợp đồng không có trường này", "the contract has no such field"),
    "string_type": said("phải là chuỗi ký tự", "must be a text"),
    "list_type": said("phải là danh sách", "must be a list"),
    "dict_type": said("phải là đối tượng JSON", "must be a JSON object"),
    "model_type": said("phải là đối tượng JSON", "must be a JSON object"),
    "int_type": said("phải là số nguyên", "must be an integer"),
    "int_from_float": said("phải là số nguyên", "must be an integer"),
    "number_type": said("phải là số", "must be a number"),
    "bool_type": said("phải là true hoặc false", "must be true or false"),
    "enum": said("phải là một trong: {expected}", "must be one of: {expected}"),
    "string_too_short": said("không được để trống", "must not be empty"),
    "string_too_long": said("dài quá {max_length} ký tự", "longer than {max_length} characters"),
    "too_short": said("cần ít nhất {min_length} mục", "at least {min_length} items"),
    "greater_than_equal": said("phải từ {ge} trở lên", "must be {ge} or more"),
    "less_than_equal": said("phải không quá {le}", "must be {le} or less"),
    "date_from_datetime_parsing": said("ngày không có thật", "there is no such day"),
    "date_parsing": said("ngày không có thật", "there is no such day"),
    "value_error": "{error}",
}
_SHAPE_ERRORS = frozenset({"string_type", "list_type"})
_MOST_EXAMINED = 1_000  # nearly every byte of 64 KiB may be wrong; a problem names few places


def field_errors(error: ValidationError, data: bytes, *, most: int) -> tuple[FieldError, ...]:
    """Return at most `most` field errors in JSON data, with pointers from the event (`/data/…`)."""
    sent = loads(data)
    found: dict[str, list[str]] = {}
    shapes: set[str] = set()
    for entry in error.errors(include_url=False, include_input=False)[:_MOST_EXAMINED]:
        place = pointer(["data", *_steps(entry["loc"], sent)])
        detail = _detail(entry["type"], entry.get("ctx", {}), entry["msg"])
        details = found.setdefault(place, [])
        if detail not in details:
            details.append(detail)
        if entry["type"] in _SHAPE_ERRORS:
            shapes.add(place)
    # A list of texts with one bad item also fails as a text: only the item is reported.
    containers = {outer for place in found for outer in _containers(place)} if shapes else set()
    pointers = [place for place in found if place not in shapes or place not in containers]
    return tuple(FieldError(p, " / ".join(found[p])) for p in pointers[:most])


def _containers(place: str) -> Iterator[str]:
    """Yield the pointers to the containers of a place."""
    end = place.rfind("/")
    while end > 0:
        yield place[:end]
        end = place.rfind("/", 0, end)


def _steps(loc: tuple[int | str, ...], data: object) -> list[int | str]:
    """Follow a location into the data, skipping the names of union branches."""
    steps: list[int | str] = []
    for number, step in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(data, dict) and isinstance(step, str) and (step in data or last):
            if step != "[key]":
                steps.append(step)
                data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            steps.append(step)
            data = data[step]
    return steps


def _detail(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context.get("pattern")), message)
    words = _WORDS.get(kind)
    return words.format_map(context) if words else message
