"""Columns that several kinds of list have."""

from services.lists.kinds.kind import ListColumn, text

TITLE_OF_MODEL = text(
    "title",
    "Tên mô hình",
    "Tên mô hình, điển hình",
    "Tên mô hình/điển hình",
    "Mô hình",
    width=42,
    guidance="Cần khi không có mã đăng ký.",
)
OWNER = text(
    "owner",
    "Tập thể đăng ký",
    "Đơn vị đăng ký",
    "Tên tập thể",
    "Tập thể, cá nhân",
    "Tập thể",
    names="organization",
    width=30,
)
UNIT = text(
    "unit",
    "Xã, phường, đặc khu",
    "Xã, phường",
    "Xã, phường, thị trấn",
    "Địa phương",
    "Đơn vị hành chính",
    "Đơn vị",
    names="unit",
    fills_down=True,
    width=22,
)
PERSON_NAME = text(
    "person_name",
    "Họ và tên",
    "Họ, tên",
    "Họ tên",
    "Họ và tên cá nhân",
    "Tên cá nhân",
    "Cá nhân đăng ký",
    "Người đăng ký",
    "Cá nhân được khen",
    is_person=True,
    width=24,
    guidance="Chỉ với cá nhân, hộ gia đình. Họ tên được giữ kín, không vào sổ cái.",
)
PERSON = text(
    "person",
    "Mã cá nhân",
    width=32,
    guidance="Hệ thống ghi ở tệp kèm kết quả. Ghi “mới” nếu là người khác trùng họ tên.",
)
NOTE = text("note", "Ghi chú", field="note", width=24)


def registration_id(*, required: bool = False) -> ListColumn:
    """Return the column of a registration's id."""
    return text(
        "registration_id",
        "Mã đăng ký",
        "Mã đăng ký (hệ thống ghi)",
        required=required,
        names="registration",
        width=28,
        guidance="Lấy từ bản mẫu có điền sẵn, hoặc để trống và ghi tên mô hình, tập thể, đơn vị.",
    )
