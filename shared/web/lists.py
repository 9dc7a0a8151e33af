"""What every list has in common: pages by cursor, strict query parameters, CSV for spreadsheets."""

import base64
import binascii
import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from shared.errors import FieldError, broken, declare
from shared.events.canonical import MOST_ERRORS
from shared.events.payload import EXACT_INTEGER
from shared.events.pointers import pointer, shortened
from shared.events.words import said
from shared.web.json_text import as_json
from shared.web.problems import parameter_error
from shared.web.representations import CHOSEN_BY, Form, representation_of

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1_000
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the machine's old code page
CSV_TYPE = "text/csv; charset=utf-8"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

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
    en="The cursor cannot be read; begin again with the first page.",
)

_T = TypeVar("_T")
_Shape = TypeVar("_Shape", int, str, bool, list[object], dict[str, object])


def strict_query(
    request: Request, allowed: Collection[str], repeatable: Collection[str] = ()
) -> None:
    """Refuse a query parameter that the address does not have, or that stands there twice."""
    stated = [name for name, _ in request.query_params.multi_items()]
    unknown = sorted(set(stated) - set(allowed))
    if unknown:
        errors = [
            FieldError(pointer([name]), said("không có tham số này", "unknown parameter"))
            for name in unknown[:MOST_ERRORS]
        ]
        named = ", ".join(shortened(name) for name in unknown[:MOST_ERRORS])
        raise broken(UNKNOWN_PARAMETER, errors, parameters=named)
    for name in stated:
        if name not in repeatable and stated.count(name) > 1:
            raise parameter_error(name, vi="chỉ được ghi một lần", en="may stand only once")


def encode_cursor(place: Mapping[str, object]) -> str:
    """Return a place in a list as URL-safe text: base64 of JSON, without padding."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode("ascii")


def decode_cursor(text: str) -> dict[str, object]:
    """Return the place that `encode_cursor` wrote; anything else is 422 `invalid_cursor`."""
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
    """Which part of a list is asked for: at most `limit` items after a place."""

    limit: int = DEFAULT_LIMIT
    place: Mapping[str, object] | None = None

    def after(self, name: str, default: _Shape) -> _Shape:
        """Return one member of the cursor, the default on the first page.

        A member of another type than the default is a cursor that nobody gave out: 422.
        """
        if self.place is None:
            return default
        value = self.place.get(name)
        if type(value) is not type(default):
            raise broken(INVALID_CURSOR)
        if isinstance(value, int) and abs(value) > EXACT_INTEGER:
            raise broken(INVALID_CURSOR)
        return value


def page_params(
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT, description="Items of a page.")] = (
        DEFAULT_LIMIT
    ),
    cursor: Annotated[
        str | None, Query(max_length=4096, description="`next` of the page before.")
    ] = None,
    format: Annotated[  # noqa: A002  the contract names it so; `representation_of` reads it
        str | None,
        Query(pattern="^(json|csv)$", description="`json` or `csv`; unstated: by `Accept`."),
    ] = None,
) -> Page:
    """Read the page that is asked for; a FastAPI dependency that also documents `format`."""
    del format
    return Page(limit, None if cursor is None else decode_cursor(cursor))


PageParams = Annotated[Page, Depends(page_params)]


def cut(found: Sequence[_T], limit: int) -> tuple[Sequence[_T], _T | None]:
    """Split what was read with `limit + 1` into the page, and its last item if more follow."""
    if len(found) <= limit:
        return found, None
    return found[:limit], found[limit - 1]


def csv_response(
    rows: Iterable[Mapping[str, object]],
    columns: Sequence[str],
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return rows as CSV (RFC 4180) in UTF-8 with a byte-order mark; lists stand as JSON text."""
    written = io.StringIO(newline="")
    written.write(BYTE_ORDER_MARK)
    writer = csv.writer(written)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return Response(written.getvalue(), media_type=CSV_TYPE, headers=dict(headers or {}))


def list_response(
    request: Request,
    items: Sequence[Mapping[str, object]],
    after: Mapping[str, object] | None,
    columns: Sequence[str],
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return one page as JSON or CSV; `after` is the place of its last item if more follow.

    CSV has no room for `next`, so both forms also say it in a `Link` header (RFC 8288).
    """
    cursor = encode_cursor(after) if after is not None else None
    stated = {"Vary": CHOSEN_BY, **(headers or {})}
    if cursor is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in kept if name != "cursor"]
        stated["Link"] = f'<?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
    if representation_of(request).form is Form.CSV:
        return csv_response(items, columns, stated)
    body = as_json({"items": items, "next": cursor})
    return Response(body, media_type="application/json", headers=stated)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return as_json(value).decode()
    # A spreadsheet would run text that begins like a formula; publishers write the texts.
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
