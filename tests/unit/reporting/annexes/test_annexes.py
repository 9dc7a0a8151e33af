"""Annexes A, B and C parsed back from docx, xlsx and CSV: each cell is one of `/summaries`."""

import json
from typing import Any

import pytest

from tests.support.dashboard_pages import Paging
from tests.support.office_files import csv_rows, document, document_rows, sheet_rows, workbook
from tests.support.sample_ledger import CITY

SCOPE = f"unit={CITY}&year=2022"
FORMS = ("docx", "xlsx", "csv")
Rows = list[list[str]]


def summary(paging: Paging, *by: str, unit: str = CITY, year: int = 2022) -> dict[str, Any]:
    """Return a summary over HTTP."""
    tables = "".join(f"&by={each}" for each in by)
    answer = paging.answer(f"/summaries/units/{unit}?year={year}{tables}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def cells(paging: Paging, measure: str, *by: str) -> dict[tuple[str | None, ...], int]:
    """Return a measure of a cross table by the codes of its rows."""
    (table,) = summary(paging, ",".join(by))["tables"]
    return {tuple(row[each] for each in by): row[measure] for row in table["rows"]}


def tables(paging: Paging, annex: str, form: str, asked: str = SCOPE) -> list[Rows]:
    """Return the tables of an annex as texts, each from its head to its last row."""
    answer = paging.answer(f"/annexes/{annex}.{form}?{asked}")
    if form == "docx":
        return [document_rows(table) for table in document(answer).tables]
    if form == "xlsx":
        book = workbook(answer)
        return [
            [[_text(cell) for cell in row] for row in _cut(sheet_rows(s))]
            for s in book.worksheets[:-1]
        ]
    found: list[Rows] = []
    for row in csv_rows(answer):
        if not row:
            found.append([])
        elif len(row) > 1 and found:
            found[-1].append(row)
    return [each for each in found if each]


def _cut(rows: list[list[Any]]) -> list[list[Any]]:
    width = max(len(row) for row in rows)
    return [row for row in rows if len(row) == width]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def body(rows: Rows) -> dict[str, list[int]]:
    """Return the numbers of each row that has any, by its label."""
    found: dict[str, list[int]] = {}
    for row in rows:
        numbers = [each.replace(".", "") for each in row[2:]]
        if numbers and all(each.isdigit() for each in numbers):
            assert row[1] not in found
            found[row[1]] = [int(each) for each in numbers]
    return found


@pytest.mark.parametrize("form", FORMS)
def test_annex_a_has_the_figures_of_the_account(paging: Paging, form: str) -> None:
    fields, owners, blocks = tables(paging, "a", form)
    registered = cells(paging, "registered", "field", "registration_kind")
    assert body(fields)["Cải cách hành chính"] == [
        20,
        registered["bk_city_2022.2_admin_reform", "maintained"],
        registered["bk_city_2022.2_admin_reform", "new"],
    ]
    assert body(fields)["Tổng cộng"] == [191, 73, 118]
    assert body(owners) == {
        "Tập thể": [147, 118, 49, 69],
        "Cá nhân": [13, 11, 1, 10],
        "Tổng cộng": [160, 129, 50, 79],
    }
    assert body(blocks)["Khối xã, phường"] == [8, 84, 5]
    assert body(blocks)["Phường Xuất Hóa"][1] == 19
    assert body(blocks)["Tổng cộng"] == [29, 129, 11]


@pytest.mark.parametrize("form", FORMS)
def test_every_cell_of_annex_a_is_one_of_the_summary(paging: Paging, form: str) -> None:
    fields, owners, blocks = tables(paging, "a", form)
    kinds = ("maintained", "new")
    by_field = summary(paging, "field")["tables"][0]["rows"]
    narrowed = cells(paging, "registered", "field", "registration_kind")
    told = [row for label, row in body(fields).items() if label != "Tổng cộng"]
    assert told == [
        [row["registered"], *(narrowed.get((row["field"], kind), 0) for kind in kinds)]
        for row in by_field
    ]
    recognized = cells(paging, "recognized", "owner_kind", "registration_kind")
    assert [row for label, row in body(owners).items() if label != "Tổng cộng"] == [
        [
            row["eligible"],
            row["recognized"],
            *(recognized.get((row["owner_kind"], kind), 0) for kind in kinds),
        ]
        for row in summary(paging, "owner_kind")["tables"][0]["rows"]
    ]
    individual = cells(paging, "recognized", "owner_kind", "block")
    of_blocks = summary(paging, "block")["tables"][0]["rows"]
    told = [body(blocks)[label] for label in body(blocks) if label.startswith("Khối")]
    assert told == [
        [
            row["recognized_organizations"],
            row["recognized"],
            individual.get(("individual", row["block"]), 0),
        ]
        for row in of_blocks
    ]
    units = {row["unit"]: row for row in summary(paging, "unit")["tables"][0]["rows"]}
    communes = [
        numbers for label, numbers in body(blocks).items() if label.startswith(("Phường", "Xã"))
    ]
    assert sorted(row[1] for row in communes) == sorted(
        row["recognized"] for unit, row in units.items() if unit != CITY
    )


@pytest.mark.parametrize("annex", list("abc"))
def test_the_three_forms_of_an_annex_hold_the_same(paging: Paging, annex: str) -> None:
    of_forms = [
        [
            [row for row in map(_without_id, rows) if _is_body(row)]
            for rows in tables(paging, annex, f)
        ]
        for f in FORMS
    ]
    assert of_forms[0] == of_forms[1] == of_forms[2]
    assert sum(map(len, of_forms[0])) >= 8


def _without_id(row: list[str]) -> list[str]:
    """Leave out the ids of registrations, which documents do not print."""
    return [each for each in row if not each.startswith("bk-058-2022-")]


def _is_body(row: list[str]) -> bool:
    """Say whether a row is none of the head, whose spans each form writes in its own way."""
    first = row[0]
    return (
        first.isdigit() or row[1:2] == ["Tổng cộng"] or (first != "" and set(first) <= set("IVX"))
    )


@pytest.mark.parametrize("form", FORMS)
def test_annex_b_names_every_recognised_model_once(paging: Paging, form: str) -> None:
    (rows,) = tables(paging, "b", form)
    titles = [row[1] for row in rows[1:]]
    assert len(titles) == len(set(titles)) == summary(paging)["measures"]["recognized"] == 129
    listed = paging.answer(f"/registrations?unit_id={CITY}&year=2022&format=json").json()["items"]
    assert set(titles) == {item["title"] for item in listed if item["tier"]}
    if form != "docx":
        ids = {row[-1] for row in rows[1:]}
        assert ids == {item["registration_id"] for item in listed if item["tier"]}
    assert rows[0][:4] == ["STT", "Tên mô hình", "Tập thể/cá nhân", "Đơn vị"]
    assert sum(row[2].startswith("Cá nhân") for row in rows[1:]) == 11


@pytest.mark.parametrize("form", FORMS)
def test_annex_c_counts_awards_by_form_and_grantor(paging: Paging, form: str) -> None:
    (rows,) = tables(paging, "c", form)
    told = [(row[0], row[1], *map(int, row[2:])) for row in rows if row[-1].isdigit()]
    committee = "Ban Chỉ đạo phong trào thi đua “Dân vận khéo” thành phố Bắc Kạn"
    assert sorted(told) == sorted(
        [
            ("I", "Bằng khen", 2, 0, 2, 0, 1),
            ("1", committee, 2, 0, 2, 0, 1),
            ("II", "Giấy khen", 3, 1, 1, 1, 1),
            ("1", committee, 2, 1, 1, 0, 1),
            ("2", "o-khac", 1, 0, 0, 1, 0),
            ("III", "Kỷ niệm chương", 1, 0, 1, 0, 0),
            ("1", committee, 1, 0, 1, 0, 0),
            ("", "Tổng cộng", 6, 1, 4, 1, 2),
        ]
    )
    granted = cells(paging, "awards_granted", "award_form", "recipient_kind")
    assert sum(granted.values()) == 6
    assert granted["giay_khen", "household"] == 1


@pytest.mark.parametrize(("style", "number"), [("state", "Phụ lục I"), ("party", "Phụ lục 1")])
def test_a_style_has_its_own_heading(paging: Paging, style: str, number: str) -> None:
    made = document(paging.answer(f"/annexes/a.docx?{SCOPE}&style={style}"))
    lines = [each.text for each in made.paragraphs if each.text]
    assert lines[:3] == [
        number,
        "TỔNG HỢP KẾT QUẢ PHONG TRÀO THI ĐUA “DÂN VẬN KHÉO”",
        "THÀNH PHỐ BẮC KẠN, NĂM 2022",
    ]
    assert ("/BC-" in lines[3]) == (style == "state")
    assert ("-BC/" in lines[3]) == (style == "party")
    told = summary(paging)
    position = told["known_at"]["position"]
    assert lines[-1].startswith("Số liệu tính đến hết ngày ")
    assert f"vị trí {position} của sổ cái" in lines[-1]
    assert told["digest"] in lines[-1]
    section = made.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(each.mm) for each in margins] == [20, 20, 30, 15]
    assert "KT." not in made.element.xml
    assert made.core_properties.subject.startswith("Nghị định")


@pytest.mark.parametrize("form", FORMS)
def test_years_stand_side_by_side_and_are_never_added_up(paging: Paging, form: str) -> None:
    rows = tables(paging, "a", form, f"unit={CITY}&from=2021&to=2023&known_at=2024-06-30")
    side_by_side = {row[1]: row[2:] for row in rows[0] if row[0].isdigit()}
    assert side_by_side["Đăng ký"] == ["0", "191", "0"]
    assert side_by_side["Tổ chức có mô hình được công nhận"] == ["0", "29", "0"]
    totals = {row[1]: row[2:] for row in rows[1] if row[1].startswith(("Cộng", "Tổng"))}
    assert totals == {
        "Cộng năm 2021": ["0", "0", "0"],
        "Cộng năm 2022": ["191", "73", "118"],
        "Cộng năm 2023": ["0", "0", "0"],
    }


def test_a_year_that_has_not_passed_is_not_compared(paging: Paging) -> None:
    answer = paging.answer(f"/annexes/a.csv?unit={CITY}&from=2021&to=2023&known_at=2023-06-30")
    text = answer.content.decode("utf-8-sig")
    assert "2023 (đến 30/06/2023)" in text
    assert "chưa trọn năm: không so sánh" in text
    whole = paging.answer(f"/annexes/a.csv?unit={CITY}&from=2021&to=2022&known_at=2023-06-30")
    assert "chưa trọn năm" not in whole.text


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "from=2021",
        "to=2021",
        "year=2022&from=2021&to=2022",
        "from=2023&to=2021",
        "from=2001&to=2021",
    ],
)
def test_years_are_asked_for_in_one_way_only(paging: Paging, asked: str) -> None:
    assert paging.answer(f"/annexes/a.docx?unit={CITY}&{asked}".rstrip("&")).status_code == 422


def test_what_is_no_annex_is_refused_in_words(paging: Paging) -> None:
    for path in ("d.docx", "a.pdf", "narrative.xlsx", "A.docx"):
        answer = paging.answer(f"/annexes/{path}?{SCOPE}")
        assert answer.status_code == 422, path
        assert answer.json()["code"] == "invalid_parameter"
    assert paging.answer("/annexes/a.docx?unit=nowhere&year=2022").status_code == 404


def test_an_annex_has_a_name_and_is_sent_once(paging: Paging) -> None:
    answer = paging.answer(f"/annexes/c.docx?{SCOPE}&style=party")
    assert answer.headers["content-disposition"].startswith('attachment; filename="phu-luc-c-khen')
    assert "b%E1%BA%AFc-k%E1%BA%A1n_2022" in answer.headers["content-disposition"]
    assert answer.headers["etag"] != paging.answer(f"/annexes/c.docx?{SCOPE}").headers["etag"]
    assert json.dumps(dict(answer.headers))
