"""Whoever reads a page sees what was corrected, why, by which document, and when it was recorded."""

import re

import pytest

from services.reporting.dashboard.reason_lines import document_words, field_words, value, why
from services.reporting.dashboard.texts.formatting import PageTexts
from shared.events.payloads.awards import AwardChanges
from shared.events.payloads.registrations import RegistrationChanges
from tests.support.cloudevents import received
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import amended, recognized, registered, revoked

VI, EN = PageTexts("vi"), PageTexts("en")
RULING = {
    "kind": "quyết định",
    "number": "112/QĐ-UBND",
    "signed_on": "2022-12-05",
    "issuer_org_id": "o-9",
}
IN_VIETNAMESE = "Quyết định số 112/QĐ-UBND ngày 05/12/2022 của UBND tỉnh Bắc Kạn"


@pytest.fixture
def told(paging: Paging) -> Paging:
    """Give a year with a correction and a revocation, each with its reason, one by a document."""
    issuer = {"org_id": "o-9", "name": "UBND tỉnh Bắc Kạn", "kind": "ubnd", "unit_id": "bk"}
    paging.projecting.given(
        received("OrganizationDefined", {**issuer, "occurred_on": "2020-01-01"}),
        registered("3", unit_id="tn-1", title="Xóm sạch"),
        amended("3", unit_id="bk-1", title="Xóm xanh", occurred_on="2022-03-15"),
        recognized("1"),
        revoked("1", reason="báo cáo không đúng", decision=RULING),
    )
    return paging


def test_the_page_of_changes_says_them(told: Paging) -> None:
    page = told.get("/pages/changes?unit=bk&since=9")
    (amendment,) = page.rows("Sự kiện làm thay đổi: Đăng ký")
    assert "Đơn vị: Xã Đại Từ → Phường Đức Xuân" in amendment[1]
    assert "Tên mô hình: Xóm sạch → Xóm xanh" in amendment[1]
    assert "Lý do: sửa" in amendment[1]
    assert re.search(r"Ghi vào sổ: \d\d:\d\d:\d\d ngày \d\d/\d\d/\d{4}", amendment[1])
    assert amendment[2] == "Xóm xanh"
    later = told.get("/pages/changes?unit=bk&since=12").rows("Sự kiện làm thay đổi: Được công nhận")
    assert "Lý do: báo cáo không đúng" in later[0][1]
    assert f"Căn cứ: {IN_VIETNAMESE}" in later[0][1]


def test_the_page_of_a_model_says_them(told: Paging) -> None:
    first = told.get("/pages/model?model=m-3").text
    assert "Tên mô hình: Xóm sạch → Xóm xanh" in first
    second = told.get("/pages/model?model=m-1").text
    assert "Lý do: báo cáo không đúng" in second
    assert f"Căn cứ: {IN_VIETNAMESE}" in second


def test_the_page_behind_a_number_says_them(told: Paging) -> None:
    page = told.get("/pages/explanation?unit=bk&measure=revoked").text
    assert "Lý do: báo cáo không đúng" in page
    assert f"Căn cứ: {IN_VIETNAMESE}" in page


def test_in_english_too(told: Paging) -> None:
    page = told.get("/pages/changes?unit=bk&since=9&lang=en").text
    assert "Title: Xóm sạch → Xóm xanh" in page
    assert "Reason: sửa" in page
    assert "no. 112/QĐ-UBND of 2022-12-05 issued by UBND tỉnh Bắc Kạn" in page


def test_a_closed_year_names_the_day_and_the_document_and_a_reopened_one_the_reason(
    told: Paging,
) -> None:
    summary = told.projecting.summary("bk")
    closing = {
        "unit_id": "bk",
        "plan_year": 2022,
        "position": summary["known_at"]["position"],
        "digest": summary["digest"],
        "occurred_on": "2023-01-15",
        "document": RULING,
    }
    told.projecting.given(received("PeriodClosed", closing))
    for path in ("/?unit=bk", "/pages/changes?unit=bk"):
        assert f"Khóa sổ ngày 15/01/2023 · {IN_VIETNAMESE}" in told.get(path).text
    reopened = {"unit_id": "bk", "plan_year": 2022, "reason": "sót hồ sơ", "document": RULING}
    told.projecting.given(received("PeriodReopened", {**reopened, "occurred_on": "2023-02-01"}))
    page = told.get("/?unit=bk").text
    assert "Mở lại sổ ngày 01/02/2023" in page
    assert "Lý do: sót hồ sơ" in page
    assert f"Căn cứ: {IN_VIETNAMESE}" in page


@pytest.mark.parametrize("changes", [RegistrationChanges, AwardChanges])
def test_every_field_that_may_be_corrected_has_words(
    changes: type[RegistrationChanges | AwardChanges],
) -> None:
    for field in changes.model_fields:
        for words in (VI, EN):
            assert field_words(field, words) != field, field


@pytest.mark.parametrize(
    ("field", "told", "in_vietnamese", "in_english"),
    [
        ("owner_kind", "household", "Hộ gia đình", "Household"),
        ("occurred_on", "2022-03-15", "15/03/2022", "2022-03-15"),
        ("money_vnd", 1_500_000, "1.500.000", "1,500,000"),
        ("area", 12.5, "12,5", "12.5"),
        ("plan_year", 2022, "2022", "2022"),
        ("situation", None, "không nêu", "not stated"),
        ("linked_tasks", ["a", "b"], "a; b", "a; b"),
        ("recipient", {"kind": "household", "person_ref": "p"}, "Hộ gia đình, p", "Household, p"),
        ("decision", {"kind": "quyết định", "number": "1"}, "Quyết định số 1", "Quyết định no. 1"),
    ],
)
def test_values_are_told_as_a_reader_takes_them(
    field: str, told: object, in_vietnamese: str, in_english: str
) -> None:
    assert value(field, told, VI) == in_vietnamese
    assert value(field, told, EN) == in_english


def test_a_document_is_told_as_far_as_it_is_known() -> None:
    assert document_words({"kind": "biên bản"}, VI) == "Biên bản"
    titled = {"kind": "kế hoạch", "issuer_org_id": "o-7", "title": "Dân vận khéo"}
    assert document_words(titled, VI) == "Kế hoạch của o-7 “Dân vận khéo”"


def test_a_retraction_of_what_is_not_found_names_its_id() -> None:
    lost = {"position": None, "type": None, "source": "/publishers/p", "id": "e-1"}
    assert why({"retracts": lost, "reason": "nhầm"}, VI) == [
        ("Rút lại", "e-1"),
        ("Lý do", "nhầm"),
    ]
