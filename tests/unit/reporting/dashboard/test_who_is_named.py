"""Awards name who received them and by which decision; nothing is called by its stream."""

import re

import pytest

from tests.support.cloudevents import received
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import DECISION, for_registrations, granted, recognized

FARMERS = {
    "org_id": "o-9",
    "name": "Hội Nông dân phường Đức Xuân",
    "kind": "hội",
    "unit_id": "bk-1",
}


@pytest.fixture(autouse=True)
def farmers(paging: Paging) -> None:
    """Define the one organisation that the ledger knows."""
    paging.projecting.given(received("OrganizationDefined", FARMERS))


@pytest.mark.parametrize(("recipient", "says"), [
    ({"kind": "collective", "org_id": "o-9", "unit_id": "bk-1"},
     "Tập thể: Hội Nông dân phường Đức Xuân, Phường Đức Xuân · Quyết định 01-QĐ/TU (01/12/2022)"),
    ({"kind": "individual", "org_id": "o-9", "person_ref": "p-77"},
     "Cá nhân: Hội Nông dân phường Đức Xuân, Tỉnh Bắc Kạn · Quyết định 01-QĐ/TU (01/12/2022)"),
    ({"kind": "household", "unit_id": "bk-2"},
     "Hộ gia đình: Phường Sông Cầu · Quyết định 01-QĐ/TU (01/12/2022)"),
    ({"kind": "collective", "org_id": "o-404"},
     "Tập thể: tổ chức chưa khai báo (mã o-404), Tỉnh Bắc Kạn · Quyết định 01-QĐ/TU (01/12/2022)"),
])  # fmt: skip
def test_an_award_names_its_recipient_as_far_as_the_ledger_knows(
    paging: Paging, recipient: dict[str, str], says: str
) -> None:
    paging.projecting.given(granted("1", unit_id="bk", recipient=recipient))
    page = paging.get("/pages/explanation?measure=awards_granted&unit=bk&year=2022")
    assert "Giấy khen" in page.text
    assert says in page.text
    changes = paging.get("/pages/changes?since=8&unit=bk&year=2022&measure=awards_granted")
    assert says in changes.rows("Sự kiện làm thay đổi: Khen thưởng đã tặng")[0][2]
    for shown in (page, changes):
        assert "award/" not in shown.text
        assert "p-77" not in shown.text


def test_an_award_bears_its_own_name_and_says_that_its_decision_has_no_number(
    paging: Paging,
) -> None:
    paging.projecting.given(
        granted("1", award_name="Bằng khen của Chủ tịch UBND tỉnh", decision={"kind": "quyết định"})
    )
    page = paging.get("/pages/explanation?measure=awards_granted&year=2022")
    assert "Bằng khen của Chủ tịch UBND tỉnh" in page.text
    assert "Quyết định không ghi số" in page.text


def test_the_history_of_a_model_names_its_awards_and_outcomes(paging: Paging) -> None:
    outcome = {"outcome_id": "k-1", "registration_id": "r-1", "metric": "land_donated_m2",
               "value": 12, "qualifier": "exact", "nature": "flow",
               "interval": {"from": "2022-01-01", "to": "2022-12-31"}}  # fmt: skip
    paging.projecting.given(
        recognized("1"),
        granted(
            "1", basis=for_registrations("1"), recipient={"kind": "collective", "org_id": "o-9"}
        ),
        received("OutcomeReported", outcome),
    )
    page = paging.get("/pages/model?model=m-1&year=2022")
    about = " ".join(" ".join(row) for row in page.rows("Lịch sử mô hình"))
    assert "Tập thể: Hội Nông dân phường Đức Xuân" in about
    assert "Kết quả đo được: Đất hiến (m²)" in about
    assert "Đăng ký r-1" in about
    assert not re.search(r"\b(award|outcome|registration|model)/", page.text)


def test_who_was_inspected_is_named(paging: Paging) -> None:
    told = {"plan_year": 2022, "unit_id": "bk-1", "scopes": ["DVK"], "occurred_on": "2022-08-10"}
    paging.projecting.given(
        received("InspectionConducted", {**told, "inspection_id": "i-1", "org_id": "o-9"}),
        received("InspectionConducted", {**told, "inspection_id": "i-2", "unit_id": "bk-2"}),
        received("InspectionConducted", {**told, "inspection_id": "i-3", "org_id": "o-404"}),
    )
    page = paging.get("/pages/explanation?measure=inspected_units&unit=bk&year=2022")
    assert "Hội Nông dân phường Đức Xuân" in page.text
    assert "Phường Sông Cầu" in page.text
    assert "Tổ chức o-404" in page.text
    changes = paging.get("/pages/changes?since=8&unit=bk&year=2022&measure=inspected_units")
    rows = [row[2] for row in changes.rows("Sự kiện làm thay đổi: Đơn vị được kiểm tra")]
    assert rows == [
        "Đợt kiểm tra Hội Nông dân phường Đức Xuân, Phường Đức Xuân",
        "Đợt kiểm tra Phường Sông Cầu",
        "Đợt kiểm tra tổ chức chưa khai báo (mã o-404), Phường Đức Xuân",
    ]
    for shown in (page, changes):
        assert not re.search(r"\b(inspection|organization|unit)/", shown.text)


def test_who_was_commended_is_named(paging: Paging) -> None:
    told = {"commendation_id": "c-1", "recipient": {"kind": "collective", "org_id": "o-9"},
            "unit_id": "bk", "plan_year": 2022, "occasion": "Hội nghị tổng kết",
            "occurred_on": "2022-12-20"}  # fmt: skip
    paging.projecting.given(received("ExemplarCommended", told))
    page = paging.get("/pages/explanation?measure=commended&unit=bk&year=2022")
    assert "Hội nghị tổng kết" in page.text
    assert "Tập thể: Hội Nông dân phường Đức Xuân, Tỉnh Bắc Kạn" in page.text
    assert "commendation/" not in page.text


def test_an_award_is_named_as_it_was_known_at_a_position(paging: Paging) -> None:
    paging.projecting.given(granted("1", recipient={"kind": "collective", "org_id": "o-9"}))
    before = paging.projecting.reads.as_of().position
    amended = {"award_id": "a-1", "reason": "nhầm", "occurred_on": "2022-12-10",
               "changes": {"recipient": {"kind": "household", "unit_id": "bk-2"},
                           "decision": {**DECISION, "number": "09-QĐ/TU"}}}  # fmt: skip
    paging.projecting.given(received("AwardAmended", amended))
    address = "/pages/explanation?measure=awards_granted&year=2022"
    assert "Hộ gia đình: Phường Sông Cầu · Quyết định 09-QĐ/TU" in paging.get(address).text
    assert "Hội Nông dân" in paging.get(f"{address}&known_at={before}").text
