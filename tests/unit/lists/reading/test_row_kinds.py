"""Totals, sub-headings, repeated heads and signatures are told from the rows of a list."""

from dataclasses import replace

import pytest

from services.lists.reading.table_reader import read_table
from services.lists.reading.tables import RowCounts, TableReading
from services.lists.workbook.reading_process import read_workbook
from tests.support.office_workbooks import REGISTRATIONS, OfficeWorkbook, simple_list

HEADINGS = ("STT", "Tên mô hình", "Tập thể đăng ký", "Lĩnh vực", "Xã, phường")
FIRST = (1, "Cổng rào", "Chi bộ", "Kinh tế", "Mường Hum")


def _read(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> TableReading:
    made = simple_list(headings, *rows)
    return read_table(read_workbook(made.content()), REGISTRATIONS)


@pytest.mark.parametrize(
    "row",
    [
        ("Tổng cộng",),
        ("Tổng cộng:", None, None, 12),
        (None, "Tổng số", 12),
        (None, "TỔNG CỘNG (I + II)", 12),
        (None, "Cộng", None, 12),
        (None, "Cộng mục I", None, 12),
        (None, "Cộng khối Đảng", 3),
    ],
)
def test_a_total_is_no_row_of_the_list(row: tuple[object, ...]) -> None:
    reading = _read(FIRST, row)
    assert reading.counts == RowCounts(read=1, totals=1)


@pytest.mark.parametrize(
    "title", ["Cộng đồng tự quản", "Tổng vệ sinh ngày thứ bảy", "Chủ tịch xã đối thoại", "A. Xanh"]
)
def test_a_numbered_row_is_one_of_the_list_whatever_its_title(title: str) -> None:
    reading = _read(FIRST, (2, title, "Chi bộ", "Kinh tế", "Mường Hum"))
    assert [row.values["title"] for row in reading.rows] == ["Cổng rào", title]


@pytest.mark.parametrize("title", ["Cộng đồng tự quản", "Tổng vệ sinh ngày thứ bảy"])
def test_a_title_that_begins_like_a_total_is_none_without_numbers_too(title: str) -> None:
    reading = _read((title, "Chi bộ", "Kinh tế"), headings=HEADINGS[1:])
    assert reading.counts == RowCounts(read=1)


def test_sub_headings_of_two_levels_go_below_one_another() -> None:
    reading = _read(
        ("A", "Cấp huyện"),
        ("I", "Khối hành chính"),
        FIRST,
        ("II. Khối đoàn thể", None, 2),
        FIRST,
        ("B. Cấp xã",),
        FIRST,
    )
    assert [row.subheadings for row in reading.rows] == [
        ("Cấp huyện", "Khối hành chính"),
        ("Cấp huyện", "Khối đoàn thể"),
        ("Cấp xã",),
    ]
    assert reading.counts == RowCounts(read=3, subheadings=4)


def test_sub_headings_take_the_place_of_a_required_column() -> None:
    columns = tuple(
        replace(column, required=True) if column.key == "block" else column
        for column in REGISTRATIONS.columns
    )
    made = simple_list(HEADINGS, FIRST, ("I. Khối hành chính",), FIRST)
    reading = read_table(read_workbook(made.content()), replace(REGISTRATIONS, columns=columns))
    assert [row.values.get("block") for row in reading.rows] == [None, "Khối hành chính"]
    assert [(each.code, each.cell) for each in reading.all_findings()] == [
        ("list_value_missing", "A2")
    ]


def test_heads_repeated_on_each_page_are_left_aside() -> None:
    reading = _read(FIRST, HEADINGS, FIRST)
    assert reading.counts == RowCounts(read=2, repeated_headings=1)


def test_rows_numbered_in_advance_are_blank() -> None:
    reading = _read(FIRST, (2,), (3,), (4, "Chợ sạch", "Chi bộ", "Kinh tế"), (5,))
    assert reading.counts == RowCounts(read=2, blank=2)
    assert reading.all_findings() == ()


def test_a_row_that_lost_its_other_cells_is_a_row_with_faults() -> None:
    reading = _read(FIRST, (2, "Chợ sạch"), (None, "Đường sáng"))
    assert [row.number for row in reading.rows] == [2, 3, 4]
    assert [found.cell for found in reading.all_findings()] == ["C3", "D3", "C4", "D4"]


@pytest.mark.parametrize(
    "signature",
    [
        (None, "NGƯỜI LẬP BIỂU"),
        ("Nơi nhận:", None, None, "TM. BAN CHỈ ĐẠO"),
        (None, None, "Mường Hum, ngày 5 tháng 6 năm 2022"),
        (None, None, None, "KT. CHỦ TỊCH"),
        ("Ghi chú: biểu gửi trước ngày 15",),
    ],
)
def test_signatures_end_the_table(signature: tuple[object, ...]) -> None:
    reading = _read(FIRST, (), signature, ("- Như trên",), (7, "Không thuộc danh sách"))
    assert reading.counts == RowCounts(read=1, after_end=2)


def test_a_joined_cell_beyond_the_table_is_no_row() -> None:
    made = simple_list(HEADINGS, FIRST)
    made.sheet.merge_cells("E2:E40000")
    reading = read_table(read_workbook(made.content()), REGISTRATIONS)
    assert reading.counts == RowCounts(read=1)


def test_a_list_without_rows_is_read_as_such() -> None:
    made = OfficeWorkbook()
    made.line(1, *HEADINGS)
    reading = read_table(read_workbook(made.content()), REGISTRATIONS)
    assert (reading.rows, reading.counts) == ((), RowCounts())
