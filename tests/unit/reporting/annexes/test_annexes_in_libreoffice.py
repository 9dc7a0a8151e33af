"""Every file that is handed out is opened by LibreOffice, and printed in one family of letters."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.dashboard_pages import Paging
from tests.support.sample_ledger import CITY

OFFICE = shutil.which("soffice")
TEXT, FONTS = shutil.which("pdftotext"), shutil.which("pdffonts")
SCOPE = f"unit={CITY}&year=2022"
FILES = {
    "a-state.docx": (f"/annexes/a.docx?{SCOPE}", "THÀNH PHỐ BẮC KẠN, NĂM 2022"),
    "a-party.docx": (f"/annexes/a.docx?{SCOPE}&style=party", "Phụ lục 1"),
    "a.xlsx": (f"/annexes/a.xlsx?{SCOPE}", "Xây dựng Đảng và hệ thống chính trị"),
    "a-years.docx": (f"/annexes/a.docx?unit={CITY}&from=2021&to=2023", "Các năm cạnh nhau"),
    "b.docx": (f"/annexes/b.docx?{SCOPE}", "Tập thể/cá nhân"),
    "b.xlsx": (f"/annexes/b.xlsx?{SCOPE}", "Mã đăng ký"),
    "c.docx": (f"/annexes/c.docx?{SCOPE}", "Kỷ niệm chương"),
    "narrative.docx": (f"/annexes/narrative.docx?{SCOPE}", "191 mô hình đăng ký"),
    "list.docx": (f"/registrations?unit_id={CITY}&year=2022&format=docx", "Danh sách đăng ký"),
    "list.xlsx": (f"/registrations?unit_id={CITY}&year=2022&format=xlsx", "Danh sách đăng ký"),
    "table.xlsx": (f"/summaries/units/{CITY}?year=2022&by=unit&format=xlsx", "Phường Xuất Hóa"),
}

pytestmark = pytest.mark.skipif(
    OFFICE is None or TEXT is None or FONTS is None,
    reason="LibreOffice (soffice) or pdftotext is not on the PATH: nothing saw the files printed",
)


@pytest.fixture(scope="module")
def printed(paging: Paging, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Print every file as PDF, in one run of LibreOffice for each kind."""
    folder = tmp_path_factory.mktemp("printed")
    for name, (address, _) in FILES.items():
        (folder / name).write_bytes(paging.answer(address).content)
    for kind in ("docx", "xlsx"):
        out = folder / kind
        command = [
            str(OFFICE),
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(out),
            *(str(folder / name) for name in FILES if name.endswith(kind)),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_opened_and_printed(printed: Path, name: str) -> None:
    stem, kind = name.split(".")
    pdf = printed / kind / f"{stem}.pdf"
    assert pdf.is_file()
    text = subprocess.run([str(TEXT), str(pdf), "-"], check=True, capture_output=True, text=True)
    assert FILES[name][1] in " ".join(text.stdout.split())


def test_an_annex_of_a_year_is_one_page(printed: Path) -> None:
    for name in ("a-state", "a-party", "c", "narrative"):
        pdf = printed / "docx" / f"{name}.pdf"
        text = subprocess.run(
            [str(TEXT), str(pdf), "-"], check=True, capture_output=True, text=True
        )
        assert text.stdout.count("\f") == 1, name


def test_every_letter_is_of_one_family(printed: Path) -> None:
    matched = subprocess.run(
        ["fc-match", "-f", "%{family}", "Times New Roman:lang=vi"],
        check=False,
        capture_output=True,
        text=True,
    ).stdout
    if "Liberation" not in matched and "Times" not in matched and "Tinos" not in matched:
        pytest.skip(
            f"no font that stands in for Times New Roman with Vietnamese letters: {matched}"
        )
    for pdf in printed.glob("*/*.pdf"):
        lines = subprocess.run(
            [str(FONTS), str(pdf)], check=True, capture_output=True, text=True
        ).stdout.splitlines()[2:]
        families = {line.split()[0].split("+")[-1].split("-")[0] for line in lines}
        assert len(families) == 1, (pdf.name, families)
