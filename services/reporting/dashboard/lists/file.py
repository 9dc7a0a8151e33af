"""A list of a page as a file: every row of it, in the order of the page, with every column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from services.reporting.api.file_names import named
from services.reporting.api.provenance import origin
from services.reporting.dashboard.lists.page import AskedList, asked_list
from shared.web.answers.csv_tables import CsvWriter, Style
from shared.web.answers.list_answers import CSV_TYPE, attachment
from shared.web.answers.representations import Form
from shared.web.files.list_file import LIST_PAGE, list_table
from shared.web.files.office_answers import office_response
from shared.web.files.office_table import OfficeFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from shared.web.answers.csv_tables import Row


class ListFile:
    """The whole of an asked list, read a thousand rows at a time while it is written."""

    def __init__(self, asked: AskedList) -> None:
        self._asked = asked
        self._style = Style(asked.context.choice.lang, worded=True)

    @classmethod
    def of(cls, context: PageContext, parameters: Mapping[str, str]) -> ListFile:
        """Return the file of the list that an address asks for."""
        return cls(asked_list(context, parameters))

    def response(self, context: PageContext, form: Form, address: str) -> Response:
        """Return the list in a format, in the language of the page."""
        del context  # the list may be of an earlier position
        asked = self._asked
        of, filters = asked.context, asked.query.list_query.filters
        language, words = of.choice.lang, of.words
        called = (words(f"list_{asked.declared.name}"),) * 2
        stated = (*filters.dimensions.values(), *asked.query.equal.values())
        parts = named(
            of.reads,
            called,
            of.as_of,
            known_at=of.choice.known_at,
            unit_id=of.unit,
            year=filters.plan_year,
            map_=of.map,
            also=[str(each) for each in stated if each],
        )(language)
        headers = {
            "Content-Disposition": attachment(parts, form.value),
            "Content-Language": language,
        }
        if form is Form.CSV:
            return StreamingResponse(self._lines(), media_type=CSV_TYPE, headers=headers)
        about = origin(
            of.reads,
            called,
            of.as_of,
            known_at=of.choice.known_at,
            unit_id=of.unit,
            years=() if filters.plan_year is None else (filters.plan_year,),
            map_=of.map,
        )(language, address)
        table = list_table(asked.declared.table, self._style, self._parts())
        return office_response(OfficeFile(about, [table], page=LIST_PAGE), form, headers)

    def _parts(self) -> Iterator[Sequence[Row]]:
        of = self._asked.context
        for items in of.reads.sorted.parts(self._asked.query):
            yield list(of.reads.labelled(items, of.as_of, self._style))

    def _lines(self) -> Iterator[bytes]:
        writer = CsvWriter(self._asked.declared.table, self._style)
        yield writer.head()
        for rows in self._parts():
            yield writer.lines(rows)
