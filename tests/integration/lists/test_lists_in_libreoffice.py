"""Templates and annotated copies are opened by LibreOffice, and printed as an office would."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from services.lists.kinds.catalog import KINDS
from tests.support.office_workbooks import simple_list
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
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import small_ledger

pytestmark = NEEDS_LIBREOFFICE
HEADINGS = ("STT", "Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Lĩnh vực", "Khối", "Xã, phường",
            "Hình thức")  # fmt: skip
ROWS = (
    (1, "Đường hoa", "Chi hội Phụ nữ", "Tập thể", "Kinh tế", "khoi-1", "Bình Văn x-1", "Mới"),
    (2, "Nhà sạch", "Chi bộ thôn 3", "Tập thể", "Kinh tê số", "khoi-1", "Bình Văn x-9", "Mới"),
)


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Path]]:
    """Print the template of every kind and an annotated copy."""
    home = tmp_path_factory.mktemp("desk")
    with small_ledger(home / "ledger") as ledger, small_desk(ledger, home) as desk:
        asked = {"unit": "t-1", "year": "2022", "filled": "this"}
        files = {
            f"{kind}.xlsx": _file(desk, "/lists/template.xlsx", {"kind": kind, **asked})
            for kind in KINDS
        }
        page = desk.uploaded(simple_list(HEADINGS, *ROWS).content())
        desk.settled(page)
        address = str(page.url).partition("?")[0]
        files["annotated.xlsx"] = _file(desk, f"{address}/annotated.xlsx", {})
    return printed(tmp_path_factory.mktemp("printed"), files)


def _file(desk: SmallDesk, address: str, params: Mapping[str, str]) -> bytes:
    answer = desk.ask("GET", address, params=params)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_printed_with_its_title_and_every_heading(
    pdfs: Mapping[str, Path], kind: str
) -> None:
    pdf = pdfs[f"{kind}.xlsx"]
    of_list = (page for page in text_of(pdf).split("\f") if "Cách ghi" not in page)
    text = " ".join(of_list)
    words = " ".join(text.split())
    assert KINDS[kind].title[0].upper() in words
    assert "Xã Bình Văn t-1, năm 2022" in words
    columns = [each for each in KINDS[kind].columns if each.in_template]
    # The lines of a heading in a narrow column come between those of its neighbours.
    printed_words = set(text.replace("*", "").split())
    headings = [each.spec.headings[0] for each in columns]
    assert [each for each in headings if not set(each.split()) <= printed_words] == []
    assert page_sizes(pdf) == {A4}


def test_an_annotated_copy_is_printed_with_what_to_mend(pdfs: Mapping[str, Path]) -> None:
    words = words_of(pdfs["annotated.xlsx"])
    assert [each for each in ("Kết quả", "Cần sửa", "Mã đăng ký") if each not in words] == []
    assert "sẽ nhận" in words
    assert "E3: Lĩnh vực “Kinh tê số” không có trong sổ cái." in words
    assert "G3: Xã, phường, đặc khu “Bình Văn x-9” không có trong sổ cái." in words


def test_every_letter_is_of_one_family(pdfs: Mapping[str, Path]) -> None:
    require_a_font_with_every_letter()
    for name, pdf in pdfs.items():
        assert len(families_of(pdf)) == 1, (name, families_of(pdf))
