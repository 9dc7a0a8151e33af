"""L2: eligibility, scores and classification of the year's registrations, with the minutes."""

from collections.abc import Sequence

from services.lists.kinds.kind import (
    EventDraft,
    ListKind,
    MatchedRow,
    as_json,
    day,
    document,
    number,
    text,
    yes_no,
)
from services.lists.kinds.shared_columns import OWNER, TITLE_OF_MODEL, UNIT, registration_id
from services.lists.matching.ids import key_id

_COLUMNS = (
    registration_id(),
    TITLE_OF_MODEL,
    OWNER,
    UNIT,
    yes_no(
        "eligible",
        "Đủ điều kiện",
        "Đủ điều kiện bình xét",
        "Đủ tiêu chuẩn",
        required=True,
        guidance="Có hoặc không.",
    ),
    text("reasons", "Lý do", "Lý do không đủ điều kiện", width=30),
    number("total", "Điểm", "Tổng điểm", "Điểm bình xét"),
    text("classification", "Xếp loại", "Kết quả xếp loại"),
    document("minutes", "Số, ngày biên bản", "Số và ngày biên bản", "Biên bản"),
    text("minutes_number", "Số biên bản", "Biên bản số"),
    day("minutes_day", "Ngày biên bản", "Ngày họp", "Ngày bình xét"),
    text(
        "committee",
        "Cơ quan bình xét",
        "Hội đồng",
        "Tổ chức họp bình xét",
        names="organization",
        width=28,
        guidance="Cần khi ghi số hoặc ngày biên bản.",
    ),
)


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    registration = row.get("registration_id")
    when = row.scope.occurred(row.get("minutes_day"))
    named = {"registration_id": registration}
    reasons = row.get("reasons")
    drafts = [
        EventDraft(
            "EligibilityAssessed",
            {
                **when,
                **named,
                "eligible": row.get("eligible"),
                **({"reasons": reasons} if reasons else {}),
            },
        )
    ]
    session = _session(row)
    if session is not None:
        drafts.insert(0, session)
    evaluated = {
        "total": as_json(row.get("total")),
        "classification": row.get("classification"),
    }
    if any(value is not None for value in evaluated.values()):
        in_session = {"session_id": session.data["session_id"]} if session else {}
        stated = {name: value for name, value in evaluated.items() if value is not None}
        drafts.append(EventDraft("ModelEvaluated", {**when, **named, **stated, **in_session}))
    return drafts


def _session(row: MatchedRow) -> EventDraft | None:
    """Return the review session that a row names by its minutes; many rows name the same."""
    minutes = row.document("biên bản", "minutes_number", "minutes_day")
    committee = row.get("committee")
    if minutes is None or committee is None:
        return None
    scope = row.scope
    session_id = key_id("s", scope.plan_year, committee, *sorted(map(str, minutes.values())))
    return EventDraft(
        "ReviewSessionHeld",
        {
            **scope.occurred(row.get("minutes_day")),
            "session_id": session_id,
            "org_id": committee,
            "unit_id": scope.unit_id,
            "plan_year": scope.plan_year,
            "minutes": minutes,
        },
    )


REVIEWS = ListKind(
    name="reviews",
    number="L2",
    title=("Danh sách bình xét", "Eligibility and review"),
    columns=_COLUMNS,
    events=_events,
    identity="registration_id",
    one_of=(("registration_id", "title"),),
)
