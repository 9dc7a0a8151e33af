"""A cell that cannot be read is a fault, one that can be read in two ways is a question."""

from datetime import date
from decimal import Decimal

import pytest

from services.lists.reading.days import ReadDay
from services.lists.reading.findings import FindingKind, ListFinding
from services.lists.reading.numbers import Amount
from services.lists.reading.other_values import DocumentMention
from services.lists.reading.table_reader import read_table
from services.lists.reading.tables import TableReading
from services.lists.workbook.reading_process import read_workbook
from tests.support.office_workbooks import (
    RECOGNITIONS,
    REGISTRATIONS,
    OfficeWorkbook,
    TypedCell,
    simple_list,
)

HEADINGS = ("TT", "Tên mô hình", "Tập thể đăng ký", "Lĩnh vực", "Ngày bắt đầu", "Số hộ", "Kinh phí")
SWAPPED = (
    TypedCell(date(2022, 5, 4)),
    TypedCell(date(2022, 7, 2)),
    "25/6/2022",
    "14/9/2022",
)


def _list(*rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> OfficeWorkbook:
    return simple_list(headings, *rows)


def _read(made: OfficeWorkbook, **answers: str) -> TableReading:
    return read_table(
        read_workbook(made.content()),
        REGISTRATIONS,
        answers={key.replace("__", ":"): answer for key, answer in answers.items()},
    )


def _only(made: OfficeWorkbook) -> ListFinding:
    (found,) = _read(made).all_findings()
    return found


def _day(value: object) -> OfficeWorkbook:
    return _list((1, "Cổng rào", "Chi bộ", "Kinh tế", value))


def _households(value: object) -> OfficeWorkbook:
    return _list((1, "Cổng rào", "Chi bộ", "Kinh tế", None, value))


@pytest.mark.parametrize(
    ("made", "code", "cell", "suggestions"),
    [
        (_day("31/4/2022"), "list_day_impossible", "E2", ()),
        (_day("6/25/2022"), "list_day_impossible", "E2", ("25/06/2022",)),
        (_day("quý II/2022"), "list_day_unreadable", "E2", ()),
        (_day(12), "list_day_unreadable", "E2", ()),
        (_households("nhiều"), "list_number_unreadable", "F2", ()),
        (_households("1.25.0"), "list_number_unreadable", "F2", ()),
        (_households("12 hộ"), "list_unit_not_taken", "F2", ()),
        (_households("=1+1"), "list_formula_not_calculated", "F2", ()),
        (_households("#N/A"), "list_cell_error", "F2", ()),
        (_list((1, "Cổng rào", None, "Kinh tế")), "list_value_missing", "C2", ()),
    ],
)
def test_a_fault_names_its_cell_and_what_to_do(
    made: OfficeWorkbook, code: str, cell: str, suggestions: tuple[str, ...]
) -> None:
    found = _only(made)
    assert (found.kind, found.code, found.cell) == (FindingKind.FAULT, code, cell)
    assert found.suggestions == suggestions
    assert "{" not in found.vi + found.en


def test_a_year_of_two_digits_is_asked_about_and_taken_when_answered() -> None:
    made = _day("5/6/22")
    found = _only(made)
    assert (found.kind, found.code) == (FindingKind.QUESTION, "list_year_of_two_digits")
    assert (found.read, found.suggestions) == ("5/6/22", ("05/06/2022",))
    for answers in (
        {f"{found.code}__E2": "yes"},
        {f"{found.code}__E": "yes"},
        {f"{found.code}__E2": "5/6/2022"},
    ):
        reading = _read(made, **answers)
        assert reading.all_findings() == ()
        assert reading.rows[0].values["starts"] == ReadDay(date(2022, 6, 5))


def test_a_number_with_a_dot_and_no_thousands_is_asked_about() -> None:
    made = _households("1.25")
    found = _only(made)
    assert (found.kind, found.code) == (FindingKind.QUESTION, "list_number_ambiguous")
    assert found.suggestions == ("1,25", "1250")
    for answer, number in (("1,25", "1.25"), ("1250", "1250")):
        reading = _read(made, **{f"{found.code}__F2": answer})
        assert reading.all_findings() == ()
        assert reading.rows[0].values["households"] == Amount(Decimal(number))


def _column_of_days(*days: object) -> OfficeWorkbook:
    rows = [(n, f"Mô hình {n}", "Chi bộ", "Kinh tế", day) for n, day in enumerate(days, 1)]
    return _list(*rows)


def test_days_that_excel_took_for_months_are_one_question_for_the_column() -> None:
    reading = _read(_column_of_days(*SWAPPED))
    (found,) = reading.all_findings()
    assert (found.code, found.cell) == ("list_days_swapped", "E")
    assert found.params["count"] == 2
    assert "E2: 04/05/2022 → 05/04/2022" in found.vi


@pytest.mark.parametrize(
    ("answer", "first", "second"),
    [("yes", date(2022, 4, 5), date(2022, 2, 7)), ("no", date(2022, 5, 4), date(2022, 7, 2))],
)
def test_the_answer_decides_for_every_day_of_the_column(
    answer: str, first: date, second: date
) -> None:
    reading = _read(_column_of_days(*SWAPPED), list_days_swapped__E=answer)
    days = [row.values["starts"] for row in reading.rows]
    assert days == [ReadDay(each) for each in (first, second, date(2022, 6, 25), date(2022, 9, 14))]
    assert reading.all_findings() == ()


def test_a_day_after_the_twelfth_among_those_of_excel_clears_the_column() -> None:
    assert _read(_column_of_days(*SWAPPED, date(2022, 3, 13))).all_findings() == ()


def test_without_a_text_after_the_twelfth_nothing_speaks_for_an_exchange() -> None:
    assert _read(_column_of_days(date(2022, 5, 4), "2/7/2022")).all_findings() == ()


def test_a_month_typed_into_excel_is_a_month() -> None:
    made = _day(TypedCell(date(2022, 6, 1), shown_as="mmm-yy"))
    assert _read(made).rows[0].values["starts"].as_written() == "06/2022"


def test_texts_in_old_fonts_are_converted_and_confirmed_once_for_each_column() -> None:
    made = _list(
        (
            1,
            TypedCell("M\u00adêng Hum s¹ch", ".VnTime"),
            TypedCell("Hoäi phuï nöõ", "VNI-Times"),
            "Kinh tế",
        ),
        (2, TypedCell("chî s¹ch", ".VnTimeH"), "Chi bộ", "Kinh tế"),
    )
    reading = _read(made)
    assert [row.values["title"] for row in reading.rows] == ["Mường Hum sạch", "CHỢ SẠCH"]
    assert reading.rows[0].values["owner"] == "Hội phụ nữ"
    assert [(each.code, each.cell, each.params["count"]) for each in reading.findings] == [
        ("list_text_converted", "B", 2),
        ("list_text_converted", "C", 1),
    ]
    confirmed = _read(made, list_text_converted__B="yes", list_text_converted__C="no")
    assert confirmed.findings == ()
    assert confirmed.rows[0].values["owner"] == "Hoäi phuï nöõ"


@pytest.mark.parametrize(
    ("title", "person", "found"),
    [
        ("Cổng rào của đồng chí Nguyễn Văn A", None, "đồng chí Nguyễn Văn A"),
        ("Vườn mẫu nhà bà Hoa", None, "bà Hoa"),
        ("Vườn mẫu của Lò Thị B ở thôn 3", "Lò Thị B", "Lò Thị B"),
        ("Vườn mẫu của ông bà Hoa", None, "bà Hoa"),
        ("Bà con giữ sạch ngõ", "Lò Thị B", None),
        ("Tuyến đường Bà Triệu văn minh", None, None),
        ("MÔ HÌNH CỦA BÀ CON THÔN 2", None, None),
    ],
)
def test_a_name_of_a_person_in_a_title_is_asked_about(
    title: str, person: str | None, found: str | None
) -> None:
    headings = ("TT", "Tên mô hình", "Tập thể đăng ký", "Lĩnh vực", "Họ và tên")
    made = _list((1, title, "Chi bộ", "Kinh tế", person), headings=headings)
    findings = _read(made).all_findings()
    assert [(each.code, each.params["found"]) for each in findings] == (
        [("list_person_in_title", found)] if found else []
    )
    assert _read(made, list_person_in_title__B2="no").all_findings() == ()


@pytest.mark.parametrize(
    ("written", "number", "day"),
    [
        ("15/QĐ-UBND ngày 05/6/2022", "15/QĐ-UBND", date(2022, 6, 5)),
        ("Quyết định số 15-QĐ/HU, ngày 5 tháng 6 năm 2022", "15-QĐ/HU", date(2022, 6, 5)),
        ("Số: 245/QĐ-UBND (12.11.2021)", "245/QĐ-UBND", date(2021, 11, 12)),
        ("15/QĐ-UBND", "15/QĐ-UBND", None),
    ],
)
def test_number_and_day_of_a_decision_are_read_from_one_cell(
    written: str, number: str, day: date | None
) -> None:
    headings = tuple(column.headings[0] for column in RECOGNITIONS.columns)
    made = simple_list(headings, ("Cổng rào", "Cấp xã", written, "UBND xã"))
    reading = read_table(read_workbook(made.content()), RECOGNITIONS)
    expected = DocumentMention(number, ReadDay(day) if day else None)
    assert reading.rows[0].values["decision"] == expected


def test_a_heading_found_twice_names_both_cells_and_waits_for_the_answer() -> None:
    headings = ("TT", "Tên mô hình", "Tập thể đăng ký", "Lĩnh vực", "Tên mô hình")
    made = _list((1, "Cổng rào", "Chi bộ", "Kinh tế", "Chợ sạch"), headings=headings)
    (found,) = _read(made).all_findings()
    assert (found.code, found.suggestions) == ("list_heading_twice", ("B", "E"))
    assert "B1, E1" in found.vi
    answered = _read(made, list_heading_twice__B="E")
    assert answered.rows[0].values["title"] == "Chợ sạch"
    assert answered.all_findings() == ()
