"""A year of a small country with every kind of thing that a list or a card shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.asserted_figures import outcome
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    DECISION,
    amended,
    commended,
    evaluated,
    for_registrations,
    granted,
    of_award,
    proposed,
    published,
    recognized,
    registered,
    replicated,
    session_held,
    withdrawn,
)

if TYPE_CHECKING:
    from shared.events.envelope import ReceivedEvent

IN_ORDER = (
    "3 sạch",
    "5 không 3 sạch",
    "10 việc nên làm",
    "An ninh thôn bản",
    "Ánh sáng đường quê",
    "Ăn ở hợp vệ sinh",
    "Bản 2 không rác",
    "Bản 10 không rác",
    "Cải tạo vườn tạp",
    "Dân vận khéo",
    "Đất lành",
    "Hoà giải ở cơ sở",
    "Hòa giải ở xóm",
    "Ý Đảng lòng dân",
)
"""Titles as a Vietnamese dictionary orders them, which none of our databases does."""
ORGANIZATIONS = {
    "o-1": ("Hội Nông dân xã Đại Từ", "tn-1"),
    "o-2": ("Chi bộ thôn Nà Pò", "bk-1"),
    "o-3": ("Đảng uỷ phường Đức Xuân", "bk-1"),
    "o-4": ("Ban Dân vận", "vn"),
}


def organization(org_id: str, **data: Any) -> ReceivedEvent:
    """Say that one of these organisations is defined."""
    name, unit_id = ORGANIZATIONS[org_id]
    stated = {"org_id": org_id, "name": name, "kind": "hội", "unit_id": unit_id}
    return received("OrganizationDefined", {**stated, "occurred_on": "2020-01-01", **data})


def listed_year() -> list[ReceivedEvent]:
    """Return the events: 14 models of 2022 with what became of them, and one of 2021."""
    order = [5, 0, 9, 2, 11, 13, 1, 4, 3, 12, 7, 6, 8, 10]
    return [
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        unit("tn", name="Thái Nguyên", kind="tỉnh"),
        unit("bk-1", "bk", "commune", name="Phường Đức Xuân", kind="phường"),
        unit("bk-2", "bk", "commune", name="Phường Sông Cầu", kind="phường"),
        unit("tn-1", "tn", "commune", name="Xã Đại Từ", kind="xã"),
        published(
            "field", {"code": "economy", "name": "Kinh tế"}, {"code": "culture", "name": "Văn hóa"}
        ),
        *map(organization, ORGANIZATIONS),
        received(
            "OrganizationSucceeded",
            {"successor": "o-3", "predecessors": ["o-2"], "occurred_on": "2022-07-01"},
        ),
        registered("old", unit_id="bk-1", plan_year=2021, owner_org_id="o-2", title="Bản cũ"),
        *(
            registered(
                f"{number}",
                unit_id=("bk-1", "bk-2", "tn-1")[number % 3],
                owner_org_id=f"o-{1 + number % 3}",
                owner_kind=("collective", "household")[number % 2],
                field_code=("economy", "culture")[number % 2],
                registration_kind=("new", "pre_existing")[number // 7],
                level=("grassroots", None)[number % 2],
                title=IN_ORDER[order[number]],
                occurred_on=f"2022-03-{1 + number:02}",
            )
            for number in range(14)
        ),
        *(received("EligibilityAssessed", _eligible(number)) for number in range(8)),
        evaluated("0", classification="Tốt", total=92.5, occurred_on="2022-11-20"),
        evaluated("1", classification="Khá", occurred_on="2022-11-20"),
        recognized("0", "exemplary", decided_by_org_id="o-4"),
        recognized("1", decided_by_org_id="o-4"),
        recognized("2", "exemplary", decided_by_org_id="o-4", decision={"kind": "decision"}),
        withdrawn("13"),
        amended("0", objectives="Mười hộ thoát nghèo", outputs=[{"metric": "workdays", "target": 9}]),
        granted("1", unit_id="bk-1", recipient={"kind": "collective", "org_id": "o-3"},
                basis=for_registrations("2", "5"), grantor_org_id="o-4"),
        granted("2", unit_id="tn-1", recipient={"kind": "individual", "person_ref": "cn-7"},
                grantor_org_id="o-4", award_form="bang_khen",
                decision={**DECISION, "number": "9-QĐ/TU"}),
        granted("3", unit_id="bk-1", recipient={"kind": "collective", "org_id": "o-2"},
                grantor_org_id="o-4"),
        of_award("AwardPresented", "1"),
        of_award("AwardRevoked", "3", reason="sai đối tượng"),
        proposed("4", unit_id="bk-1"),
        outcome(1, 320, metric="workdays", registration_id="r-0"),
        outcome(2, 12.5, registration_id="r-2", unit_id="tn-1"),
        received("PlanIssued", _plan("o-3", "bk-1", "2-KH/ĐU")),
        received("PlanIssued", _plan("o-1", "tn-1", "10-KH/HND")),
        received("InspectionConducted", {**_INSPECTION, "inspection_id": "i-1", "org_id": "o-3",
                                         "findings": "Sổ sách đầy đủ"}),
        received("InspectionConducted", {**_INSPECTION, "inspection_id": "i-2", "org_id": "o-1",
                                         "unit_id": "tn-1", "rating": "Tốt"}),
        session_held("1"),
        commended("1", recipient={"kind": "collective", "org_id": "o-1"}),
        replicated("0", target_model_id="m-5", how="Tham quan, học tập"),
        replicated("0", target_unit_id="tn-1", occurred_on="2022-12-20"),
    ]  # fmt: skip


_INSPECTION = {"plan_year": 2022, "unit_id": "bk-1", "scopes": ["DVK"], "occurred_on": "2022-10-05"}


def _eligible(number: int) -> dict[str, Any]:
    return {"registration_id": f"r-{number}", "eligible": True, "occurred_on": "2022-11-15"}


def _plan(org_id: str, unit_id: str, number: str) -> dict[str, Any]:
    document = {"kind": "plan", "number": number, "signed_on": "2022-02-01"}
    stated = {"org_id": org_id, "plan_year": 2022, "unit_id": unit_id}
    return {**stated, "document": document, "occurred_on": "2022-02-01"}
