"""Tables of pages and the files in which they are kept, read as people and spreadsheets read them."""

import csv
import io
import re
from collections.abc import Sequence

import pytest

from tests.support.dashboard_pages import Paging, Shown

REGISTERED = 130
"""More than a page of the lists."""
COMMUNES = 60
"""More than the page of units shows."""
NUMBERS = {"vi": str.maketrans({".": None, ",": "."}), "en": str.maketrans({",": None})}
IN_TABLES = {
    "vi": ("Đăng ký", "Đủ điều kiện bình xét", "Được công nhận", "Điển hình"),
    "en": ("Registered", "Eligible for review", "Recognised", "Exemplary"),
}
LANGUAGES = pytest.mark.parametrize("lang", ["vi", "en"])


def table(paging: Paging, address: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file, by their headings."""
    answer = paging.answer(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "link" not in answer.headers
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(set(rows[0])) == len(rows[0]), rows[0]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def page(paging: Paging, path: str, lang: str) -> Shown:
    return paging.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")


def download(shown: Shown, lang: str, vi: str, en: str, *, part: str = "") -> str:
    """Return the address of the first download of this name (whose address holds a part)."""
    name = vi if lang == "vi" else en
    return next(href for href, said in shown.links if said == name and part in href)


def bare(text: str) -> str:
    """Return a label of the page: it says of a code without words that it is one."""
    return re.sub("^(mã riêng của nơi gửi|a code of the sender): ", "", text)


def amount(text: str, lang: str) -> float | None:
    """Return the number that a cell of the page or of the file holds, as its language writes it."""
    bare = text.replace("\N{MINUS SIGN}", "-").split()[-1:] or [""]
    written = bare[0].translate(NUMBERS[lang])
    return None if written in {"", "—"} else float(written)


def amounts(row: Sequence[str], lang: str) -> list[float | None]:
    return [amount(each, lang) for each in row]
