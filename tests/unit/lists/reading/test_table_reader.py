"""The list of an office is read as the office meant it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from services.lists.reading.days import DayPrecision, ReadDay
from services.lists.reading.numbers import Amount
from services.lists.reading.table_reader import read_table
from services.lists.reading.tables import RowCounts, TableReading
from services.lists.workbook.reading_process import read_workbook
from tests.support.office_workbooks import (
    REGISTRATIONS,
    OfficeWorkbook,
    changed_texts,
    decomposed,
    list_of_a_commune,
    with_invisible,
)


def _read(made: OfficeWorkbook, answers: dict[str, str] | None = None) -> TableReading:
    return read_table(read_workbook(made.content()), REGISTRATIONS, answers=answers)


@pytest.fixture(scope="module")
def reading() -> TableReading:
    return _read(list_of_a_commune())


def test_the_table_is_found_below_its_titles(reading: TableReading) -> None:
    assert (reading.sheet, reading.header_rows) == ("Đăng ký 2022", (6, 7))
    assert reading.columns["title"] == "B"
    assert reading.columns["reviewed"] == "G"
    assert reading.columns["new"] == "I"
    assert [(each.cell, each.text) for each in reading.unknown_headings] == [("L7", "Ghi chú")]


def test_blank_rows_totals_and_signatures_are_no_rows_and_are_counted(
    reading: TableReading,
) -> None:
    assert [row.number for row in reading.rows] == [10, 11, 12, 15]
    assert reading.counts == RowCounts(read=4, blank=1, totals=1, subheadings=2, after_end=2)
    assert reading.skipped[9] == "I. Khối hành chính"
    assert reading.skipped[16].startswith("Tổng cộng")


def test_a_row_has_its_values_and_where_each_of_them_is(reading: TableReading) -> None:
    row = reading.rows[0]
    assert row.values == {
        "title": "Cổng rào xanh",
        "owner": "Chi bộ thôn 1",
        "field": "Kinh tế",
        "unit": "Mường Hum",
        "block": "Khối hành chính",
        "starts": ReadDay(date(2022, 3, 15)),
        "reviewed": ReadDay(date(2022, 11, 30)),
        "kept": True,
        "money": Amount(Decimal(1250), "nghìn đồng"),
        "content": "Trồng hoa\nDọn ngõ",
    }
    assert row.cells["title"] == "B10"
    assert row.cells["starts"] == "F10"


def test_a_block_holds_until_the_next_sub_heading(reading: TableReading) -> None:
    assert [row.subheadings for row in reading.rows] == [
        ("Khối hành chính",),
        ("Khối hành chính",),
        ("Khối hành chính",),
        ("Khối Đảng, đoàn thể",),
    ]
    assert [row.values["block"] for row in reading.rows][2:] == [
        "Khối hành chính",
        "Khối Đảng, đoàn thể",
    ]


def test_a_joined_cell_gives_its_value_only_where_the_column_says_so(reading: TableReading) -> None:
    first, second, third, last = reading.rows
    assert second.values["field"] == "Kinh tế"
    assert third.values["field"] == "Văn hóa"
    assert {row.values["unit"] for row in (first, second, third)} == {"Mường Hum"}
    assert second.cells["unit"] == "E10"
    assert second.values["money"] == Amount(Decimal(350))
    assert "money" not in third.values
    assert last.cells["unit"] == "E15"


def test_months_and_years_are_read_as_far_as_they_are_known(reading: TableReading) -> None:
    assert reading.rows[1].values["reviewed"] == ReadDay(date(2022, 12, 1), DayPrecision.MONTH)
    assert reading.rows[2].values["starts"] == ReadDay(date(2022, 1, 1), DayPrecision.YEAR)
    assert reading.rows[3].values["kept"] is False
    assert "starts" not in reading.rows[3].values


def test_nothing_is_asked_about_a_clean_list(reading: TableReading) -> None:
    assert reading.all_findings() == ()


@pytest.mark.parametrize("change", [decomposed, with_invisible, str.upper])
def test_the_same_list_in_other_characters_is_the_same_list(
    reading: TableReading, change: Callable[[str], str]
) -> None:
    other = _read(changed_texts(change))
    assert other.counts == reading.counts
    assert other.columns == reading.columns
    if change is not str.upper:
        assert [row.values for row in other.rows] == [row.values for row in reading.rows]
