"""A list as a workbook and as a document: the same cells as its CSV, text as text, days as days."""

import csv
import io
import re
import zipfile
from datetime import datetime
from typing import Any

import pytest
from docx.oxml.ns import qn
from openpyxl.utils.escape import unescape

from shared.web.answers.csv_tables import ListTable
from shared.web.files import word_document
from shared.web.files import workbook as workbook_module
from tests.support.office_files import DOCX, XLSX, document, document_rows, sheet_rows, workbook
from tests.unit.web.app_of_lists import client_of, listing_app

HOSTILE = [
    "=1+1",
    "+84 24 38",
    "-2",
    "@SUM(A1)",
    '=HYPERLINK("http://x";"y")',
    "00123",
    "1E5",
    "http://example.org/",
    "mailto:a@example.org",
    "chuông \x07 và \x00 và \x1b[0m",
    "_x0041_",
    "dòng một\ndòng hai",
    "<b>&amp;</b> ]]>",
    "Đắk Lắk, Thừa Thiên Huế",
    "dài " * 200,
    "\ufffe \ud800 hết".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
]
SAID = [
    text.replace("\x07", "\ufffd").replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    for text in HOSTILE
]
SAID = [text.replace("\ufffe", "\ufffd") for text in SAID]
TABLE = ListTable(
    ("title", "unit_id", "plan_year", "registered", "occurred_on", "flags", "withdrawn"),
    frozenset({"unit_id"}),
)


def rows_of(titles: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "unit_id": f"0{number}",
            "unit_name": f"Xã {number}",
            "plan_year": 2022,
            "registered": 1234 * number,
            "occurred_on": "2022-12-31" if number % 2 else None,
            "flags": ["a", "b"],
            "withdrawn": bool(number % 2),
        }
        for number, title in enumerate(titles)
    ]


async def answered(titles: list[str], asked: str, **headers: str) -> Any:
    app = listing_app(rows_of(titles), TABLE)
    async with client_of(app) as client:
        return await client.get(f"/rows?{asked}", headers=headers)


async def test_a_workbook_holds_text_as_text_whatever_it_looks_like() -> None:
    book = workbook(await answered(HOSTILE, "format=xlsx&lang=vi"))
    sheet = book.worksheets[0]
    rows = sheet_rows(sheet)
    assert rows[0] == [
        "Tên mô hình", "Đơn vị (mã)", "Đơn vị", "Năm", "Đăng ký", "Ngày phát sinh",
        "Điều cần xem lại", "Đã rút",
    ]  # fmt: skip
    # Excel reads `_x005F_` as the underscore that it is; openpyxl leaves it as written.
    assert [unescape(row[0]) for row in rows[1:]] == SAID
    assert [row[1] for row in rows[1:]] == [f"0{number}" for number in range(len(HOSTILE))]
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f", cell.value
            assert cell.hyperlink is None
    first = next(cell for cell in sheet["A"] if cell.value == "=1+1")
    assert first.data_type == "s"
    assert "xl/calcChain.xml" not in _parts(await answered(HOSTILE, "format=xlsx"))


def _parts(answer: Any) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(answer.content)).namelist())


async def test_numbers_years_and_days_are_what_they_are() -> None:
    sheet = workbook(await answered(["một", "hai"], "format=xlsx&lang=vi")).worksheets[0]
    row = next(row for row in sheet.iter_rows() if row[0].value == "hai")
    assert [cell.value for cell in row[3:]] == [2022, 1234, datetime(2022, 12, 31), "a; b", "có"]  # noqa: DTZ001
    assert [cell.number_format for cell in row[3:6]] == ["0", "#,##0", "dd/mm/yyyy"]
    assert {cell.font.name for cell in row} == {"Times New Roman"}
    assert {cell.font.sz for cell in row} == {12}


async def test_a_workbook_is_ready_for_the_printer_and_names_nobody() -> None:
    book = workbook(await answered(["một"], "format=xlsx&lang=vi"))
    sheet = book.worksheets[0]
    head = int(str(sheet.freeze_panes)[1:]) - 1
    assert sheet.print_title_rows == f"${head}:${head}"
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "&P/&N" in str(sheet.oddFooter.center.text) or sheet.oddFooter.center.text == "&P/&N"
    assert book.sheetnames[-1] == "Nguồn"
    assert not book.properties.creator
    assert {each.name: each.value for each in book.custom_doc_props.props} == {"Language": "vi-VN"}


async def test_a_document_holds_what_the_workbook_holds_without_the_codes() -> None:
    rows = sheet_rows(workbook(await answered(HOSTILE[:6], "format=xlsx&lang=vi")).worksheets[0])
    made = document(await answered(HOSTILE[:6], "format=docx&lang=vi"))
    (table,) = made.tables
    shown = document_rows(table)
    assert shown[0] == [each for each in rows[0] if not each.endswith("(mã)")]
    assert [row[0] for row in shown[1:]] == [row[0] for row in rows[1:]]
    assert [row[3] for row in shown[1:]] == ["0", "1.234", "2.468", "3.702", "4.936", "6.170"]
    assert [row[2] for row in shown[1:]] == ["2022"] * 6
    assert [row[4] for row in shown[1:]] == ["", "31/12/2022"] * 3
    assert table.columns[0].width == table.rows[1].cells[0].width
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


async def test_every_hostile_text_stands_in_a_document() -> None:
    made = document(await answered(HOSTILE, "format=docx&lang=vi"))
    assert [row[0] for row in document_rows(made.tables[0])[1:]] == SAID


async def test_a_document_has_the_page_of_an_office_and_names_nobody() -> None:
    made = document(await answered(["một"], "format=docx&lang=vi"))
    section = made.sections[0]
    sides = {round(section.page_width.mm), round(section.page_height.mm)}
    assert sides == {210, 297}
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert "PAGE" not in section.first_page_header._element.xml
    assert made.core_properties.author == made.core_properties.last_modified_by == ""
    assert made.core_properties.language == "vi-VN"
    assert 'w:lang w:val="vi-VN"' in made.styles.element.xml
    assert made.styles["Normal"].font.name == "Times New Roman"


@pytest.mark.parametrize("form", ["xlsx", "docx"])
async def test_the_same_answer_is_the_same_file(form: str) -> None:
    first = await answered(HOSTILE, f"format={form}")
    assert (await answered(HOSTILE, f"format={form}")).content == first.content
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} <= {1980, 2000}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r">(\d{4})-\d\d-\d\dT", core)) == {"2000"}


@pytest.mark.parametrize(("form", "module"), [("xlsx", workbook_module), ("docx", word_document)])
async def test_more_rows_than_a_file_can_hold_are_refused_in_words(
    form: str, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    assert (await answered(HOSTILE[:3], f"format={form}")).status_code == 200
    refused = await answered(HOSTILE[:4], f"format={form}")
    assert refused.status_code == 422
    assert refused.json()["code"] == f"too_many_rows_for_{form}"
    assert "tối đa 3 dòng" in refused.json()["detail"]


def test_the_limits_are_those_that_the_pages_name() -> None:
    assert (workbook_module.MOST_ROWS, word_document.MOST_ROWS) == (1_048_000, 5_000)


@pytest.mark.parametrize(("kind", "form"), [(XLSX, "xlsx"), (DOCX, "docx")])
async def test_accept_chooses_an_office_file_too(kind: str, form: str) -> None:
    answer = await answered(["một"], "", Accept=kind)
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].endswith(f".{form}")
    assert answer.headers["content-language"] == "vi"


@pytest.mark.parametrize("form", ["xlsx", "docx"])
@pytest.mark.parametrize("paged", ["limit=2", "cursor=e30"])
async def test_a_page_of_a_list_is_no_office_file(form: str, paged: str) -> None:
    assert (await answered(["một"], f"format={form}&{paged}")).status_code == 422


async def test_a_workbook_has_the_cells_of_the_csv_for_people() -> None:
    book = sheet_rows(workbook(await answered(HOSTILE[5:7], "format=xlsx&lang=en")).worksheets[0])
    text = (await answered(HOSTILE[5:7], "format=csv&lang=en")).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    as_text = [["" if cell is None else _plain(cell) for cell in row] for row in book]
    assert as_text == lines


def _plain(value: Any) -> str:
    return value.date().isoformat() if isinstance(value, datetime) else str(value)
