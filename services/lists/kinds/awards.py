"""L4: awards proposed, granted and presented."""

from collections.abc import Sequence

from services.lists.kinds.kind import (
    Data,
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
from services.lists.kinds.shared_columns import (
    PERSON,
    PERSON_NAME,
    TITLE_OF_MODEL,
    UNIT,
    registration_id,
)
from services.lists.matching.ids import key_id
from services.lists.reading.days import ReadDay

_COLUMNS = (
    text(
        "recipient",
        "Tập thể/cá nhân",
        "Tập thể",
        "Tên tập thể",
        "Tập thể, cá nhân được khen",
        names="organization",
        width=30,
        guidance="Tên tập thể; với cá nhân: tập thể của người đó, họ tên ở cột bên.",
    ),
    PERSON_NAME,
    PERSON,
    text(
        "recipient_kind",
        "Đối tượng",
        "Chủ thể",
        "Loại đối tượng",
        "Phân loại khen thưởng",
        required=True,
        names="owner_kind",
    ),
    UNIT,
    text(
        "award_form",
        "Hình thức",
        "Hình thức khen thưởng",
        "Danh hiệu/Hình thức",
        required=True,
        names="award_form",
        width=22,
    ),
    text(
        "basis",
        "Căn cứ",
        "Căn cứ khen thưởng",
        names="basis_kind",
        guidance="Mô hình, quá trình, cuộc thi hoặc giai đoạn.",
    ),
    registration_id(),
    TITLE_OF_MODEL,
    text(
        "grantor",
        "Cơ quan tặng",
        "Cơ quan khen thưởng",
        "Cấp khen thưởng",
        required=True,
        names="organization",
        width=30,
    ),
    document(
        "decision", "Số, ngày quyết định", "Số và ngày quyết định", "Số, ngày QĐ", "Quyết định"
    ),
    text("decision_number", "Số quyết định", "Quyết định số", "Số QĐ"),
    day("decision_day", "Ngày quyết định", "Ngày ký"),
    day("presented_on", "Ngày trao", "Ngày trao tặng"),
    text("on_behalf", "Thừa ủy quyền", "Trao thừa ủy quyền", names="organization", width=24),
    number("money_vnd", "Tiền thưởng", "Tiền thưởng (đồng)"),
    yes_no("proposed", "Đề nghị", "Chỉ đề nghị", guidance="Có: chưa có quyết định."),
    text("award_id", "Mã khen thưởng", width=28, guidance="Hệ thống ghi; không tự đặt."),
)


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    award_id = row.get("award_id") or key_id("a", *_key(row))
    common = _common(row)
    decision = row.document("quyết định", "decision_number", "decision_day", "grantor")
    if decision is None or row.get("proposed"):
        when = row.scope.occurred(row.get("decision_day"))
        return [EventDraft("AwardProposed", {**when, "award_id": award_id, **common})]
    money = row.get("money_vnd")
    drafts = [
        EventDraft(
            "AwardGranted",
            {
                **row.scope.occurred(row.get("decision_day")),
                "award_id": award_id,
                **common,
                "decision": decision,
                **({"money_vnd": as_json(money)} if money is not None else {}),
            },
        )
    ]
    presented = row.get("presented_on")
    if isinstance(presented, ReadDay):
        behalf = row.get("on_behalf")
        drafts.append(
            EventDraft(
                "AwardPresented",
                {
                    **row.scope.occurred(presented),
                    "award_id": award_id,
                    **({"on_behalf_of_org_id": behalf} if behalf else {}),
                },
            )
        )
    return drafts


def _common(row: MatchedRow) -> Data:
    registration = row.get("registration_id")
    kind = row.get("basis") or ("model" if registration else "career")
    named = {"registration_ids": [registration]} if registration and kind == "model" else {}
    return {
        "award_form": row.get("award_form"),
        "recipient": _recipient(row),
        "unit_id": row.get("unit") or row.scope.unit_id,
        "plan_year": row.scope.plan_year,
        "grantor_org_id": row.get("grantor"),
        "basis": {"kind": kind, **named},
    }


def _recipient(row: MatchedRow) -> Data:
    person = row.get("person_ref")
    named = {"org_id": row.get("recipient"), "person_ref": person}
    return {
        "kind": row.get("recipient_kind"),
        **{name: value for name, value in named.items() if value},
    }


def _key(row: MatchedRow) -> tuple[object, ...]:
    """Return what makes an award this one: recipient, form, year, grantor and basis."""
    recipient = row.get("person_ref") or row.get("recipient")
    registration = row.get("registration_id")
    unit = row.get("unit") or row.scope.unit_id
    form, grantor = row.get("award_form"), row.get("grantor")
    return ("award", row.scope.plan_year, unit, recipient, form, grantor, registration)


AWARDS = ListKind(
    name="awards",
    number="L4",
    title=("Danh sách khen thưởng", "Awards"),
    columns=_COLUMNS,
    events=_events,
    identity="award_id",
    one_of=(("recipient", "person", "person_name"),),
)
