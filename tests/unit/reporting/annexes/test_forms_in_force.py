"""Forms are dated data: the one in force on the day of knowledge is taken, and named in the file."""

import io
from datetime import date
from itertools import pairwise

import openpyxl
import pytest

from services.reporting.annexes.forms import form_in_force, forms_document
from shared.errors import BrokenContract
from shared.web.files.office_table import FormStyle
from tests.support.dashboard_pages import Paging
from tests.support.office_files import workbook
from tests.support.sample_ledger import CITY

SCOPE = f"unit={CITY}&year=2022"


def test_the_form_in_force_on_the_day_of_knowledge_is_chosen(paging: Paging) -> None:
    by_day = {
        "2023-12-31": "DVK-A-2018",
        "2024-01-01": "DVK-A-2024",
        "2025-06-30": "DVK-A-2024",
        "2025-07-01": "DVK-A-2025",
    }
    for day, code in by_day.items():
        book = workbook(paging.answer(f"/annexes/a.xlsx?{SCOPE}&known_at={day}"))
        facts = {row[0]: row[1] for row in book["Nguồn"].iter_rows(values_only=True)}
        assert facts["Mẫu"].startswith(code), day
    refused = paging.answer(f"/annexes/a.docx?{SCOPE}&known_at=2018-01-01")
    assert (refused.status_code, refused.json()["code"]) == (422, "no_form_in_force")
    day = date(2019, 1, 1)
    with pytest.raises(BrokenContract, match="no_form_in_force"):
        form_in_force("a", FormStyle.STATE, day)
    assert form_in_force("a", FormStyle.PARTY, day).number == "1"


def test_the_forms_of_each_annex_follow_one_another_without_a_gap() -> None:
    for annex in "abc":
        forms = [each for each in forms_document()["forms"] if each["annex"] == annex]
        for earlier, later in pairwise(forms):
            assert earlier["valid_to"] == later["valid_from"]
        assert "valid_to" not in forms[-1]


def test_the_source_sheet_says_where_the_figures_come_from(paging: Paging) -> None:
    address = f"/annexes/a.xlsx?{SCOPE}&map=2022-12-31"
    book = openpyxl.load_workbook(io.BytesIO(paging.answer(address).content))
    facts = {row[0]: row[1] for row in book["Nguồn"].iter_rows(values_only=True)}
    assert facts["Đơn vị"] == f"Thành phố Bắc Kạn ({CITY})"
    assert facts["Năm"] == "2022"
    assert facts["Bản đồ hành chính"] == "ngày 31/12/2022"
    assert facts["Địa chỉ"].endswith(address)
    asked = paging.answer(f"/summaries/units/{CITY}?year=2022&map=2022-12-31").json()
    assert facts["Mã kiểm chứng"] == asked["digest"]
