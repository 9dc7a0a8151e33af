"""L3: recognitions by decision, and registrations that were not recognised."""

from collections.abc import Sequence

from services.lists.kinds.kind import EventDraft, ListKind, MatchedRow, day, document, text
from services.lists.kinds.shared_columns import OWNER, TITLE_OF_MODEL, UNIT, registration_id

DECLINED = "declined"
"""What the column "Mức" says of a registration that was not recognised."""

_COLUMNS = (
    registration_id(),
    TITLE_OF_MODEL,
    OWNER,
    UNIT,
    text(
        "tier",
        "Mức",
        "Mức công nhận",
        "Kết quả công nhận",
        required=True,
        names="tier",
        guidance="Được công nhận, điển hình, hoặc không công nhận.",
        also={"không công nhận": DECLINED, "không đạt": DECLINED, "không": DECLINED},
    ),
    text("level", "Cấp", "Cấp công nhận", names="level"),
    document(
        "decision", "Số, ngày quyết định", "Số và ngày quyết định", "Số, ngày QĐ", "Quyết định"
    ),
    text("decision_number", "Số quyết định", "Quyết định số", "Số QĐ"),
    day("decision_day", "Ngày ký", "Ngày quyết định", "Ngày, tháng, năm ký"),
    text(
        "issuer",
        "Cơ quan ban hành",
        "Cơ quan ra quyết định",
        "Cơ quan công nhận",
        names="organization",
        width=30,
    ),
    text("reason", "Lý do", "Lý do không công nhận", width=30),
)


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    when = row.scope.occurred(row.get("decision_day"))
    registration = row.get("registration_id")
    decision = row.document("quyết định", "decision_number", "decision_day", "issuer")
    if row.get("tier") == DECLINED:
        data = {**when, "registration_id": registration, "reason": row.get("reason")}
        return [
            EventDraft(
                "RecognitionDeclined", {**data, **({"decision": decision} if decision else {})}
            )
        ]
    return [
        EventDraft(
            "ModelRecognized",
            {
                **when,
                "registration_id": registration,
                "tier": row.get("tier"),
                "level": row.get("level"),
                "decided_by_org_id": row.get("issuer"),
                "decision": decision,
            },
        )
    ]


RECOGNITIONS = ListKind(
    name="recognitions",
    number="L3",
    title=("Danh sách công nhận", "Recognitions"),
    columns=_COLUMNS,
    events=_events,
    identity="registration_id",
    one_of=(("registration_id", "title"),),
)
