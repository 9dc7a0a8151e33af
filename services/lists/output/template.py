"""The template of a kind of list: a workbook for a unit and a year, with drop-downs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.lists.kinds.kind import ListColumn, ListKind
from services.lists.reading.columns import ValueKind

STAMP = "dvk_template"
"""The document property that says which of our templates a workbook is."""
HEADING_ROW = 5
"""The row of the headings, counted from 1."""
_LAST_ROW = 10_000
_PAGE_WIDTH = 200
"""Characters that a page of A4 on its side takes in letters of about 7 points."""
_GUIDANCE_WIDTH, _LINE_POINTS = 80, 16
_FONT = {"font_name": "Times New Roman", "font_size": 12}
_LISTS = "_dm"
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_date_format": "dd/mm/yyyy",
}


@dataclass(frozen=True, slots=True)
class TemplateOf:
    """The content of a template: kind, unit, year, and the words that its cells may have.

    `choices` are the words of each column with a drop-down; `rows` are filled in beforehand.
    """

    kind: ListKind
    unit_id: str
    unit_name: str
    plan_year: int
    choices: Mapping[str, Sequence[str]]
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def columns(self) -> Sequence[ListColumn]:
        """Return the columns of the template."""
        return [column for column in self.kind.columns if column.in_template]

    @property
    def stamp(self) -> str:
        """Return what the document property says."""
        return f"{self.kind.name};{self.unit_id};{self.plan_year}"


def template(of: TemplateOf) -> bytes:
    """Return the workbook."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, dict(_OPTIONS)) as book:
        book.set_custom_property(STAMP, of.stamp)
        title = f"{of.kind.title[0]}, {of.unit_name}, năm {of.plan_year}"
        book.set_properties({"title": title, "author": "", "comments": ""})
        book.formats[0].set_font_name(_FONT["font_name"])
        book.formats[0].set_font_size(_FONT["font_size"])
        sheet = book.add_worksheet("Danh sách")
        _fill_list_sheet(book, sheet, of)
        _fill_guidance(book, of)
        _fill_choices(book, of)
        sheet.activate()
    return file.getvalue()


def _fill_list_sheet(book: xlsxwriter.Workbook, sheet: Worksheet, of: TemplateOf) -> None:
    columns = of.columns
    bold = book.add_format({**_FONT, "bold": True, "align": "center", "font_size": 14})
    plain_ = book.add_format({**_FONT, "italic": True, "align": "center"})
    last = len(columns)
    sheet.merge_range(0, 0, 0, min(last, 8), of.kind.title[0].upper(), bold)
    sheet.merge_range(1, 0, 1, min(last, 8), f"{of.unit_name}, năm {of.plan_year}", plain_)
    sheet.merge_range(
        2, 0, 2, min(last, 8), "Cột có dấu * là bắt buộc; xem trang Hướng dẫn.", plain_
    )
    heading = book.add_format(
        {
            **_FONT,
            "bold": True,
            "border": 1,
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
            "bg_color": "#E7EEF7",
        }
    )
    sheet.write_string(HEADING_ROW - 1, 0, "STT", heading)
    sheet.set_column(0, 0, 6)
    formats = _cell_formats(book)
    for place, column in enumerate(columns, start=1):
        star = "*" if column.spec.required else ""
        sheet.write_string(HEADING_ROW - 1, place, column.spec.headings[0] + star, heading)
        sheet.set_column(place, place, column.width, formats[column.spec.value])
        _validate(sheet, place, column, of)
    sheet.set_row(HEADING_ROW - 1, 48)
    ruled = _cell_formats(book, border=1)
    for number, row in enumerate(of.rows, start=1):
        at = HEADING_ROW - 1 + number
        sheet.write_number(at, 0, number, ruled[ValueKind.NUMBER])
        for place, column in enumerate(columns, start=1):
            _write(sheet, at, place, row.get(column.key), ruled[column.spec.value])
    sheet.freeze_panes(HEADING_ROW, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
    _fit(sheet, sum(column.width for column in columns))
    sheet.repeat_rows(HEADING_ROW - 1)
    sheet.set_footer("&C&P/&N")


def _fit(sheet: Worksheet, width: int) -> None:
    """Print a list over as many pages side by side as keep its letters readable.

    `width` is in characters; each page then begins with the number and the first column.
    """
    pages = max(1, round(width / _PAGE_WIDTH))
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0, 1)


def _cell_formats(book: xlsxwriter.Workbook, **more: int) -> Mapping[ValueKind, Format]:
    wrapped = {**_FONT, "text_wrap": True, "valign": "top", **more}
    return {
        # Ids such as 00123 and 1E5 stay what was typed.
        ValueKind.TEXT: book.add_format({**wrapped, "num_format": "@"}),
        ValueKind.YES_NO: book.add_format(wrapped),
        ValueKind.DAY: book.add_format({**wrapped, "num_format": "dd/mm/yyyy"}),
        ValueKind.NUMBER: book.add_format({**wrapped, "num_format": "General"}),
        ValueKind.NUMBERS: book.add_format({**wrapped, "num_format": "General"}),
    }


def _write(sheet: Worksheet, row: int, place: int, value: object, format_: Format) -> None:
    match value:
        case None:
            sheet.write_blank(row, place, None, format_)
        case date():
            sheet.write_datetime(row, place, value, format_)
        case int() | float():
            sheet.write_number(row, place, value, format_)
        case _:
            sheet.write_string(row, place, str(value), format_)


def _validate(sheet: Worksheet, place: int, column: ListColumn, of: TemplateOf) -> None:
    first, last = HEADING_ROW, _LAST_ROW
    input_ = {"input_title": column.spec.headings[0][:32], "input_message": column.guidance[:255]}
    shown = input_ if column.guidance else {}
    if of.choices.get(column.key):
        strict = "warning" if column.names in {"unit", "organization"} else "stop"
        sheet.data_validation(
            first,
            place,
            last,
            place,
            {
                "validate": "list",
                "source": f"={_name_of(column)}",
                "error_type": strict,
                "error_title": "Ngoài danh mục",
                "error_message": "Chọn một giá trị trong danh sách.",
                **shown,
            },
        )
    elif column.spec.value is ValueKind.DAY:
        sheet.data_validation(
            first,
            place,
            last,
            place,
            {
                "validate": "date",
                "criteria": "between",
                "minimum": date(of.plan_year - 1, 1, 1),
                "maximum": date(of.plan_year + 1, 12, 31),
                "error_type": "warning",
                "error_title": "Ngày",
                "error_message": "Ghi ngày/tháng/năm, ví dụ 05/03/2026.",
                **shown,
            },
        )
    elif shown:
        sheet.data_validation(first, place, last, place, {"validate": "any", **shown})


def _fill_choices(book: xlsxwriter.Workbook, of: TemplateOf) -> None:
    sheet = book.add_worksheet(_LISTS)
    sheet.very_hidden()
    for place, column in enumerate(c for c in of.columns if of.choices.get(c.key)):
        words = of.choices[column.key]
        for row, word in enumerate(words):
            sheet.write_string(row, place, word)
        letter = xlsxwriter.utility.xl_col_to_name(place)
        # A defined name is kept by Excel, LibreOffice and openpyxl; a reference to a sheet is not.
        book.define_name(_name_of(column), f"={_LISTS}!${letter}$1:${letter}${len(words)}")


def _name_of(column: ListColumn) -> str:
    return f"DM_{column.key.upper()}"


def _fill_guidance(book: xlsxwriter.Workbook, of: TemplateOf) -> None:
    sheet = book.add_worksheet("Hướng dẫn")
    bold = book.add_format({**_FONT, "bold": True, "text_wrap": True, "valign": "top", "border": 1})
    cell = book.add_format({**_FONT, "text_wrap": True, "valign": "top", "border": 1})
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, _GUIDANCE_WIDTH)
    for place, word in enumerate(("Cột", "Bắt buộc", "Cách ghi")):
        sheet.write_string(0, place, word, bold)
    for row, column in enumerate(of.columns, start=1):
        sheet.write_string(row, 0, column.spec.headings[0], cell)
        sheet.write_string(row, 1, "có" if column.spec.required else "", cell)
        guidance = _guidance(column, of)
        sheet.write_string(row, 2, guidance, cell)
        sheet.set_row(row, _LINE_POINTS * (1 + len(guidance) // _GUIDANCE_WIDTH))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _guidance(column: ListColumn, of: TemplateOf) -> str:
    parts = [column.guidance]
    words = of.choices.get(column.key, ())
    if words and len(words) <= 12:
        parts.append("Chọn: " + "; ".join(words) + ".")
    elif words:
        parts.append("Chọn trong danh sách của ô.")
    if column.spec.value is ValueKind.DAY:
        parts.append("Ghi ngày/tháng/năm; chỉ biết tháng thì ghi tháng/năm.")
    return " ".join(part for part in parts if part)
