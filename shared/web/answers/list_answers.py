"""Responses with lists: one page, or the whole list as a file, as JSON, CSV, xlsx or docx.

JSON and CSV are read page by page while they are sent, so their length is not limited. All pages
are of one position, which `Answering.read` has resolved before. An error on the way closes the
connection, so that an incomplete file is not mistaken for the whole.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.errors import Language
from shared.vocabulary.vietnamese import plain
from shared.web.answers.csv_tables import CsvWriter, ListTable, Row, Style
from shared.web.answers.json_response import as_json
from shared.web.answers.pagination import LARGEST_LIMIT, Listed, Page, encode_cursor
from shared.web.answers.representations import (
    CHOSEN_BY,
    OFFICE_TYPES,
    Form,
    Representation,
    reader_of,
    representation_of,
)
from shared.web.files.list_file import LIST_PAGE, list_table
from shared.web.files.office_answers import office_response
from shared.web.files.office_table import OfficeFile, Provenance
from shared.web.server.head_requests import asks_for_head

CSV_TYPE = "text/csv; charset=utf-8"
JSON_TYPE = "application/json"


def _as_they_are(items: Sequence[Row], _style: Style) -> Iterable[Row]:
    return items


@dataclass(frozen=True)
class Answering:
    """The content of a list response: a reader of pages, the table, and the file name.

    `rows` converts items to rows of the table, with labels that need a lookup; `name` returns the
    parts of the file name in the reader's language.
    """

    read: Callable[[Page], Listed]
    table: ListTable
    name: Callable[[Language], Iterable[str | None]]
    rows: Callable[[Sequence[Row], Style], Iterable[Row]] = field(default=_as_they_are)
    about: Callable[[Language, str], Provenance] | None = None
    """The origin of the figures by language and address, for office files."""


def list_response(
    request: Request,
    page: Page,
    answering: Answering,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a page, or the whole list if `format` or CSV is requested without limit or cursor.

    CSV has no place for `next`, so a page also has it in a `Link` header (RFC 8288).
    """
    chosen = representation_of(request)
    all_headers = {"Vary": CHOSEN_BY, **(headers or {})}
    csv: _Csv | None = None
    if chosen.language is not None and chosen.form is Form.CSV:
        csv = _Csv(answering, Style(chosen.language, chosen.worded))
    if chosen.language is not None:
        all_headers["Content-Language"] = chosen.language
    media_type = JSON_TYPE if csv is None else CSV_TYPE
    if chosen.whole:
        # The first page is read before the response starts, so that its errors become problems.
        pages = _pages(answering.read, answering.read(Page(LARGEST_LIMIT)))
        body = _json(pages) if csv is None else csv.all(pages)
        name = attachment(answering.name(reader_of(request)), chosen.form.value)
        if chosen.form in OFFICE_TYPES:
            all_headers["Content-Disposition"] = name
            return _office_response(request, chosen, answering, pages, all_headers)
        return StreamingResponse(
            () if asks_for_head(request) else body,
            media_type=media_type,
            headers={**all_headers, "Content-Disposition": name},
        )
    listed = answering.read(page)
    cursor = encode_cursor(listed.after) if listed.after is not None else None
    if cursor is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in kept if name != "cursor"]
        all_headers["Link"] = f'<?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
    if csv is None:
        content = as_json({**listed.beside, "items": listed.items, "next": cursor})
    else:
        content = b"".join(csv.all([listed]))
    return Response(content, media_type=media_type, headers=all_headers)


def _office_response(
    request: Request,
    chosen: Representation,
    answering: Answering,
    pages: Iterable[Listed],
    headers: Mapping[str, str],
) -> Response:
    """Return a list as a workbook or document, complete before it is sent."""
    style = Style(chosen.language or "vi", worded=True)
    parts = [part for part in answering.name(style.language) if part]
    about = (
        answering.about(style.language, str(request.url))
        if answering.about
        else Provenance(style.language, " · ".join(parts), facts=[("URL", str(request.url))])
    )
    rows = (list(answering.rows(listed.items, style)) for listed in pages)
    table = list_table(answering.table, style, rows)
    office = OfficeFile(about, [table], page=LIST_PAGE)
    return office_response(office, chosen.form, headers, head_only=asks_for_head(request))


def _pages(read: Callable[[Page], Listed], first: Listed) -> Iterator[Listed]:
    listed = first
    while True:
        yield listed
        if listed.after is None:
            return
        listed = read(Page(LARGEST_LIMIT, listed.after))


class _Csv:
    """Pages of a list as CSV, for one reader."""

    def __init__(self, answering: Answering, style: Style) -> None:
        self._writer = CsvWriter(answering.table, style)
        self._rows = answering.rows
        self._style = style

    def all(self, pages: Iterable[Listed]) -> Iterator[bytes]:
        """Yield the headings, then the lines page by page."""
        yield self._writer.head()
        for listed in pages:
            yield self._writer.lines(self._rows(listed.items, self._style))


def _json(pages: Iterator[Listed]) -> Iterator[bytes]:
    """Yield the JSON of one unlimited page: `{…, "items": […], "next": null}`."""
    between = b""
    for number, listed in enumerate(pages):
        if not number:
            yield as_json({**listed.beside, "items": []})[: -len(b"]}")]
        if listed.items:
            yield between + as_json(listed.items)[1:-1]
            between = b","
    yield b'],"next":null}'


LONGEST_PART = 60
_NO_LETTERS = re.compile(r"[\W_]+")
_NO_ASCII = re.compile(r"[^a-z0-9._-]+")


def attachment(parts: Iterable[str | None], ending: str) -> str:
    """Return a `Content-Disposition` (RFC 6266): the parts joined by `_`, the empty ones left out.

    `filename` is without accents, for clients that do not support `filename*`.
    """
    written = (_NO_LETTERS.sub("-", part.lower()).strip("-") for part in parts if part)
    name = "_".join(part[:LONGEST_PART].strip("-") for part in written if part)
    bare = _NO_ASCII.sub("-", plain(name)).strip("-") or "so-cai"
    return f"attachment; filename=\"{bare}.{ending}\"; filename*=UTF-8''{quote(name)}.{ending}"
