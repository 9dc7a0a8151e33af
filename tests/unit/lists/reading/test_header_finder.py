"""The table is found by its headings, and what hinders that is said."""

import pytest

from services.lists.reading.header_finder import find_header
from services.lists.reading.table_reader import read_table
from services.lists.workbook.grid import WorkbookGrid
from services.lists.workbook.reading_process import read_workbook
from shared.errors import LedgerError
from tests.support.office_workbooks import (
    RECOGNITIONS,
    REGISTRATIONS,
    OfficeWorkbook,
    list_of_a_commune,
    simple_list,
)

OFFICIAL = tuple(column.headings[0] for column in RECOGNITIONS.columns)


def _grid(made: OfficeWorkbook) -> WorkbookGrid:
    return read_workbook(made.content())


def _refused(made: OfficeWorkbook, code: str) -> str:
    with pytest.raises(LedgerError) as refused:
        find_header(_grid(made), REGISTRATIONS, (REGISTRATIONS, RECOGNITIONS))
    problem = refused.value.problem
    assert problem.rule.code == code
    words = problem.rule.words("vi", problem.params)
    assert "…" not in words
    return words


def test_the_sheet_and_row_with_most_known_headings_are_taken() -> None:
    made = list_of_a_commune()
    other = made.book.create_sheet("Cũ", 0)
    other.append(["Tên mô hình", "Lĩnh vực"])
    found = find_header(_grid(made), REGISTRATIONS)
    assert (found.sheet.name, found.rows, found.score) == ("Đăng ký 2022", "6-7", 10)
    assert found.ordinal == 1


@pytest.mark.parametrize(
    "headings",
    [
        ("STT", "TÊN MÔ HÌNH", "tập thể đăng ký", "Lĩnh vực*"),
        ("STT", "Tên mô hình, điển hình", "Đơn vị thực hiện", "Lĩnh vực (1)"),
        ("TT", "Tên\nmô hình", "Tập  thể đăng kí:".replace("kí", "ký"), "LĨNH VỰC."),
    ],
)
def test_headings_are_known_however_they_are_written(headings: tuple[str, ...]) -> None:
    found = find_header(_grid(simple_list(headings, (1, "a", "b", "c"))), REGISTRATIONS)
    assert found.columns == {"title": [2], "owner": [3], "field": [4]}


def test_a_group_tells_two_columns_of_one_name_apart() -> None:
    found = find_header(_grid(list_of_a_commune()), REGISTRATIONS)
    assert (found.columns["kept"], found.columns["new"]) == ([8], [9])
    alone = simple_list(("Tên mô hình", "Tập thể đăng ký", "Lĩnh vực", "Mới"), ("a", "b", "c", "x"))
    assert "new" not in find_header(_grid(alone), REGISTRATIONS).columns


def test_headings_below_the_thirtieth_row_are_not_looked_for() -> None:
    made = OfficeWorkbook()
    made.line(31, "Tên mô hình", "Tập thể đăng ký", "Lĩnh vực")
    assert "30 dòng" in _refused(made, "list_header_not_found")
    made.line(30, "Tên mô hình", "Tập thể đăng ký", "Lĩnh vực")
    assert find_header(_grid(made), REGISTRATIONS).first_row == 30


def test_a_missing_column_is_named_with_the_heading_that_may_be_it() -> None:
    made = simple_list(("STT", "Tên mô hình", "Lĩnh vựt", "Khối"), (1, "a", "b", "c"))
    words = _refused(made, "list_heading_missing")
    assert "“Tập thể đăng ký”" in words
    assert "“Lĩnh vực” (≈ “Lĩnh vựt”)" in words
    assert "Lĩnh vựt (C1)" in words


def test_a_list_of_another_kind_is_called_by_its_name() -> None:
    made = simple_list(OFFICIAL, ("a", "b", "1/QĐ ngày 1/1/2022", "c"))
    assert "Danh sách công nhận" in _refused(made, "list_of_another_kind")


def test_a_list_with_more_headings_of_its_own_kind_is_not_taken_for_another() -> None:
    headings = (*OFFICIAL, "Lĩnh vực", "Khối", "Họ và tên", "Ngày bắt đầu", "Nội dung")
    words = _refused(simple_list(headings, tuple("abcdefghi")), "list_heading_missing")
    assert "“Tập thể đăng ký”" in words


def test_the_stamp_of_a_template_decides_its_kind() -> None:
    made = list_of_a_commune()
    made.stamp = "L3;08;2022"
    assert "Danh sách công nhận" in _refused(made, "list_of_another_kind")
    made = list_of_a_commune()
    made.stamp = "L1;08;2022"
    grid = _grid(made)
    assert grid.stamp == "L1;08;2022"
    assert find_header(grid, REGISTRATIONS, (RECOGNITIONS,)).score == 10


def test_further_sheets_with_the_same_list_are_named_and_read_by_name() -> None:
    made = list_of_a_commune()
    second = made.book.create_sheet("Xã Bản Vược")
    second.append(["Tên mô hình", "Tập thể đăng ký", "Lĩnh vực"])
    second.append(["Chợ sạch", "Hội phụ nữ", "Kinh tế"])
    grid = _grid(made)
    reading = read_table(grid, REGISTRATIONS)
    assert (reading.sheet, reading.other_sheets) == ("Đăng ký 2022", ("Xã Bản Vược",))
    other = read_table(grid, REGISTRATIONS, sheet="Xã Bản Vược")
    assert [row.values["title"] for row in other.rows] == ["Chợ sạch"]
    assert other.other_sheets == ("Đăng ký 2022",)
