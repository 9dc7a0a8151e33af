"""How a list is answered: a page of it, or all of it as a file, as JSON or as CSV.

A file is read a page after another while it is sent, so that it may be as long as it likes. All
its pages are of one position: whoever reads them has resolved it before. What fails on the way
breaks the connection off, for the beginning of a file must not be taken for the whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.errors import Language
from shared.web.answers.csv_tables import CsvWriter, ListTable, Row, Style
from shared.web.answers.file_names import attachment
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
from shared.web.server.application import asks_for_head

CSV_TYPE = "text/csv; charset=utf-8"
JSON_TYPE = "application/json"


def _as_they_are(items: Sequence[Row], _style: Style) -> Iterable[Row]:
    return items


@dataclass(frozen=True)
class Answering:
    """What is answered: who reads a page of it, its table, and what a file of it is called.

    `rows` makes rows of the table from items, with labels that need more than words; a file's name
    is made of `name` in the reader's language.
    """

    read: Callable[[Page], Listed]
    table: ListTable
    name: Callable[[Language], Iterable[str | None]]
    rows: Callable[[Sequence[Row], Style], Iterable[Row]] = field(default=_as_they_are)
    about: Callable[[Language, str], Provenance] | None = None
    """Where the figures come from, by language and address, for files of an office."""


def list_response(
    request: Request,
    page: Page,
    answering: Answering,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a page, or with `format` (or CSV by `Accept`) and without limit and cursor, all.

    CSV has no room for `next`, so a page also says it in a `Link` header (RFC 8288).
    """
    chosen = representation_of(request)
    stated = {"Vary": CHOSEN_BY, **(headers or {})}
    written: _Csv | None = None
    if chosen.language is not None and chosen.form is Form.CSV:
        written = _Csv(answering, Style(chosen.language, chosen.worded))
    if chosen.language is not None:
        stated["Content-Language"] = chosen.language
    media_type = JSON_TYPE if written is None else CSV_TYPE
    if chosen.whole:
        # What cannot be answered at all is a problem: the first page is read before it begins.
        pages = _pages(answering.read, answering.read(Page(LARGEST_LIMIT)))
        body = _json(pages) if written is None else written.all(pages)
        name = attachment(answering.name(reader_of(request)), chosen.form.value)
        if chosen.form in OFFICE_TYPES:
            stated["Content-Disposition"] = name
            return _office_response(request, chosen, answering, pages, stated)
        return StreamingResponse(
            () if asks_for_head(request) else body,
            media_type=media_type,
            headers={**stated, "Content-Disposition": name},
        )
    listed = answering.read(page)
    cursor = encode_cursor(listed.after) if listed.after is not None else None
    if cursor is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in kept if name != "cursor"]
        stated["Link"] = f'<?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
    if written is None:
        content = as_json({**listed.beside, "items": listed.items, "next": cursor})
    else:
        content = b"".join(written.all([listed]))
    return Response(content, media_type=media_type, headers=stated)


def _office_response(
    request: Request,
    chosen: Representation,
    answering: Answering,
    pages: Iterable[Listed],
    headers: Mapping[str, str],
) -> Response:
    """Return a list as a workbook or document, made whole before it is sent."""
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
    """The pages of a list as CSV, for one reader."""

    def __init__(self, answering: Answering, style: Style) -> None:
        self._writer = CsvWriter(answering.table, style)
        self._rows = answering.rows
        self._style = style

    def all(self, pages: Iterable[Listed]) -> Iterator[bytes]:
        """Yield the headings, then the lines of a page after another."""
        yield self._writer.head()
        for listed in pages:
            yield self._writer.lines(self._rows(listed.items, self._style))


def _json(pages: Iterator[Listed]) -> Iterator[bytes]:
    """Yield what a page would say that has no end: `{…, "items": […], "next": null}`."""
    between = b""
    for number, listed in enumerate(pages):
        if not number:
            yield as_json({**listed.beside, "items": []})[: -len(b"]}")]
        if listed.items:
            yield between + as_json(listed.items)[1:-1]
            between = b","
    yield b'],"next":null}'
