"""The words of the sign-in pages, in Vietnamese and in English."""

from collections.abc import Mapping
from datetime import date

from shared.clock import HANOI, day_in_vietnam, from_microseconds
from shared.errors import Language
from shared.vocabulary import OfficerRole
from shared.vocabulary.code_words import CODE_WORDS

_WORDS: Mapping[str, tuple[str, str]] = {
    "site": ("Sổ cái Dân vận khéo", "Ledger of Dân vận khéo"),
    "skip": ("Đến nội dung", "Skip to content"),
    "language": ("Ngôn ngữ", "Language"),
    "other": ("English", "Tiếng Việt"),
    "sign_in": ("Đăng nhập", "Sign in"),
    "sign_in_note": (
        "Số liệu tổng hợp ai cũng xem được; đăng nhập để xem và làm những việc của đơn vị mình.",
        "Summaries are public; sign in to read and do what belongs to your unit.",
    ),
    "user_name": ("Tên đăng nhập", "User name"),
    "password": ("Mật khẩu", "Password"),
    "by_provider": ("Đăng nhập bằng tài khoản cơ quan", "Sign in with the account of your office"),
    "by_password": ("Đăng nhập bằng mật khẩu", "Sign in with a password"),
    "no_account": (
        "Chưa có tài khoản hoặc quên mật khẩu: xin người vận hành một đường dẫn dùng một lần.",
        "No account yet, or a forgotten password: ask the operator for a one-time link.",
    ),
    "set_password": ("Đặt mật khẩu", "Set a password"),
    "set_password_of": ("Tài khoản: {user_name}", "Account: {user_name}"),
    "password_hint": (
        "Từ {least} ký tự trở lên, dài và dễ nhớ; nên dùng vài từ ghép lại.",
        "{least} characters or more; a few words together are long and easy to remember.",
    ),
    "again": ("Nhập lại mật khẩu", "The password again"),
    "keep": ("Lưu và đăng nhập", "Save and sign in"),
    "signed_in": ("Phiên làm việc", "Your session"),
    "signed_in_as": ("Đang đăng nhập: {user_name}", "Signed in as {user_name}"),
    "reference": ("Mã cán bộ", "Officer reference"),
    "began": ("Đăng nhập lúc", "Signed in at"),
    "ends_note": (
        "Phiên tự kết thúc sau 30 phút không dùng và sau 8 giờ.",
        "A session ends after 30 minutes without use, and after 8 hours.",
    ),
    "roles": ("Vai trò", "Roles"),
    "no_roles": (
        "Chưa có vai trò nào. Vai trò do người có quyền ghi vào sổ cái, theo mã cán bộ ở trên.",
        "None yet. Roles are granted in the ledger, to the officer reference above.",
    ),
    "role": ("Vai trò", "Role"),
    "unit": ("Đơn vị và các đơn vị bên dưới", "Unit, with those below"),
    "unit_short": ("Đơn vị", "Unit"),
    "from": ("Từ ngày", "From"),
    "to": ("Đến trước ngày", "Until before"),
    "officers": ("Cán bộ và vai trò", "Officers and roles"),
    "officers_of": (
        "Vai trò đã giao ở {unit} và các đơn vị bên dưới, theo bản đồ hôm nay.",
        "Roles granted in {unit} and below it, on today's map.",
    ),
    "account": ("Tài khoản", "Account"),
    "state": ("Tình trạng", "State"),
    "granted": ("Ghi sổ", "Recorded"),
    "position": ("vị trí {position}", "position {position}"),
    "now_held": ("Đang giữ", "Held now"),
    "held_no_more": ("Đã hết", "Held no more"),
    "is_held": ("đang giữ", "held"),
    "is_ahead": ("chưa đến ngày", "not begun yet"),
    "is_over": ("hết thời hạn", "expired"),
    "is_ended": ("chấm dứt {day}: {reason}", "ended {day}: {reason}"),
    "is_replaced": ("giao lại {day}", "granted again {day}"),
    "none_listed": ("Không có.", "None."),
    "previous": ("Trang trước", "Previous page"),
    "next": ("Trang sau", "Next page"),
    "sign_out": ("Đăng xuất", "Sign out"),
    "sign_out_all": ("Đăng xuất khỏi mọi máy", "Sign out everywhere"),
    "dashboard": ("Bảng tổng hợp", "Dashboard"),
    "lists": ("Nộp danh sách", "Send a list"),
    "pages": ("Các trang", "Pages"),
    "wrong": ("Chưa đăng nhập được", "Not signed in"),
}


class SignInTexts:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.is_english = language == "en"

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of a key."""
        words = _WORDS[key][self.is_english]
        return words.format(**values) if values else words

    def moment(self, microseconds: int) -> str:
        """Return a time in Viet Nam."""
        return from_microseconds(microseconds).astimezone(HANOI).strftime("%d/%m/%Y %H:%M")

    def day_of(self, microseconds: int) -> str:
        """Return the day of a time in Viet Nam."""
        return self.day(day_in_vietnam(microseconds))

    def number(self, value: int) -> str:
        """Return a number with the separators of the language."""
        text = f"{value:,}"
        return text if self.is_english else text.replace(",", ".")

    def role(self, role: OfficerRole) -> str:
        """Return the word of a role."""
        return CODE_WORDS["officer_role"][role.value][self.is_english]

    def day(self, value: date | None) -> str:
        """Return a day as Vietnamese offices write it."""
        return value.strftime("%d/%m/%Y") if value else "–"
