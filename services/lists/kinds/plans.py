"""L6: the plans of committees for the year."""

from collections.abc import Sequence

from services.lists.kinds.kind import EventDraft, ListKind, MatchedRow, as_json, day, number, text
from services.lists.kinds.shared_columns import NOTE, UNIT

_COLUMNS = (
    text(
        "organization",
        "Tổ chức",
        "Cơ quan ban hành",
        "Đơn vị ban hành",
        "Tập thể",
        required=True,
        names="organization",
        width=34,
    ),
    UNIT,
    text("number", "Số kế hoạch", "Kế hoạch số", "Số, ký hiệu"),
    day("signed_on", "Ngày ban hành", "Ngày ký", required=True),
    text("title", "Trích yếu", "Tên kế hoạch", width=40),
    number("registered", "Chỉ tiêu đăng ký", "Số mô hình đăng ký"),
    number("recognized", "Chỉ tiêu công nhận", "Số mô hình công nhận"),
    NOTE,
)


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    document = row.document("kế hoạch", "number", "signed_on", "organization") or {}
    title = row.get("title")
    targets = {
        name: as_json(row.get(name))
        for name in ("registered", "recognized")
        if row.get(name) is not None
    }
    data = {
        **row.scope.occurred(row.get("signed_on")),
        "org_id": row.get("organization"),
        "plan_year": row.scope.plan_year,
        "unit_id": row.get("unit") or row.scope.unit_id,
        "document": {**document, **({"title": title} if title else {})},
        **({"targets": targets} if targets else {}),
        **row.fields(_COLUMNS),
    }
    return [EventDraft("PlanIssued", data)]


PLANS = ListKind(
    name="plans",
    number="L6",
    title=("Danh sách kế hoạch", "Plans"),
    columns=_COLUMNS,
    events=_events,
    identity="org_id",
)
