"""L1: a year's registrations of models."""

from collections.abc import Sequence

from services.lists.kinds.kind import EventDraft, ListKind, MatchedRow, day, text
from services.lists.kinds.shared_columns import PERSON, PERSON_NAME
from services.lists.matching.ids import key_id, registration_key
from shared.vocabulary import RegistrationKind

_COLUMNS = (
    text(
        "title",
        "Tên mô hình",
        "Tên mô hình, điển hình",
        "Tên mô hình/điển hình",
        "Mô hình",
        "Tên mô hình dân vận khéo",
        "Nội dung đăng ký",
        required=True,
        field="title",
        width=42,
        is_title=True,
        guidance="Tên riêng của mô hình, không ghi tên người; tối đa 500 ký tự.",
    ),
    text(
        "owner",
        "Tập thể đăng ký",
        "Đơn vị đăng ký",
        "Tập thể, cá nhân đăng ký",
        "Tên tập thể",
        "Tổ chức đăng ký",
        "Đơn vị thực hiện",
        required=True,
        names="organization",
        width=30,
        guidance="Chi bộ, hội, đoàn thể, cơ quan đứng tên; với cá nhân: tập thể của người đó.",
    ),
    text(
        "owner_kind",
        "Chủ thể",
        "Loại chủ thể",
        "Tập thể/cá nhân",
        required=True,
        names="owner_kind",
        field="owner_kind",
        guidance="Tập thể, cá nhân hoặc hộ gia đình.",
    ),
    PERSON_NAME,
    PERSON,
    text(
        "field",
        "Lĩnh vực",
        "Lĩnh vực đăng ký",
        required=True,
        names="field",
        field="field_code",
        fills_down=True,
        width=26,
    ),
    text(
        "block",
        "Khối",
        "Khối thi đua",
        required=True,
        names="block",
        field="block_code",
        fills_down=True,
        from_subheadings=True,
        width=22,
    ),
    text(
        "unit",
        "Xã, phường, đặc khu",
        "Xã, phường",
        "Xã, phường, thị trấn",
        "Địa phương",
        "Đơn vị hành chính",
        required=True,
        names="unit",
        field="unit_id",
        fills_down=True,
        width=22,
    ),
    text(
        "registration_kind",
        "Hình thức",
        "Hình thức đăng ký",
        "Loại đăng ký",
        "Mới/duy trì",
        required=True,
        names="registration_kind",
        field="registration_kind",
        guidance="Đăng ký mới, duy trì hoặc đã có từ trước.",
    ),
    text("level", "Cấp", "Cấp mô hình", "Cấp đăng ký", names="level", field="level"),
    text(
        "subject_form",
        "Mô hình/điển hình",
        "Mô hình hay điển hình",
        "Loại hình",
        names="subject_form",
        field="subject_form",
    ),
    day("starts_on", "Ngày bắt đầu", "Thời gian bắt đầu", "Bắt đầu", field="starts_on"),
    day("evaluates_on", "Ngày đánh giá", "Thời gian đánh giá", "Kết thúc", field="evaluates_on"),
    text("situation", "Thực trạng", "Tình hình", field="situation", width=30),
    text("objectives", "Mục tiêu, tiêu chí", "Mục tiêu", field="objectives", width=30),
    text("activities", "Nội dung", "Nội dung thực hiện", "Cách làm", field="activities", width=30),
    text("area", "Địa bàn, đối tượng", "Địa bàn", "Phạm vi", field="area", width=24),
    text("forces", "Lực lượng", "Lực lượng tham gia", width=24),
    text("resources", "Nguồn lực", "Kinh phí", field="resources", width=20),
    text("outputs", "Kết quả dự kiến", "Dự kiến kết quả", width=26),
    text(
        "sustainability",
        "Duy trì, nhân rộng",
        "Khả năng duy trì, nhân rộng",
        field="sustainability",
        width=24,
    ),
    day("registered_on", "Ngày đăng ký", guidance="Để trống thì lấy ngày của danh sách."),
    text(
        "model_id",
        "Mã mô hình (năm trước)",
        "Mã mô hình",
        field="model_id",
        width=20,
        guidance="Mô hình duy trì: lấy từ bản mẫu có điền sẵn mô hình năm trước.",
    ),
    text(
        "registration_id",
        "Mã đăng ký",
        "Mã đăng ký (hệ thống ghi)",
        width=28,
        guidance="Hệ thống ghi; không tự đặt.",
    ),
)


def key_of_row(row: MatchedRow, ordinal: int = 1) -> tuple[object, ...]:
    """Return what makes the registration of a row this one, the first of equal rows or a later."""
    return registration_key(
        plan_year=row.scope.plan_year,
        unit_id=row.get("unit"),
        owner=row.organization_names.get(row.get("owner"), row.get("owner")),
        title=row.get("title"),
        ordinal=ordinal,
    )


def _events(row: MatchedRow) -> Sequence[EventDraft]:
    scope = row.scope
    stated = row.fields(_COLUMNS)
    owner_id = row.get("owner")
    key = key_of_row(row, row.get("ordinal") or 1)
    if stated["owner_kind"] == "collective":
        owned = {"owner_org_id": owner_id}
    else:
        owned = {"owner_org_id": owner_id, "owner_person_ref": row.get("person_ref")}
    outputs = row.get("outputs")
    forces = row.get("forces")
    data = {
        **scope.occurred(row.get("registered_on")),
        "plan_year": scope.plan_year,
        "registration_id": row.get("registration_id") or key_id("r", *key),
        "model_id": key_id("m", *key),
        **stated,
        **{name: value for name, value in owned.items() if value},
        **({"outputs": [{"target": outputs}]} if outputs else {}),
        **({"forces": [{"role": forces}]} if forces else {}),
        "origin": {"kind": "legacy" if _is_legacy(row) else "import"},
    }
    return [EventDraft("ModelRegistered", data)]


def _is_legacy(row: MatchedRow) -> bool:
    """Say whether a maintained model comes from before the ledger (events.md, ModelRegistered)."""
    maintained = row.get("registration_kind") == RegistrationKind.MAINTAINED
    return maintained and row.scope.is_first_year


REGISTRATIONS = ListKind(
    name="registrations",
    number="L1",
    title=("Danh sách đăng ký mô hình", "Registrations of models"),
    columns=_COLUMNS,
    events=_events,
    identity="registration_id",
)
