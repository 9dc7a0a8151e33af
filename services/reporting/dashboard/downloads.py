"""The downloads of a page: addresses of whole files, and the tables that only a page has."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from starlette.responses import Response

from services.reporting.api.file_names import named
from services.reporting.api.find import FOUND_FILE, found_rows
from services.reporting.api.list_tables import FOUND
from services.reporting.api.provenance import origin
from services.reporting.dashboard.comparing.shown_tables import derived_heading, labels_of
from services.reporting.dashboard.comparing.table_choice import DERIVED
from services.reporting.dashboard.comparing.table_rows import value_of
from services.reporting.dashboard.pages.changes import changes_page
from services.reporting.dashboard.pages.find import asked_words
from services.reporting.dashboard.pages.table import table_of
from services.reporting.dashboard.pages.years import years_page
from services.reporting.queries.cross_tables import measures_of, read_by
from services.reporting.queries.finding.entry_search import MOST
from services.reporting.queries.finding.finder import KINDS
from shared.vocabulary import Dimension, Measure
from shared.vocabulary.code_words import CODE_WORDS
from shared.web.answers.csv_tables import CsvWriter, ListTable, Style, label_of
from shared.web.answers.list_answers import CSV_TYPE, attachment
from shared.web.answers.representations import Form
from shared.web.files.list_file import LIST_PAGE, list_table
from shared.web.files.office_answers import office_response
from shared.web.files.office_table import OfficeFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from shared.vocabulary.code_words import Both

_MEASURES = tuple(map(str, Measure))
_YEARS = ListTable(
    ("year", *_MEASURES, "unallocated", "closed_at"),
    headings=CODE_WORDS["measure"],
)
_CHANGES = ListTable(("measure", "before", "after", "difference"), frozenset({"measure"}))
_UNITS = ListTable(
    ("unit_id", "level", "inside", "formerly", "valid_from", "valid_to", "on_map"),
    frozenset({"unit_id", "level"}),
)


class PageFile(Protocol):
    """A download of a page."""

    def response(self, context: PageContext, form: Form, address: str) -> Response:
        """Return it in a format, in the language of the page."""


class Kept(NamedTuple):
    """A table of a page, the name of its file, and its rows."""

    table: ListTable
    called: Both
    rows: Sequence[Mapping[str, Any]]
    also: tuple[str | None, ...] = ()
    years: tuple[int, ...] = ()
    notes: Sequence[str] = ()

    def response(self, context: PageContext, form: Form, address: str) -> Response:
        """Return the table as a file in the language of the page."""
        language = context.choice.lang
        style = Style(language, worded=True)
        name = named(
            context.reads,
            self.called,
            context.as_of,
            known_at=context.choice.known_at,
            unit_id=context.unit,
            map_=context.map,
            also=self.also,
        )(language)
        headers = {
            "Content-Disposition": attachment(name, form.value),
            "Content-Language": language,
        }
        if form is not Form.CSV:
            about = origin(
                context.reads,
                (self.called[0].capitalize(), self.called[1].capitalize()),
                context.as_of,
                known_at=context.choice.known_at,
                unit_id=context.unit,
                years=self.years,
                map_=context.map,
            )(language, address)
            table = replace(list_table(self.table, style, [self.rows]), notes=self.notes)
            return office_response(OfficeFile(about, [table], page=LIST_PAGE), form, headers)
        writer = CsvWriter(self.table, style)
        return Response(writer.head() + writer.lines(self.rows), 200, headers, CSV_TYPE)


def years_kept(context: PageContext, parameters: Mapping[str, str]) -> Kept:
    """Return the table of years, one row each."""
    rows = [
        {
            "year": each["year"],
            **each["measures"],
            "unallocated": each["quality"]["unallocated"],
            "closed_at": each["closing"] and each["closing"]["position"],
        }
        for each in years_page(context, parameters)["columns"]
    ]
    return Kept(_YEARS, ("so sánh các năm", "years"), rows)


def table_kept(context: PageContext, parameters: Mapping[str, str]) -> Kept:
    """Return one table of the year with the columns of its page."""
    tables, table = table_of(context, parameters)
    columns = [each for each in table.by if each != Dimension.UNIT]
    if table.is_of_units:
        columns = ["unit", "unit_name"]
    numbers = list(table.columns)
    if table.compare is None:
        numbers = [str(each) for each in measures_of(read_by([",".join(table.by)])[0])]
    headings = {each: (derived_heading(tables, each),) * 2 for each in DERIVED if table.compare}
    rows = [
        {
            **labels_of(table, line),
            **{label_of(each): name for each, name in zip(table.by, names, strict=True)},
            **{each: value_of(line, each) for each in numbers},
        }
        for line, names in zip(table.lines, tables.names(table, table.lines), strict=True)
    ]
    vi = [context.words(each).lower() for each in table.by]
    called = ("biểu theo " + " × ".join(vi), "table by " + " × ".join(table.by))
    measure = table.compare and context.words("compared_in").format(
        measure=context.words(table.compare)
    )
    notes = [*([measure] if measure else []), *(tables.notes if table.compare else ())]
    if table.compare and table.small:
        notes.append(context.words("compare_small"))
    about = ListTable(
        (*columns, *numbers),
        frozenset(table.by),
        headings={**CODE_WORDS["measure"], **headings},
    )
    also = (str(context.year), measure)
    return Kept(about, called, rows, also, (context.year,), notes)


def changes_kept(context: PageContext, parameters: Mapping[str, str]) -> Kept:
    """Return each measure before and after."""
    shown = changes_page(context, parameters)
    vi = context.choice.lang == "vi"
    begun = shown["before"] and ("từ vị trí {}" if vi else "since position {}").format(
        shown["before"]["position"]
    )
    called = ("thay đổi số liệu", "changes")
    return Kept(_CHANGES, called, shown["rows"], (str(context.year), begun))


def found_kept(context: PageContext, parameters: Mapping[str, str]) -> Kept:
    """Return what was found, as many of each kind as can be paged through."""
    q, kind = asked_words(parameters)
    kinds = KINDS if kind is None else (kind,)
    found = context.reads.find(q, kinds, context.filters(), context.as_of, (0, MOST))
    items = chain.from_iterable(each.items for each in found)
    rows = list(found_rows(items, context.choice.lang))
    limited = [each.kind for each in found if not each.exact]
    words = context.words
    notes = [
        f"{words(f'found_{each}')}: {words('found_capped').format(count=words.number(MOST))}"
        for each in limited
    ]
    return Kept(FOUND, FOUND_FILE, rows, (q,), notes=notes)


def units_kept(context: PageContext, parameters: Mapping[str, str]) -> Kept:
    """Return every unit that was found, beyond the first ones shown."""
    q = parameters.get("q", "")
    found = context.reads.find_units(q, context.as_of, context.map.day, context.day, most=None)
    rows = [
        {
            "unit_id": each.unit_id,
            "unit_name": each.title,
            "level": each.level,
            "inside": ", ".join(each.inside),
            "formerly": each.formerly,
            "valid_from": each.valid_from.isoformat(),
            "valid_to": each.valid_to and each.valid_to.isoformat(),
            "on_map": each.on_map,
        }
        for each in found.units
    ]
    return Kept(_UNITS, ("đơn vị hành chính", "units"), rows, (q,))
