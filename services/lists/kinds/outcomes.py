"""L5: what registered models, or units, achieved."""

from collections.abc import Sequence

from services.lists.kinds.kind import (
    EventDraft,
    ListKind,
    MatchedRow,
    amounts,
    as_json,
    day,
    text,
)
from services.lists.kinds.shared_columns import OWNER, TITLE_OF_MODEL, UNIT, registration_id
from services.lists.matching.ids import key_id
from services.lists.reading.days import ReadDay

_COLUMNS = (
    registration_id(),
    TITLE_OF_MODEL,
    OWNER,
    UNIT,
    text(
        "metric",
        "Chỉ số",
        "Chỉ tiêu",
        "Kết quả",
        names="metric",
        width=24,
        guidance="Đất hiến (m²), ngày công, tiền (đồng), hoặc mã chỉ số của địa phương; để trống "
        "nếu ghi đơn vị ở cột Số lượng.",
    ),
    amounts(
        "value",
        "Số lượng",
        "Giá trị",
        "Kết quả đạt được",
        guidance="Một số, hoặc nhiều số kèm đơn vị: 1.250 m2; 320 ngày công.",
    ),
    text("qualifier", "Mức chính xác", names="qualifier", guidance="Đúng, hơn hoặc khoảng."),
    text("nature", "Tính chất", names="nature", guidance="Trong kỳ (mặc định) hoặc hiện có."),
    day("from", "Từ ngày"),
    day("to", "Đến ngày"),
    text("evidence", "Minh chứng", "Căn cứ", field="evidence", width=30),
)


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    scope = row.scope
    start, end = row.get("from"), row.get("to")
    first = start.day if isinstance(start, ReadDay) else None
    last = end.day if isinstance(end, ReadDay) else None
    interval = {
        "from": first.isoformat() if first else f"{scope.plan_year}-01-01",
        "to": last.isoformat() if last else f"{scope.plan_year}-12-31",
    }
    registration = row.get("registration_id")
    of = (
        {"registration_id": registration}
        if registration
        else {"unit_id": row.get("unit") or scope.unit_id, "plan_year": scope.plan_year}
    )
    place = registration or of["unit_id"]
    return [
        EventDraft(
            "OutcomeReported",
            {
                **scope.occurred(),
                "outcome_id": key_id("k", "outcome", place, metric, *interval.values()),
                **of,
                "metric": metric,
                "value": as_json(value),
                "qualifier": row.get("qualifier") or "exact",
                "nature": row.get("nature") or "flow",
                "interval": interval,
                **row.fields(_COLUMNS),
            },
        )
        for metric, value in row.get("value").items()
    ]


OUTCOMES = ListKind(
    name="outcomes",
    number="L5",
    title=("Danh sách kết quả", "Outcomes"),
    columns=_COLUMNS,
    events=_events,
    identity="outcome_id",
    one_of=(("registration_id", "title", "unit"),),
)
