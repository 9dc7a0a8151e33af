"""Every file that is handed out is opened by LibreOffice, and printed in one family of letters."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.dashboard_pages import Paging
from tests.support.printed_files import (
    A4,
    NEEDS_LIBREOFFICE,
    families_of,
    page_sizes,
    printed,
    require_a_font_with_every_letter,
    text_of,
    words_of,
)
from tests.support.sample_ledger import CITY

SCOPE = f"unit={CITY}&year=2022"
FILES = {
    "a-state.docx": (f"/annexes/a.docx?{SCOPE}", "THÀNH PHỐ BẮC KẠN, NĂM 2022"),
    "a-party.docx": (f"/annexes/a.docx?{SCOPE}&style=party", "Phụ lục 1"),
    "a.xlsx": (f"/annexes/a.xlsx?{SCOPE}", "Xây dựng Đảng và hệ thống chính trị"),
    "a-years.docx": (f"/annexes/a.docx?unit={CITY}&from=2021&to=2023", "Các năm cạnh nhau"),
    "b.docx": (f"/annexes/b.docx?{SCOPE}", "Tập thể/cá nhân"),
    "b.xlsx": (f"/annexes/b.xlsx?{SCOPE}", "Mã đăng ký"),
    "c.docx": (f"/annexes/c.docx?{SCOPE}", "Kỷ niệm chương"),
    "c.xlsx": (f"/annexes/c.xlsx?{SCOPE}", "Kỷ niệm chương"),
    "narrative.docx": (f"/annexes/narrative.docx?{SCOPE}", "191 mô hình đăng ký"),
    "list.docx": (f"/registrations?unit_id={CITY}&year=2022&format=docx", "Danh sách đăng ký"),
    "list.xlsx": (f"/registrations?unit_id={CITY}&year=2022&format=xlsx", "Danh sách đăng ký"),
    "table.xlsx": (f"/summaries/units/{CITY}?year=2022&by=unit&format=xlsx", "Phường Xuất Hóa"),
}

pytestmark = NEEDS_LIBREOFFICE


@pytest.fixture(scope="module")
def pdfs(paging: Paging, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Print every file as PDF."""
    folder = tmp_path_factory.mktemp("printed")
    contents = {name: paging.answer(address).content for name, (address, _) in FILES.items()}
    return printed(folder, contents)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_opened_and_printed_on_a4(pdfs: Mapping[str, Path], name: str) -> None:
    assert FILES[name][1] in words_of(pdfs[name])
    assert page_sizes(pdfs[name]) == {A4}


def test_an_annex_of_a_year_is_one_page(pdfs: Mapping[str, Path]) -> None:
    for name in ("a-state.docx", "a-party.docx", "c.docx", "narrative.docx"):
        assert text_of(pdfs[name]).count("\f") == 1, name


def test_every_letter_is_of_one_family(pdfs: Mapping[str, Path]) -> None:
    require_a_font_with_every_letter()
    for name, pdf in pdfs.items():
        assert len(families_of(pdf)) == 1, (name, families_of(pdf))
