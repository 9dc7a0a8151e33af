"""The annotated copy: the workbook that was uploaded, with what became of each row.

The cells that it writes are text, never formulas; a wrong cell is coloured.
"""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Protocol

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from services.lists.remarks import Remark
from services.lists.uploads.checked_rows import CheckedRow
from services.lists.uploads.upload import Upload, UploadStage
from services.lists.uploads.vanished_rows import VanishedRow, vanished_of

RESULT, TO_MEND, IDENTITY = "Kết quả", "Cần sửa", "Mã đăng ký"
_A4, _MEND_WIDTH, _LINE_POINTS = 9, 50, 16
PERSON = "Mã cá nhân"
_WIDTHS = (14, _MEND_WIDTH, 32, 32)
_FAULT = PatternFill("solid", fgColor="FFD9D6")
_QUESTION = PatternFill("solid", fgColor="FFF2CC")
_HEADING = PatternFill("solid", fgColor="E7EEF7")
_FONT = Font(name="Times New Roman", size=12)
_BOLD = Font(name="Times New Roman", size=12, bold=True)


class AnnotationTexts(Protocol):
    """The words that an annotated copy needs."""

    def state(self, state: str, *, sent: bool) -> str:
        """Return the word of a row's state."""
        ...

    def remark(self, remark: Remark) -> str:
        """Return what is said of a cell."""
        ...

    def vanished(self, row: VanishedRow) -> str:
        """Return which row an earlier upload had, and when."""
        ...


def annotated_copy(
    content: bytes, upload: Upload, rows: Sequence[CheckedRow], words: AnnotationTexts
) -> bytes:
    """Return the workbook with the results beside its rows, coloured cells, and a sheet of counts.

    Rows of individuals get the reference of the person, never a name that the file does not have.
    """
    book = openpyxl.load_workbook(BytesIO(content))
    summary: Any = upload.summary
    sheet = book[summary["sheet"]]
    sent = upload.stage is UploadStage.SENT
    has_persons = any(row.person for row in rows)
    result, mend, identity, person = places = _columns(sheet, summary)
    header = summary["header_row"]
    headings = (RESULT, TO_MEND, IDENTITY, PERSON)
    for column, heading, width in zip(places, headings, _WIDTHS, strict=True):
        if heading == PERSON and not has_persons:
            continue
        if not sheet.cell(header, column).value:
            _write(sheet, header, column, heading, font=_BOLD, fill=_HEADING)
            sheet.column_dimensions[get_column_letter(column)].width = width
    _fit(sheet)
    for row in rows:
        _write(sheet, row.number, result, words.state(row.state.value, sent=sent))
        said = "; ".join(words.remark(remark) for remark in row.remarks)
        _write(sheet, row.number, mend, said)
        height = _LINE_POINTS * (1 + len(said) // _MEND_WIDTH)
        dimension = sheet.row_dimensions[row.number]
        if said and height > (dimension.height or _LINE_POINTS):
            dimension.height = height
        if row.identity:
            _write(sheet, row.number, identity, row.identity)
        if row.person:
            _write(sheet, row.number, person, row.person)
        for remark in row.remarks:
            if remark.cell and any(letter.isdigit() for letter in remark.cell):
                sheet[remark.cell].fill = _QUESTION if remark.is_question else _FAULT
    _add_counts(book, upload, rows, words, sent=sent)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _fit(sheet: Worksheet) -> None:
    """Print a sheet one page wide, on its side."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _columns(sheet: Worksheet, summary: Any) -> tuple[int, int, int, int]:  # noqa: ANN401  JSON
    """Return the places of the columns: those that the list or an earlier copy has, else behind."""
    header, last = summary["header_row"], sheet.max_column
    named = {str(sheet.cell(header, column).value).strip(): column for column in range(1, last + 1)}
    places: list[int] = []
    for heading, key in (
        (RESULT, ""),
        (TO_MEND, ""),
        (IDENTITY, "registration_id"),
        (PERSON, "person"),
    ):
        letters = summary["columns"].get(key)
        place = column_index_from_string(letters) if letters else named.get(heading)
        if place is None:
            last += 1
            place = last
        places.append(place)
    return places[0], places[1], places[2], places[3]


def _write(
    sheet: Worksheet,
    row: int,
    column: int,
    text: str,
    *,
    font: Font = _FONT,
    fill: PatternFill | None = None,
) -> None:
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        return  # within a joined cell only the first may be written
    cell.value = text
    cell.data_type = "s"  # a text that begins with = is no formula
    cell.font = font
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if fill is not None:
        cell.fill = fill


def _add_counts(
    book: openpyxl.Workbook,
    upload: Upload,
    rows: Sequence[CheckedRow],
    words: AnnotationTexts,
    *,
    sent: bool,
) -> None:
    name = "Kết quả"
    if name in book.sheetnames:
        del book[name]
    sheet = book.create_sheet(name)
    counts = Counter(row.state.value for row in rows)
    positions = [position for row in rows for position in row.positions]
    gone, named = vanished_of(upload)
    facts: list[tuple[str, object]] = [
        *((words.state(state, sent=sent), count) for state, count in sorted(counts.items())),
        ("Tổng số dòng", len(rows)),
        ("Vị trí trong sổ cái", f"{min(positions)} – {max(positions)}" if positions else "—"),
        ("Sổ cái khi kiểm tra ở vị trí", upload.position),
        ("Dấu của tệp (SHA-256)", upload.digest),
        ("Có trong lần nộp trước, không có trong tệp này", gone),
        *(("", words.vanished(each)) for each in named),
    ]
    for number, (label, value) in enumerate(facts, start=1):
        _write(sheet, number, 1, label, font=_BOLD)
        _write(sheet, number, 2, str(value))
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 70
    _fit(sheet)
