"""Pagination of lists by cursor, and strict query parameters."""

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple, TypeVar

import orjson
from fastapi import Depends, Query
from starlette.requests import Request

from shared.errors import FieldError, broken, declare
from shared.events.acceptance.normalization import MOST_ERRORS
from shared.events.bilingual import said
from shared.events.json_pointer import pointer, shortened
from shared.events.payloads.payload import EXACT_INTEGER
from shared.web.answers.problems import parameter_error
from shared.web.openapi.responses import words

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1_000

UNKNOWN_PARAMETER = declare(
    "unknown_parameter",
    422,
    vi="Tham số không có ở địa chỉ này: {parameters}.",
    en="This address has no such parameter: {parameters}.",
)
INVALID_CURSOR = declare(
    "invalid_cursor",
    422,
    vi="Con trỏ trang không đọc được; hãy bắt đầu lại từ trang đầu.",
    en="The cursor is invalid; start again with the first page.",
)

_T = TypeVar("_T")
_Shape = TypeVar("_Shape", int, str, bool, list[object], dict[str, object])


def strict_query(
    request: Request, allowed: Collection[str], repeatable: Collection[str] = ()
) -> None:
    """Refuse a query parameter that is unknown to the path, or repeated."""
    names = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted(set(names) - set(allowed))
    if unknown:
        errors = [
            FieldError(pointer([name]), said("không có tham số này", "unknown parameter"))
            for name in unknown[:MOST_ERRORS]
        ]
        named = ", ".join(shortened(name) for name in unknown[:MOST_ERRORS])
        raise broken(UNKNOWN_PARAMETER, errors, parameters=named)
    for name in names:
        if name not in repeatable and names.count(name) > 1:
            raise parameter_error(name, vi="chỉ được ghi một lần", en="must not be repeated")


def encode_cursor(place: Mapping[str, object]) -> str:
    """Return a position in a list as URL-safe text: base64 of JSON, without padding."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode("ascii")


def decode_cursor(text: str) -> dict[str, object]:
    """Return the position that `encode_cursor` wrote; anything else is 422 `invalid_cursor`."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place = orjson.loads(raw)
    except (ValueError, binascii.Error) as error:
        raise broken(INVALID_CURSOR) from error
    if not isinstance(place, dict):
        raise broken(INVALID_CURSOR)
    return place


@dataclass(frozen=True, slots=True)
class Page:
    """The requested part of a list: at most `limit` items after a position."""

    limit: int = DEFAULT_LIMIT
    place: Mapping[str, object] | None = None

    def after(self, name: str, default: _Shape) -> _Shape:
        """Return one member of the cursor, or the default on the first page.

        A member of another type than the default is no cursor of this service: 422.
        """
        if self.place is None:
            return default
        value = self.place.get(name)
        if type(value) is not type(default):
            raise broken(INVALID_CURSOR)
        if isinstance(value, int) and abs(value) > EXACT_INTEGER:
            raise broken(INVALID_CURSOR)
        return value


class Listed(NamedTuple):
    """One page, the position of its last item if more follow, and members next to `items`."""

    items: Sequence[dict[str, Any]]
    after: Mapping[str, object] | None
    beside: Mapping[str, object] = MappingProxyType({})


FormatParam = Annotated[
    str | None,
    Query(
        pattern="^(json|csv|xlsx|docx)$",
        **words(
            en="`json`, `csv`, `xlsx` or `docx`; default: by `Accept`. CSV, and an explicit "
            "`format=json`, return the whole list as one file, unless `limit` or `cursor` requests "
            "a page; `xlsx` (up to 1,048,000 rows) and `docx` (up to 5,000) are always whole.",
            vi="`json`, `csv`, `xlsx` hoặc `docx`; không ghi: theo `Accept`. CSV, và "
            "`format=json` khi ghi rõ, là một tệp có đủ mọi mục, trừ khi `limit` hoặc `cursor` "
            "yêu cầu một trang; `xlsx` (đến 1.048.000 dòng) và `docx` (đến 5.000 dòng) luôn có đủ.",
        ),
    ),
]
LangParam = Annotated[
    str | None,
    Query(
        pattern="^(vi|en)$",
        **words(
            en="CSV: headings and labels in `vi` or `en`, for people. Default: the columns' own "
            "names, with numbers and labels by `Accept-Language`. `xlsx` and `docx`: the "
            "language, by default that of `Accept-Language`.",
            vi="Đối với CSV: tiêu đề và chữ bằng tiếng Việt (`vi`) hoặc tiếng Anh (`en`), cho "
            "người đọc. Không ghi: tên cột theo hợp đồng, số và nhãn theo `Accept-Language`. Đối "
            "với `xlsx` và `docx`: ngôn ngữ của tệp, không ghi thì theo `Accept-Language`.",
        ),
    ),
]


def page_params(
    limit: Annotated[
        int,
        Query(
            ge=1,
            le=LARGEST_LIMIT,
            **words(en="Items of a page.", vi="Số mục của một trang."),
        ),
    ] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None,
        Query(
            max_length=4096,
            **words(en="`next` of the previous page.", vi="`next` của trang trước."),
        ),
    ] = None,
    format: FormatParam = None,  # noqa: A002  the contract's name; `representation_of` reads it
    lang: LangParam = None,
) -> Page:
    """Return the requested page; a FastAPI dependency that also documents `format` and `lang`."""
    del format, lang
    return Page(limit, None if cursor is None else decode_cursor(cursor))


PageParams = Annotated[Page, Depends(page_params)]


def cut(found: Sequence[_T], limit: int) -> tuple[Sequence[_T], _T | None]:
    """Split `limit + 1` items into the page, and its last item if more follow."""
    if len(found) <= limit:
        return found, None
    return found[:limit], found[limit - 1]
