"""The cells of a workbook are read as Excel shows them, and what is left aside is named."""

import io
from datetime import date, datetime, time

import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from services.lists.reading.table_reader import read_table
from services.lists.workbook.grid import CellKind, GridCell, MergedBlock, SheetGrid
from services.lists.workbook.reading_process import read_workbook
from shared.errors import LedgerError
from tests.support.hostile_workbooks import HEAD, SHEET, TAIL, good_workbook, with_parts
from tests.support.office_workbooks import (
    LINK_PARTS,
    MACRO_PART,
    REGISTRATIONS,
    OfficeWorkbook,
    TypedCell,
    list_of_a_commune,
    simple_list,
)

DAY = date(2022, 6, 5)


@pytest.fixture(scope="module")
def sheet() -> SheetGrid:
    """Read a workbook of XlsxWriter, which writes the last value beside a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    made = book.add_worksheet("Một")
    morning = datetime.combine(DAY, time(8, 30))
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    old = book.add_format({"font_name": ".VnTime"})
    made.write("A1", "Mô hình")
    made.write("B1", 1250)
    made.write("C1", 1.25)
    made.write_datetime("D1", DAY, day)
    made.write_datetime("E1", morning, day)
    made.write_datetime("F1", date(2022, 6, 1), book.add_format({"num_format": "mmm-yy"}))
    made.write("G1", 0.85, book.add_format({"num_format": "0%"}))
    made.write("H1", True)
    made.write("I1", "x\u00b7", old)
    made.write_formula("A2", "=B1*2", None, 2500)
    made.write_formula("C2", "=NA()", None, "#N/A")
    made.write_formula("D2", '="a"&"b"', None, "ab")
    made.write_blank("E2", None, day)
    made.merge_range("A4:C6", "Gộp")
    made.set_row(6, None, None, {"hidden": True})
    made.write("A7", "ẩn")
    book.add_worksheet("Ẩn").hide()
    book.close()
    return read_workbook(out.getvalue()).sheets[0]


def test_each_kind_of_value_is_read(sheet: SheetGrid) -> None:
    read = {column: (cell.kind, cell.value) for column, cell in sheet.rows[1].items()}
    assert read == {
        1: (CellKind.TEXT, "Mô hình"),
        2: (CellKind.NUMBER, 1250),
        3: (CellKind.NUMBER, 1.25),
        4: (CellKind.DAY, date(2022, 6, 5)),
        5: (CellKind.DAY, datetime.combine(DAY, time(8, 30))),
        6: (CellKind.MONTH, date(2022, 6, 1)),
        7: (CellKind.PERCENT, 0.85),
        8: (CellKind.YES_NO, True),
        9: (CellKind.TEXT, "x\u00b7"),
    }
    assert sheet.rows[1][9].font == ".VnTime"
    assert sheet.rows[1][1].font == "Calibri"


def test_a_formula_gives_its_last_value_and_says_that_it_is_one(sheet: SheetGrid) -> None:
    row = sheet.rows[2]
    assert all(cell.is_formula for cell in row.values())
    assert [(cell.kind, cell.value) for cell in row.values()] == [
        (CellKind.NUMBER, 2500),
        (CellKind.ERROR, "#N/A"),
        (CellKind.TEXT, "ab"),
    ]


def test_joined_cells_and_hidden_rows_are_known(sheet: SheetGrid) -> None:
    assert sheet.merges == (MergedBlock(4, 1, 6, 3),)
    assert sheet.rows[4] == {1: GridCell(CellKind.TEXT, "Gộp", "Calibri")}
    assert sheet.hidden_rows == 1


def test_a_formula_that_was_never_calculated_has_no_value() -> None:
    grid = read_workbook(simple_list(("A",), ("=1+1",)).content())
    assert grid.sheets[0].rows[2][1] == GridCell(
        CellKind.ERROR, "?", "Times New Roman", is_formula=True
    )


def test_a_formula_whose_result_is_an_empty_text_is_empty() -> None:
    row = b'<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><f>""</f><v></v></c></row>'
    grid = read_workbook(with_parts({SHEET: HEAD + row + TAIL}))
    assert grid.sheets[0].rows[1][2] == GridCell(CellKind.TEXT, "", "Calibri", is_formula=True)


def test_the_values_of_formulas_are_counted() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    made = book.add_worksheet()
    made.write_row(0, 0, ["Tên mô hình", "Tập thể đăng ký", "Lĩnh vực"])
    made.write_formula("A2", '="Cổng "&"rào"', None, "Cổng rào")
    made.write_row(1, 1, ["Chi bộ", "Kinh tế"])
    book.close()
    reading = read_table(read_workbook(out.getvalue()), REGISTRATIONS)
    assert (reading.formulas, reading.rows[0].values["title"]) == (1, "Cổng rào")


@pytest.mark.parametrize("is_1904", [False, True])
def test_days_are_the_same_in_both_calendars(is_1904: bool) -> None:
    made = simple_list(("Ngày",), (TypedCell(date(2022, 6, 5), shown_as="dd/mm/yyyy"),))
    made.is_1904 = is_1904
    grid = read_workbook(made.content())
    assert grid.date1904 is is_1904
    assert grid.sheets[0].rows[2][1].value == date(2022, 6, 5)


def test_a_day_without_a_format_is_counted_in_the_calendar_of_its_workbook() -> None:
    headings = ("Tên mô hình", "Tập thể đăng ký", "Lĩnh vực", "Ngày bắt đầu")
    # 1 January 2000 in the calendar of 1904 (Microsoft's article 214330).
    made = simple_list(headings, ("Cổng rào", "Chi bộ", "Kinh tế", 35064))
    made.is_1904 = True
    reading = read_table(read_workbook(made.content()), REGISTRATIONS)
    assert reading.rows[0].values["starts"].as_written() == "01/01/2000"


def test_a_text_in_several_fonts_keeps_them() -> None:
    made = OfficeWorkbook()
    old = TextBlock(InlineFont(rFont=".VnTime"), "M\u00adêng")
    made.sheet["A1"] = CellRichText(old, TextBlock(InlineFont(rFont="Arial"), " Hum sạch"))
    cell = read_workbook(made.content()).sheets[0].rows[1][1]
    assert cell.runs == (("M\u00adêng", ".VnTime"), (" Hum sạch", "Arial"))


def test_a_shared_text_in_several_fonts_keeps_them_and_its_control_characters() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    old, new = (book.add_format({"font_name": name}) for name in (".VnTime", "Arial"))
    made = book.add_worksheet()
    made.write_rich_string("A1", old, "M\u00adêng", new, " Hum")
    made.write_string("A2", "Hai\x1fdòng")
    book.close()
    rows = read_workbook(out.getvalue()).sheets[0].rows
    assert rows[1][1].runs == (("M\u00adêng", ".VnTime"), (" Hum", "Arial"))
    assert rows[1][1].value == "M\u00adêng Hum"
    assert rows[2][1].value == "Hai\x1fdòng"


@pytest.fixture(scope="module")
def packed() -> bytes:
    made = list_of_a_commune()
    made.book.create_sheet("Danh mục").sheet_state = "veryHidden"
    return with_parts({**MACRO_PART, **LINK_PARTS}, made.content())


def test_macros_links_and_hidden_sheets_are_left_aside_and_named(packed: bytes) -> None:
    grid = read_workbook(packed)
    assert [notice.code for notice in grid.notices] == [
        "workbook_has_macros",
        "workbook_has_links",
        "workbook_has_connections",
        "workbook_has_embedded_files",
        "workbook_has_hidden_sheets",
    ]
    assert "Danh mục" in grid.notices[-1].vi
    assert read_table(grid, REGISTRATIONS).counts.read == 4


def test_a_workbook_whose_sheets_are_all_empty_is_refused() -> None:
    made = OfficeWorkbook()
    made.sheet.title = "Trống"
    with pytest.raises(LedgerError, match="workbook_no_sheet") as refused:
        read_workbook(made.content())
    assert refused.value.problem.params["sheets"] == "Trống"


def test_cells_without_an_address_follow_one_another() -> None:
    rows = (
        b"<row><c><v>1</v></c><c><v>2</v></c></row><row><c r='C2'><v>3</v></c><c><v>4</v></c></row>"
    )
    rows = rows.replace(b"'", b'"')
    grid = read_workbook(with_parts({SHEET: HEAD + rows + TAIL}))
    values = {
        (row, column): cell.value
        for row, cells in grid.sheets[0].rows.items()
        for column, cell in cells.items()
    }
    assert values == {(1, 1): 1, (1, 2): 2, (2, 3): 3, (2, 4): 4}


def test_the_stamp_of_a_template_is_read() -> None:
    made = simple_list(("A",), ("b",))
    made.stamp = "L1;08;2022"
    assert read_workbook(made.content()).stamp == "L1;08;2022"
    assert read_workbook(good_workbook()).stamp == ""


def test_document_properties_of_other_programs_hinder_nothing() -> None:
    vt = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
    custom = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        f'xmlns:vt="{vt}"><property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" '
        'name="Nhãn"><vt:i4>không phải số</vt:i4>'
        "</property></Properties>"
    )
    grid = read_workbook(with_parts({"docProps/custom.xml": custom.encode()}))
    assert grid.sheets[0].rows[2][2].value == "Cổng rào xanh"
    assert grid.notices == ()
