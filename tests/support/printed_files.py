"""Files printed by LibreOffice: their text, the families of their letters, the size of pages."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

_PROGRAMS = {name: shutil.which(name) for name in ("soffice", "pdftotext", "pdffonts", "pdfinfo")}
NEEDS_LIBREOFFICE = pytest.mark.skipif(
    None in _PROGRAMS.values(),
    reason="LibreOffice (soffice) or pdftotext is not on the PATH: nothing saw the files printed",
)
A4 = (595, 842)
"""Width and height in points."""


def printed(folder: Path, files: Mapping[str, bytes]) -> Mapping[str, Path]:
    """Print files as PDF, in one run of LibreOffice for each kind; return the PDF of each name."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for kind in {name.rpartition(".")[2] for name in files}:
        command = [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder / kind),
            *(str(folder / name) for name in files if name.endswith(kind)),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
    return {
        name: folder / name.rpartition(".")[2] / f"{name.rpartition('.')[0]}.pdf" for name in files
    }


def opened_by_separator(
    folder: Path, separator: str, files: Mapping[str, bytes]
) -> Mapping[str, Path]:
    """Open CSV files with a list separator, and return each as a workbook of what was understood."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content)
    # Separator, quotation mark, UTF-8, from line 1; no detection of numbers, formulas evaluated.
    options = f"{ord(separator)},34,76,1,,0,false,true,false,false,false,-1"
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        f"--infilter=Text - txt - csv (StarCalc):{options}",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(folder / "opened"),
        *(str(folder / f"{name}.csv") for name in files),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    return {name: folder / "opened" / f"{name}.xlsx" for name in files}


def text_of(pdf: Path) -> str:
    """Return the text of a PDF; each page ends with a form feed."""
    return _said("pdftotext", str(pdf), "-")


def words_of(pdf: Path) -> str:
    """Return the text of a PDF with single spaces, for sentences that run over lines."""
    return " ".join(text_of(pdf).split())


def families_of(pdf: Path) -> set[str]:
    """Return the families of letters in a PDF."""
    lines = _said("pdffonts", str(pdf)).splitlines()[2:]
    return {line.split()[0].split("+")[-1].split("-")[0] for line in lines}


def page_sizes(pdf: Path) -> set[tuple[int, int]]:
    """Return the sizes of pages, the shorter side first."""
    lines = [line for line in _said("pdfinfo", "-l", "99", str(pdf)).splitlines() if "size" in line]
    sides = [_two_sides(line.split(":")[1].split()) for line in lines if line.startswith("Page ")]
    return set(sides)


def _two_sides(words: Sequence[str]) -> tuple[int, int]:
    shorter, longer = sorted((round(float(words[0])), round(float(words[2]))))
    return shorter, longer


def require_a_font_with_every_letter() -> None:
    """Skip where no font with the Vietnamese letters takes the place of Times New Roman."""
    matched = _said("fc-match", "-f", "%{family}", "Times New Roman:lang=vi")
    if not any(name in matched for name in ("Liberation", "Times", "Tinos")):
        pytest.skip(f"no font takes the place of Times New Roman with its letters: {matched}")


def _said(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout
