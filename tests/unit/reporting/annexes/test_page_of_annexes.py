"""The page of annexes, and the downloads beside tables: xlsx first, all of the same figures."""

import pytest

from tests.support.dashboard_pages import Paging
from tests.support.office_files import document, document_rows, sheet_rows, workbook
from tests.support.sample_ledger import CITY

PAGE = f"/pages/annexes?unit={CITY}&year=2022"
EVERY_PAGE = (
    f"/?unit={CITY}&year=2022",
    f"/pages/years?unit={CITY}",
    f"/pages/changes?unit={CITY}&year=2022&since=300",
    "/pages/units?q=Bắc",
    f"/pages/reconciliation?unit={CITY}&year=2022",
    f"/pages/explanation?unit={CITY}&year=2022&measure=inspected_units",
)


@pytest.mark.parametrize("annex", list("abc"))
def test_the_page_shows_the_tables_of_the_files(paging: Paging, annex: str) -> None:
    page = paging.get(f"{PAGE}&annex={annex}")
    captions = [each.text for each in page.elements if each.tag == "caption"]
    address = page.link("Tải Word (docx)", path=f"/annexes/{annex}.docx")
    tables = document(paging.answer(address)).tables
    assert len(captions) == len(tables)
    for caption, table in zip(captions, tables, strict=True):
        rows = [[" ".join(each.split()) for each in row] for row in document_rows(table)]
        shown = [row for row in page.rows(caption) if is_body(row)]
        assert shown
        assert shown == [row for row in rows if is_body(row)][:100]


def is_body(row: list[str]) -> bool:
    """Say whether a row is none of the head."""
    return row[0].isdigit() or row[1:2] == ["Tổng cộng"] or row[0] in {"I", "II", "III", "IV"}


def test_the_sentences_are_on_the_page(paging: Paging) -> None:
    text = paging.get(PAGE).text
    assert (
        "Trong năm đã có 191 mô hình đăng ký (trong đó duy trì 73, đăng ký mới 118), cụ thể:"
        in text
    )
    assert "Mẫu DVK-A-" in text, text[-900:]


@pytest.mark.parametrize("address", EVERY_PAGE)
@pytest.mark.parametrize("lang", ["vi", pytest.param("en", marks=pytest.mark.thorough)])
def test_a_workbook_is_offered_before_a_document_and_csv(
    paging: Paging, address: str, lang: str
) -> None:
    page = paging.get(f"{address}&lang={lang}")
    forms = [
        form
        for href, _ in page.links
        for form in ("xlsx", "docx", "csv")
        if f"format={form}" in href
    ]
    assert forms
    assert forms == ["xlsx", "docx", "csv"] * (len(forms) // 3)
    for href, _ in page.links:
        if "format=xlsx" in href:
            book = workbook(paging.answer(href))
            assert book.sheetnames[-1] == ("Nguồn" if lang == "vi" else "Source")
        if "format=docx" in href:
            assert document(paging.answer(href)).paragraphs


def test_a_table_of_the_page_is_the_table_of_the_workbook(paging: Paging) -> None:
    page = paging.get(f"/?unit={CITY}&year=2022")
    address = next(h for h, _ in page.links if "format=xlsx" in h and "by=unit" in h)
    rows = sheet_rows(workbook(paging.answer(address)).worksheets[0])
    told = {row[1]: row[2:6] for row in rows[1:]}
    shown = {
        row[0]: [int(each) for each in row[1:5]] for row in page.rows("Theo đơn vị hành chính")
    }
    del shown["Tổng"]
    assert told == shown


def test_the_units_that_a_page_found_are_a_workbook(paging: Paging) -> None:
    answer = paging.answer("/pages/units?q=Bắc&format=xlsx&lang=vi")
    rows = sheet_rows(workbook(answer).worksheets[0])
    assert rows[0][0] == "Đơn vị (mã)"
    assert "don-vi-hanh-chinh" in answer.headers["content-disposition"]
    assert paging.answer("/pages/units?q=Bắc&format=pdf").status_code == 422


@pytest.mark.parametrize("asked", ["annex=d", "style=army"])
def test_what_the_page_does_not_have_is_said(paging: Paging, asked: str) -> None:
    assert paging.answer(f"{PAGE}&{asked}").status_code == 422
