"""CSV that a spreadsheet reads right: numbers, ids, texts, labels, and whose language they are in."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shared.errors import Language
from shared.vocabulary.code_words import CODE_WORDS
from shared.vocabulary.column_words import COLUMN_WORDS
from shared.web.answers.csv_tables import CsvWriter, ListTable, Style
from tests.support.printed_files import NEEDS_LIBREOFFICE, opened_by_separator

FREE = {"a": ("A", "A"), "b": ("B", "B")}


def written(
    rows: list[dict[str, Any]], table: ListTable, language: Language = "vi", *, worded: bool = False
) -> list[list[str]]:
    """Return the cells as RFC 4180 has them, the headings first."""
    writer = CsvWriter(table, Style(language, worded))
    text = (writer.head() + writer.lines(rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def as_vietnam_reads(text: str) -> float:
    """Return the number that the locale vi-VN reads: a comma parts decimals, points part groups."""
    return float(text.replace(".", "").replace(",", "."))


@pytest.mark.parametrize(
    "value", [1.234, 12.5, 0.001, -0.5, 7, -7, 1_000, 1_234_567, 2**53, 123456789012.345]
)
def test_a_number_is_read_back_as_it_is_in_either_language(value: float) -> None:
    table = ListTable(("a",), headings=FREE)
    assert as_vietnam_reads(written([{"a": value}], table, "vi")[1][0]) == value
    english = written([{"a": value}], table, "en")[1][0]
    assert float(english) == value
    assert "," not in english
    assert "e" not in english.lower()


def test_a_decimal_comma_is_quoted_so_that_it_parts_no_columns() -> None:
    writer = CsvWriter(ListTable(("a", "b"), headings=FREE), Style("vi", worded=False))
    assert writer.lines([{"a": 1.234, "b": "x"}]) == b'"1,234",x\r\n'


def test_a_file_begins_with_a_byte_order_mark_and_is_utf_8() -> None:
    writer = CsvWriter(ListTable(("unit_id",)), Style("vi", worded=True))
    assert writer.head() == b"\xef\xbb\xbf" + "Đơn vị\r\n".encode()


@pytest.mark.parametrize("column", ["registration_id", "org_id", "id", "field_code", "metric"])
@pytest.mark.parametrize(
    "value", ["-case-lead", "--", "-1", "00123", "1E5", "1.234", "-a.b_c", "2026-03-01", "x"]
)
def test_an_id_comes_back_as_it_is(column: str, value: str) -> None:
    for worded in (False, True):
        assert written([{column: value}], ListTable((column,)), worded=worded)[1] == [value]


def test_several_ids_in_a_cell_come_back_as_they_are() -> None:
    row = {"registration_ids": ["-r-1", "r-2"]}
    table = ListTable(("registration_ids",))
    assert written([row], table, worded=True)[1] == ["-r-1; r-2"]
    assert written([row], table)[1] == ['["-r-1","r-2"]']


@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(1)",
        "+84 24",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "＝1+1",
        "-tên",
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert written([{"title": text}], ListTable(("title",)))[1] == [f"'{text}"]
    # What is no id of the contract is none either where an id stands: of an event it may be more.
    assert written([{"id": text}], ListTable(("id",)))[1] == [f"'{text}"]


def as_a_spreadsheet_parts(line: str, separator: str) -> list[str]:
    """Return the cells of a spreadsheet whose list separator is another one than a comma."""
    return next(csv.reader([line.removesuffix("\r\n")], delimiter=separator))


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=ascii)
@pytest.mark.parametrize("before", ["{}", "a{}", 'a{}"', "a{} ", 'a{} "', "a{}'{}", "{}{}"])
@pytest.mark.parametrize("start", ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1", "－1"])
def test_no_cell_is_run_whatever_separator_a_spreadsheet_has(
    separator: str, before: str, start: str
) -> None:
    """Excel in Vietnamese parts by semicolons, so a title would make a second cell."""
    title = before.format(separator, separator) + start + separator + "b"
    writer = CsvWriter(ListTable(("org_id", "title"), headings=FREE), Style("vi", worded=False))
    for row in ({"org_id": "o-1", "title": title}, {"org_id": title, "title": "x"}):
        line = writer.lines([row]).decode()
        for cell in as_a_spreadsheet_parts(line, separator):
            assert cell.lstrip(' "')[:1] not in set("=+-@＝＋－＠\t\r"), line


@NEEDS_LIBREOFFICE
def test_libreoffice_with_semicolons_finds_no_formula(tmp_path: Path) -> None:
    titles = ("a;=1+1;b", "=2+2", 'a;"=3+3', "x\n=4+4\ny", "a; =5+5;b", "a;+6;b", "a;@SUM(1);b")
    table = ListTable(("org_id", "title"), headings=FREE)
    rows = [{"org_id": "o-1", "title": title} for title in titles]
    unguarded = io.StringIO(newline="")
    csv.writer(unguarded).writerows(row.values() for row in rows)
    writer = CsvWriter(table, Style("vi", worded=False))
    files = {"ours": writer.head() + writer.lines(rows), "unguarded": unguarded.getvalue().encode()}
    formulas = {
        name: sum(
            cell.data_type == "f"
            for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()
            for cell in row
        )
        for name, path in opened_by_separator(tmp_path, ";", files).items()
    }
    assert formulas["unguarded"] >= 2, "nothing was understood as a formula at all"
    assert formulas["ours"] == 0


def test_what_follows_a_semicolon_in_ordinary_words_is_unchanged() -> None:
    for text in ("a; b", "a;b - c = d", "đường, cống; 3 + 4 m", "a;'b", "x;\ny"):
        assert written([{"title": text}], ListTable(("title",)))[1] == [text]


def test_a_free_text_keeps_its_guard_though_it_looks_like_an_id() -> None:
    assert written([{"title": "-abc", "note": "-1"}], ListTable(("title", "note")))[1] == [
        "'-abc",
        "'-1",
    ]


def test_a_program_finds_the_columns_of_the_contract_first_and_labels_behind_them() -> None:
    table = ListTable(
        ("unit_id", "unit_name", "owner_kind", "eligible", "position"),
        frozenset({"unit_id", "owner_kind"}),
    )
    row = {
        "unit_id": "x",
        "unit_name": "Xã X",
        "owner_kind": "household",
        "eligible": True,
        "position": 7,
    }
    assert written([row], table) == [
        ["unit_id", "unit_name", "owner_kind", "eligible", "position", "owner_kind_label"],
        ["x", "Xã X", "household", "true", "7", "Hộ gia đình"],
    ]
    assert written([row], table, "en")[1][-1] == "Household"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "vi",
            [
                ["Đơn vị (mã)", "Đơn vị", "Chủ thể (mã)", "Chủ thể", "Đủ điều kiện bình xét"],
                ["x", "Xã X", "household", "Hộ gia đình", "không"],
            ],
        ),
        (
            "en",
            [
                ["Unit (code)", "Unit", "Owner (code)", "Owner", "Eligible for review"],
                ["x", "Xã X", "household", "Household", "no"],
            ],
        ),
    ],
)
def test_a_person_finds_each_label_beside_its_code(
    language: Language, expected: list[list[str]]
) -> None:
    table = ListTable(
        ("unit_id", "unit_name", "owner_kind", "eligible"), frozenset({"unit_id", "owner_kind"})
    )
    row = {"unit_id": "x", "unit_name": "Xã X", "owner_kind": "household", "eligible": False}
    assert written([row], table, language, worded=True) == expected


def test_objects_and_lists_are_spread_for_people_and_stay_json_for_programs() -> None:
    table = ListTable(
        ("asserted", "codes", "flags"),
        frozenset({"asserted.qualifier", "flags"}),
        {"asserted": ("value", "qualifier")},
    )
    row = {
        "asserted": {"value": 12.5, "qualifier": "more_than"},
        "codes": [{"scheme": "gso", "code": "66"}, {"scheme": "x", "code": "y"}],
        "flags": ["decision_without_number", "unknown_organization"],
    }
    headings, cells = written([row], table, worded=True)
    assert dict(zip(headings, cells, strict=True)) == {
        "Số công bố": "12,5",
        "Mức xác định của số công bố (mã)": "more_than",
        "Mức xác định của số công bố": "Hơn",
        "Mã số theo danh mục khác": "gso: 66; x: y",
        "Điều cần xem lại (mã)": "decision_without_number; unknown_organization",
        "Điều cần xem lại": "Quyết định không có số hiệu; Tổ chức chưa được khai báo",
    }
    headings, cells = written([row], table)
    assert headings == ["asserted", "codes", "flags", "flags_label"]
    assert cells[0] == '{"value":12.5,"qualifier":"more_than"}'


def test_what_is_not_there_is_an_empty_cell() -> None:
    table = ListTable(("tier", "note"), frozenset({"tier"}))
    assert written([{"tier": None, "note": None}], table)[1] == ["", "", ""]


def test_a_code_without_words_stands_for_itself() -> None:
    table = ListTable(("owner_kind",), frozenset({"owner_kind"}))
    assert written([{"owner_kind": "made-up"}], table)[1] == ["made-up", "made-up"]


def test_all_words_are_there_in_both_languages() -> None:
    for both in (
        *COLUMN_WORDS.values(),
        *(w for each in CODE_WORDS.values() for w in each.values()),
    ):
        assert all(words.strip() == words and words for words in both), both
