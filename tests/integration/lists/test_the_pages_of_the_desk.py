"""A workbook goes through the pages: uploaded, checked, sent, and given back with the results."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from services.lists.kinds.catalog import KINDS
from services.lists.output.template import HEADING_ROW, STAMP
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

HEADINGS = ("STT", "Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Lĩnh vực", "Khối", "Xã, phường",
            "Hình thức")  # fmt: skip
ROWS = (
    (1, "Đường hoa", "Chi hội Phụ nữ", "Tập thể", "Kinh tế", "khoi-1", "Bình Văn x-1", "Mới"),
    (2, "=1+1", "Chi bộ thôn 2", "Cá nhân", "Kinh tế", "khoi-1", "Bình Văn x-2", "Mới"),
    (3, "Nhà sạch", "Chi bộ thôn 3", "Tập thể", "Kinh tê số", "khoi-1", "Bình Văn x-9", "Mới"),
)


def workbook(rows: tuple[tuple[object, ...], ...] = ROWS) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Danh sách"
    sheet.append(["DANH SÁCH ĐĂNG KÝ NĂM 2022"])
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
        sheet.cell(sheet.max_row, 2).data_type = "s"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(ledger: SmallLedger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    with small_desk(ledger, tmp_path_factory.mktemp("desk")) as running:
        yield running


def states(page: str) -> list[tuple[str, str]]:
    rows = re.findall(r'<tr[^>]*><th scope="row" class="n">(\d+)</th><td>(.*?)</td>', page)
    return [(number, state) for number, state in rows]


def test_a_workbook_is_checked_sent_and_given_back(ledger: SmallLedger, desk: SmallDesk) -> None:
    head = ledger.head()
    page = desk.uploaded(workbook())
    checked = desk.settled(page)
    assert states(checked) == [("3", "sẽ nhận"), ("4", "sẽ nhận"), ("5", "cần sửa")], checked
    assert "E5: Lĩnh vực “Kinh tê số” không có trong sổ cái. Có phải: Kinh tế?" in checked
    assert ledger.head() == head
    address = str(page.url).partition("?")[0]
    sent = desk.settled(desk.ask("POST", f"{address}/send?lang=vi"))
    assert states(sent) == [("3", "đã nhận"), ("4", "đã nhận"), ("5", "cần sửa")]
    assert ledger.head() == head + 4  # two registrations, and the two organisations they bring
    copy = openpyxl.load_workbook(BytesIO(desk.ask("GET", f"{address}/annotated.xlsx").content))
    sheet = copy["Danh sách"]
    assert [sheet.cell(2, column).value for column in (9, 10, 11)] == [
        "Kết quả", "Cần sửa", "Mã đăng ký",
    ]  # fmt: skip
    assert [sheet.cell(row, 9).value for row in (3, 4, 5)] == ["đã nhận", "đã nhận", "cần sửa"]
    assert sheet["B4"].value == "=1+1"
    assert sheet["B4"].data_type == "s"
    assert sheet["E5"].fill.fgColor.rgb.endswith("FFD9D6")
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
    counts = {row[0].value: row[1].value for row in copy["Kết quả"].iter_rows()}
    assert counts["Tổng số dòng"] == "3"
    assert counts["Vị trí trong sổ cái"] == f"{head + 1} – {head + 4}"


def test_the_annotated_copy_sent_again_changes_nothing(
    ledger: SmallLedger, desk: SmallDesk
) -> None:
    rows = tuple((*row[:1], f"{row[1]} khác", *row[2:]) for row in ROWS[:2])
    page = desk.uploaded(workbook(rows))
    desk.settled(page)
    address = str(page.url).partition("?")[0]
    sent = desk.settled(desk.ask("POST", f"{address}/send?lang=vi"))
    assert [state for _, state in states(sent)] == ["đã nhận"] * 2, sent
    head = ledger.head()
    copy = desk.ask("GET", f"{address}/annotated.xlsx").content
    assert [state for _, state in states(desk.settled(desk.uploaded(copy)))] == ["đã có"] * 2
    assert ledger.head() == head


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_a_workbook_that_the_desk_reads(desk: SmallDesk, kind: str) -> None:
    asked = {"kind": kind, "unit": "t-1", "year": "2022", "filled": "this"}
    answer = desk.ask("GET", "/lists/template.xlsx", params=asked)
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(BytesIO(answer.content))
    assert {each.name: each.value for each in book.custom_doc_props.props} == {
        STAMP: f"{kind};t-1;2022"
    }
    assert book["_dm"].sheet_state == "veryHidden"
    headings = [cell.value for cell in book["Danh sách"][HEADING_ROW]]
    assert headings[1].rstrip("*") == KINDS[kind].columns[0].spec.headings[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"unit": "Tỉnh Không Có"}, "Không có đơn vị “Tỉnh Không Có”"),
        ({"year": "hai nghìn"}, "Năm “hai nghìn” không đọc được"),
        ({"list_day": "31/2/2022"}, "Ngày “31/2/2022” không đọc được"),
        ({"kind": "x"}, "Không có loại danh sách “x”"),
    ],
)
def test_a_form_that_is_filled_in_wrongly_is_shown_again_with_the_reason(
    desk: SmallDesk, fields: dict[str, str], said: str
) -> None:
    answer = desk.uploaded(workbook(), **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text


def test_a_file_that_is_too_large_is_refused_with_the_limit(desk: SmallDesk) -> None:
    page = desk.uploaded(b"PK" + b"x" * 25 * 1024 * 1024)
    assert page.status_code == 413
    assert "25 MB" in page.text


def test_a_file_that_is_no_workbook_is_refused_with_what_to_do(desk: SmallDesk) -> None:
    page = desk.settled(desk.uploaded(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    assert "Chưa đọc được" in page
    assert "Lưu thành (Save As)" in page
    assert desk.settled(desk.uploaded(workbook())).count("Đã kiểm tra")


def test_an_upload_that_was_under_way_goes_on_after_a_restart(
    ledger: SmallLedger, tmp_path: Path
) -> None:
    with small_desk(ledger, tmp_path) as stopped:
        page = stopped.uploaded(workbook())
    with small_desk(ledger, tmp_path) as again:
        assert len(states(again.settled(page))) == 3
