"""L8: figures that a report published, kept beside the ledger's own."""

from collections.abc import Sequence

from services.lists.kinds.kind import (
    EventDraft,
    ListKind,
    MatchedRow,
    as_json,
    day,
    number,
    text,
)
from services.lists.kinds.shared_columns import UNIT
from services.lists.matching.ids import key_id
from services.lists.reading.days import ReadDay

_COLUMNS = (
    text(
        "metric",
        "Chỉ số",
        "Chỉ tiêu",
        "Nội dung",
        required=True,
        names="measure",
        width=30,
        guidance="Đăng ký, đủ điều kiện bình xét, được công nhận, ...",
    ),
    UNIT,
    number("value", "Số liệu", "Số đã công bố", "Giá trị", required=True),
    text("qualifier", "Mức chính xác", names="qualifier", guidance="Đúng, hơn hoặc khoảng."),
    day("from", "Từ ngày"),
    day("to", "Đến ngày"),
    text("source", "Nguồn", "Tên báo cáo", "Báo cáo", required=True, width=40),
    text("source_kind", "Loại nguồn", "Loại văn bản"),
    day("published_on", "Ngày công bố", "Ngày báo cáo"),
)


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    scope = row.scope
    start, end, published = row.get("from"), row.get("to"), row.get("published_on")
    year = f"{scope.plan_year}"
    period = {
        "from": start.day.isoformat() if isinstance(start, ReadDay) else f"{year}-01-01",
        "to": end.day.isoformat() if isinstance(end, ReadDay) else f"{year}-12-31",
    }
    whole_year = period == {"from": f"{year}-01-01", "to": f"{year}-12-31"}
    unit = row.get("unit") or scope.unit_id
    source = {"kind": row.get("source_kind") or "báo cáo", "title": row.get("source")}
    if isinstance(published, ReadDay):
        source["published_on"] = published.day.isoformat()
    key = ("figure", row.get("metric"), unit, *period.values(), source["title"])
    data = {
        **scope.occurred(published),
        "figure_id": key_id("f", *key),
        "metric": row.get("metric"),
        "unit_id": unit,
        "period": {**period, "kind": "year" if whole_year else "multi_year"},
        "value": as_json(row.get("value")),
        "qualifier": row.get("qualifier") or "exact",
        "source": source,
    }
    return [EventDraft("FigureAsserted", data)]


FIGURES = ListKind(
    name="figures",
    number="L8",
    title=("Danh sách số liệu đã công bố", "Published figures"),
    columns=_COLUMNS,
    events=_events,
    identity="figure_id",
)
