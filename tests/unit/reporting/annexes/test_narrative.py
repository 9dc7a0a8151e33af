"""The sentences of an account: every published figure of Bắc Kạn city 2022 is found in them."""

import re
from typing import Any

import pytest

from services.console.datasets.sample.published import city_figures
from tests.support.dashboard_pages import Paging
from tests.support.office_files import document
from tests.support.sample_ledger import CITY

ADDRESS = f"/annexes/narrative.{{}}?unit={CITY}&year=2022"


def sentences(paging: Paging, asked: str = f"unit={CITY}&year=2022") -> list[dict[str, Any]]:
    answer = paging.answer(f"/annexes/narrative.json?{asked}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["sentences"])


def written(value: int) -> str:
    return f"{value:02d}" if 0 < value < 10 else f"{value:,}".replace(",", ".")


def found(told: list[dict[str, Any]], metric: str, cell: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {**figure, "text": each["text"]}
        for each in told
        for figure in each["figures"]
        if figure.get("measure") == metric and figure["cell"] == cell
    ]


def test_the_forty_figures_of_the_account_are_found(paging: Paging) -> None:
    told = sentences(paging)
    text = paging.answer(ADDRESS.format("txt")).text
    published = city_figures()
    assert len(published) == 40
    for figure in published:
        cell = dict(figure.dimensions)
        if figure.place.unit_id != CITY:
            cell["unit"] = figure.place.unit_id
        (one, *_) = found(told, figure.metric, cell) or [None]
        assert one is not None, (figure.figure_id, figure.metric, cell)
        assert one["value"] == figure.value, figure.figure_id
        assert re.search(rf"\b{written(figure.value)}\b", one["text"]), (figure.figure_id, one)
        assert one["text"] in text


def test_the_sentence_of_registration_is_that_of_the_account(paging: Paging) -> None:
    texts = [each["text"] for each in sentences(paging)]
    assert (
        "Trong năm đã có 191 mô hình đăng ký (trong đó duy trì 73, đăng ký mới 118), cụ thể:"
    ) in texts
    assert "- Cải cách hành chính: 20 mô hình (duy trì 10, đăng ký mới 10);" in texts
    assert "Đã tặng 03 Giấy khen (tập thể 01, cá nhân 01, hộ gia đình 01); đã trao 01." in texts
    assert "Đất hiến (m²): hơn 1.250." in texts
    assert "Ngày công: hơn 320,5 (số tại thời điểm, không cộng)." in texts


def test_every_figure_is_the_cell_of_a_summary(paging: Paging) -> None:
    for each in sentences(paging):
        for figure in each["figures"]:
            if "measure" not in figure:
                continue
            cell = figure["cell"]
            by = f"&by={','.join(cell)}" if cell else ""
            summary = paging.answer(f"/summaries/units/{CITY}?year=2022{by}").json()
            if not cell:
                assert figure["value"] == summary["measures"][figure["measure"]]
                continue
            rows = summary["tables"][0]["rows"]
            (row,) = [r for r in rows if all(r[name] == code for name, code in cell.items())]
            assert figure["value"] == row[figure["measure"]]


def test_a_document_holds_the_same_sentences(paging: Paging) -> None:
    made = document(paging.answer(ADDRESS.format("docx")))
    lines = [each.text for each in made.paragraphs]
    assert lines[2:-1] == [each["text"] for each in sentences(paging)]
    assert lines[-1].startswith("Số liệu tính đến hết ngày")


@pytest.mark.parametrize("form", ["docx", "txt", "json"])
def test_an_empty_year_says_so(paging: Paging, form: str) -> None:
    answer = paging.answer(f"/annexes/narrative.{form}?unit={CITY}&year=2020")
    assert answer.status_code == 200
    if form != "docx":
        assert "Trong năm chưa có mô hình nào đăng ký." in answer.text


def test_years_have_sentences_of_their_own(paging: Paging) -> None:
    told = sentences(paging, f"unit={CITY}&from=2022&to=2023&known_at=2023-06-30")
    assert "không cộng qua các năm" in told[0]["text"]
    headings = [(each["year"], each["text"]) for each in told if each["heading"]]
    assert headings[:2] == [(2022, "Năm 2022"), (2022, "1. Đăng ký")]
    assert (2023, "Năm 2023") in headings
    (unfinished,) = [each for each in told if "chưa trọn năm" in each["text"]]
    assert unfinished["year"] == 2023
    registered = [
        (each["year"], f["value"])
        for each in told
        for f in each["figures"]
        if f.get("cell") == {} and f["measure"] == "registered"
    ]
    assert registered == [(2022, 191)]
