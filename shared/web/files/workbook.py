"""A workbook (xlsx) of tables with typed cells, and a last sheet with the origin of the figures."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import xlsxwriter

from shared.errors import BrokenContract, FieldError, Problem, declare
from shared.events.bilingual import said
from shared.web.files.office_table import (
    CellValue,
    RowRole,
    TextLine,
    without_control_characters,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from shared.web.files.office_table import HeadCell, OfficeFile, OfficeTable, TableColumn

MOST_ROWS = 1_048_000
"""A sheet ends at row 1,048,576; titles and notes need some."""
_LONGEST_TEXT = 32_767
_CUT = " … [cắt bớt]"
_FIRST_DAY = date(1900, 3, 1)
"""Excel takes 1900 for a leap year: earlier days would be shown one day off."""
_MILLIMETRES_PER_INCH = 25.4
_WIDE = 110
"""A table of so many characters or more is printed on its side."""
_READABLE = 190
"""So many characters beside one another can still be read on a page of A4 on its side."""
_MOST_WIDTH = 45
_HEAD_WIDTH = 18
_LINE, _HIGHEST = 16.5, 409
"""The height of a line of text, and of the highest row of a sheet, in points."""
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  so that equal answers are equal files
ROWS_BEYOND_WORKBOOK = declare(
    "too_many_rows_for_xlsx",
    422,
    vi="Một trang tính chứa tối đa {most} dòng; hãy thu hẹp phạm vi hoặc lấy CSV.",
    en="A sheet holds at most {most} rows; narrow the question or take CSV.",
)


def write_workbook(file: BinaryIO, office: OfficeFile) -> None:
    """Write a workbook into a file; more rows than a sheet holds are 422.

    Rows go to a temporary file while they are read, unless a head spans several rows.
    """
    one_by_one = all(len(table.head_rows) == 1 for table in office.tables)
    with TemporaryDirectory(prefix="dvk-xlsx-") as folder:
        options = {
            "constant_memory": one_by_one,
            "in_memory": False,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": "Times New Roman", "font_size": 12},
        }
        book = xlsxwriter.Workbook(file, options)
        about = office.provenance
        book.set_properties(
            {
                "title": _text(about.question)[:255],
                "subject": _text(office.subject)[:255],
                "author": "",
                "created": _MADE,
            }
        )
        book.set_custom_property("Language", "vi-VN" if about.language == "vi" else "en-GB")
        try:
            _write_sheets(book, office)
        finally:
            book.close()  # after an error too there are temporary files to close


def _write_sheets(book: xlsxwriter.Workbook, office: OfficeFile) -> None:
    vi = office.provenance.language == "vi"
    formats = _Formats(book)
    default = "Số liệu" if vi else "Figures"
    for number, table in enumerate(office.tables):
        name = table.sheet or (f"{default} {number + 1}" if number else default)
        sheet = book.add_worksheet(name)
        _SheetWriter(sheet, office, table, formats).write(with_heading=not number)
    _write_source(book.add_worksheet("Nguồn" if vi else "Source"), office, formats)


def _text(text: str) -> str:
    clean = without_control_characters(text)
    return clean if len(clean) <= _LONGEST_TEXT else clean[: _LONGEST_TEXT - len(_CUT)] + _CUT


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def __call__(self, **properties: object) -> Format:
        """Return the format of these properties in the font of all documents."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            font = {"font_name": "Times New Roman", "font_size": 12}
            self._made[key] = self._book.add_format({**font, **properties})
        return self._made[key]


class _SheetWriter:
    """Writes one table into its sheet, row by row."""

    def __init__(
        self, sheet: Worksheet, office: OfficeFile, table: OfficeTable, formats: _Formats
    ) -> None:
        self._sheet = sheet
        self._office = office
        self._table = table
        self._format = formats
        self._row = 0
        self._widths: dict[int, int] = defaultdict(int)

    def write(self, *, with_heading: bool) -> None:
        """Write titles, head, rows and notes, then the settings for printing."""
        if with_heading:
            self._lines()
        if self._table.title:
            self._line(self._table.title, bold=True)
        if self._row:
            self._row += 1
        first = self._row
        for cells in self._grid():
            self._sheet.set_row(self._row, self._head_height(cells))
            for column, cell in cells:
                self._head_cell(column, cell)
            self._row += 1
        head_ends = self._row
        self._body()
        widths = self._final_widths()
        for note in self._table.notes:
            self._across(TextLine(note, 12, italic=True, centred=False), widths)
        last = self._office.provenance.last_line
        self._across(TextLine(last, 10, italic=True, centred=False), widths)
        self._set_up(first, head_ends, widths)

    def _lines(self) -> None:
        office = self._office
        if not office.before:
            self._line(office.provenance.question, bold=True, font_size=14)
            self._line(office.provenance.subtitle, italic=True)
        for line in office.before:
            self._across(line, [column.width for column in self._table.columns])

    def _across(self, line: TextLine, widths: Sequence[float]) -> None:
        """Write a line over all columns, as high as its text needs."""
        if not line.text:
            return
        style = self._format(
            bold=line.bold,
            italic=line.italic,
            font_size=line.points,
            align="center" if line.centred else "left",
            valign="vcenter",
            text_wrap=True,
        )
        lines = ceil(len(line.text) * line.points / 11 / sum(widths)) or 1
        self._sheet.set_row(self._row, lines * line.points * 1.4)
        if len(widths) > 1:
            self._sheet.merge_range(self._row, 0, self._row, len(widths) - 1, "", style)
        self._sheet.write_string(self._row, 0, _text(line.text), style)
        self._row += 1

    def _line(self, text: str, **properties: object) -> None:
        if text:
            shown = {name: value for name, value in properties.items() if value}
            self._sheet.write_string(self._row, 0, _text(text), self._format(**shown))
            self._row += 1

    def _grid(self) -> list[list[tuple[int, HeadCell]]]:
        """Return each head row with the column in which each of its cells begins."""
        taken: set[tuple[int, int]] = set()
        rows: list[list[tuple[int, HeadCell]]] = []
        for row, cells in enumerate(self._table.head_rows):
            at, placed = 0, []
            for cell in cells:
                while (row, at) in taken:
                    at += 1
                placed.append((at, cell))
                taken |= {(row + d, at + r) for d in range(cell.rows) for r in range(cell.columns)}
            rows.append(placed)
        return rows

    def _head_cell(self, column: int, cell: HeadCell) -> None:
        style = self._format(
            bold=True,
            border=1,
            align="center",
            valign="vcenter",
            text_wrap=True,
            bg_color="#F2F2F2",
        )
        text = _text(cell.text)
        if cell.rows == cell.columns == 1:
            self._sheet.write_string(self._row, column, text, style)
            self._widths[column] = max(self._widths[column], min(len(text), _HEAD_WIDTH))
            return
        last_row, last_column = self._row + cell.rows - 1, column + cell.columns - 1
        self._sheet.merge_range(self._row, column, last_row, last_column, "", style)
        self._sheet.write_string(self._row, column, text, style)

    def _body(self) -> None:
        for count, row in enumerate(self._table.rows):
            if count >= MOST_ROWS:
                raise too_many(ROWS_BEYOND_WORKBOOK, MOST_ROWS)
            properties = {} if row.role is RowRole.BODY else {"bold": True}
            lines = max(map(self._lines_of, self._table.columns, row.cells), default=1)
            if lines > 1:
                self._sheet.set_row(self._row, min(lines * _LINE, _HIGHEST))
            for number, (column, value) in enumerate(
                zip(self._table.columns, row.cells, strict=True)
            ):
                self._cell(number, column, value, properties)
            self._row += 1

    def _lines_of(self, column: TableColumn, value: CellValue) -> int:
        """Return the number of lines of a text; the width of a list's column is not known yet."""
        if not isinstance(value, str):
            return 1
        width = column.width if self._table.heads else _MOST_WIDTH
        return sum(max(1, ceil(len(each) * 1.08 / width)) for each in value.split("\n"))

    def _head_height(self, cells: Sequence[tuple[int, HeadCell]]) -> float:
        """Return the height of a head row; a cell that spans rows adds a share to each."""
        columns = self._table.columns
        lines = [1.0]
        for at, cell in cells:
            widths = [column.width for column in columns[at : at + cell.columns]]
            width = sum(widths) if self._table.heads else _HEAD_WIDTH
            lines.append(ceil(len(cell.text) * 1.25 / width) / cell.rows)
        return max(lines) * _LINE + 4

    def _cell(
        self, number: int, column: TableColumn, value: CellValue, properties: dict[str, Any]
    ) -> None:
        sheet, row = self._sheet, self._row
        style: dict[str, Any] = {**properties, "border": 1, "valign": "top", "text_wrap": True}
        if column.centred:
            style["align"] = "center"
        if value is None:
            sheet.write_blank(row, number, None, self._format(**style))
        elif isinstance(value, date) and value >= _FIRST_DAY:
            form = "dd/mm/yyyy" if self._office.provenance.language == "vi" else "yyyy-mm-dd"
            style = {**style, "num_format": form, "align": "center"}
            sheet.write_datetime(row, number, value, self._format(**style))
            self._widths[number] = max(self._widths[number], 11)
        elif isinstance(value, (int, float, Decimal)):
            form = "0" if not column.grouped else "#,##0" if isinstance(value, int) else "#,##0.###"
            sheet.write_number(row, number, value, self._format(**style, num_format=form))
            self._widths[number] = max(self._widths[number], 8)
        else:
            text = _text(written(value, self._office.provenance.language))
            sheet.write_string(row, number, text, self._format(**style))
            self._widths[number] = max(self._widths[number], len(text))

    def _final_widths(self) -> list[float]:
        """Return the widths of the form, else those of the cells' texts."""
        if self._table.heads:
            return [column.width for column in self._table.columns]
        return [
            max(6, min(self._widths[number] + 2, _MOST_WIDTH))
            for number in range(len(self._table.columns))
        ]

    def _set_up(self, first: int, head_ends: int, widths: Sequence[float]) -> None:
        sheet, page = self._sheet, self._office.page
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        sheet.freeze_panes(head_ends, 0)
        sheet.repeat_rows(first, head_ends - 1)
        sheet.set_paper(9)
        if page.landscape or sum(widths) > _WIDE:
            sheet.set_landscape()
        pages = 1 if self._table.heads else ceil(sum(widths) / _READABLE)
        sheet.fit_to_pages(pages, 0)
        if pages > 1:
            sheet.repeat_columns(0)
        top, bottom, left, right = (each / _MILLIMETRES_PER_INCH for each in page.margins)
        sheet.set_margins(left=left, right=right, top=top, bottom=bottom)
        sheet.set_footer('&C&"Times New Roman,Regular"&11&P/&N')


def _write_source(sheet: Worksheet, office: OfficeFile, formats: _Formats) -> None:
    head, body = formats(bold=True, valign="top"), formats(text_wrap=True, valign="top")
    for row, (name, value) in enumerate(office.provenance.facts):
        sheet.write_string(row, 0, _text(name), head)
        sheet.write_string(row, 1, _text(value), body)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 80)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer('&C&"Times New Roman,Regular"&11&P/&N')


def too_many(rule: Any, most: int) -> BrokenContract:  # noqa: ANN401  what `declare` returns
    """Return the problem of a file with more rows than it can hold."""
    errors = (FieldError("/format", said("quá nhiều dòng", "too many rows")),)
    return BrokenContract(Problem(rule, {"most": f"{most:,}".replace(",", ".")}, errors))
