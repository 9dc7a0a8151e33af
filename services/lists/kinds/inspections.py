"""L7: inspections planned and conducted."""

from collections.abc import Sequence

from services.lists.kinds.kind import EventDraft, ListKind, MatchedRow, day, text
from services.lists.kinds.shared_columns import registration_id
from services.lists.matching.ids import key_id
from services.lists.reading.days import ReadDay
from shared.vocabulary.vietnamese import plain

_COLUMNS = (
    text(
        "unit",
        "Đơn vị được kiểm tra",
        "Xã, phường, đặc khu",
        "Đơn vị",
        "Địa phương",
        required=True,
        names="unit",
        fills_down=True,
        width=26,
    ),
    text(
        "organization",
        "Tổ chức được kiểm tra",
        "Tập thể được kiểm tra",
        names="organization",
        width=30,
    ),
    text(
        "scopes",
        "Nội dung kiểm tra",
        "Nội dung",
        required=True,
        guidance="Dân vận khéo, quy chế dân chủ, hoặc cả hai.",
    ),
    text("document_number", "Số kế hoạch kiểm tra", "Số văn bản"),
    day("document_day", "Ngày văn bản", "Ngày ký"),
    day("conducted_on", "Ngày kiểm tra", "Ngày thực hiện"),
    text("remarks", "Kết quả", "Nhận xét", width=40),
    text("rating", "Xếp loại", "Đánh giá"),
    registration_id(),
    text("inspection_id", "Mã cuộc kiểm tra", width=28, guidance="Hệ thống ghi; không tự đặt."),
)


def scopes_of(text_: str) -> list[str]:
    """Return what an inspection looks at, as the contract names it."""
    words = plain(text_)
    found = []
    if "dan van" in words or "dvk" in words or "ca hai" in words:
        found.append("DVK")
    if "dan chu" in words or "qcdc" in words or "ca hai" in words:
        found.append("QCDC")
    return found


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    scope = row.scope
    unit, organization = row.get("unit"), row.get("organization")
    scopes = scopes_of(row.get("scopes") or "")
    conducted = row.get("conducted_on")
    planned = row.document("kế hoạch", "document_number", "document_day")
    day_key = conducted.day.isoformat() if isinstance(conducted, ReadDay) else ""
    key = ("inspection", scope.plan_year, unit, organization or "", *scopes, day_key)
    inspection_id = row.get("inspection_id") or key_id("i", *key)
    common = {
        "inspection_id": inspection_id,
        "plan_year": scope.plan_year,
        "unit_id": unit,
        "scopes": scopes,
    }
    drafts = []
    if planned is not None:
        organizations = {"org_ids": [organization]} if organization else {}
        when = scope.occurred(row.get("document_day"))
        drafts.append(
            EventDraft(
                "InspectionPlanned", {**when, **common, "document": planned, **organizations}
            )
        )
    if isinstance(conducted, ReadDay):
        registration = row.get("registration_id")
        stated = {
            "org_id": organization,
            "remarks": row.get("remarks"),
            "rating": row.get("rating"),
            "registration_ids": [registration] if registration else None,
        }
        found = {name: value for name, value in stated.items() if value}
        drafts.append(
            EventDraft("InspectionConducted", {**scope.occurred(conducted), **common, **found})
        )
    return drafts


INSPECTIONS = ListKind(
    name="inspections",
    number="L7",
    title=("Danh sách kiểm tra", "Inspections"),
    columns=_COLUMNS,
    events=_events,
    identity="inspection_id",
    one_of=(("document_number", "document_day", "conducted_on"),),
)
