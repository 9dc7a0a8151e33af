"""The words of the pages, in Vietnamese and in English."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.lists.remarks import Remark
from services.lists.uploads.checked_rows import RowState
from services.lists.uploads.vanished_rows import VanishedRow
from shared.clock import HANOI, from_microseconds
from shared.errors import Language

_WORDS: Mapping[str, tuple[str, str]] = {
    "site": ("Bàn danh sách Dân vận khéo", "List desk, Dân vận khéo"),
    "skip": ("Đến nội dung", "Skip to content"),
    "other": ("English", "Tiếng Việt"),
    "dashboard": ("Bảng tổng hợp", "Dashboard"),
    "home": ("Nộp danh sách", "Send a list"),
    "intro": (
        "Hệ thống kiểm tra từng dòng, chỉ gửi khi xác nhận, và trả lại tệp kèm kết quả.",
        "Every row is checked, sent when you confirm, and the workbook comes back with results.",
    ),
    "step_template": ("1. Lấy tệp mẫu", "1. Take the template"),
    "template_note": (
        "Không bắt buộc: tệp sẵn có của cơ quan cũng nộp được nếu có dòng tiêu đề.",
        "Not required: a workbook of your own works too if it has a row of headings.",
    ),
    "step_upload": ("2. Nộp tệp để kiểm tra", "2. Upload the file to be checked"),
    "recent": ("Tệp đã nộp gần đây", "Recent uploads"),
    "none_yet": ("Chưa có tệp nào.", "None yet."),
    "kind": ("Loại danh sách", "Kind of list"),
    "unit": ("Đơn vị của danh sách (tên hoặc mã)", "Unit of the list (name or id)"),
    "unit_hint": ("Ví dụ: Thành phố Bắc Kạn", "For example: Thành phố Bắc Kạn"),
    "unit_short": ("Đơn vị", "Unit"),
    "year": ("Năm", "Year"),
    "list_day": ("Ngày ký danh sách", "Day of the list"),
    "list_day_hint": (
        "Ghi ngày/tháng/năm; để trống nếu không biết.",
        "Day/month/year; leave empty if unknown.",
    ),
    "first_year": (
        "Năm đầu dùng hệ thống: mô hình duy trì chưa có đăng ký năm trước trong sổ cái",
        "First year here: maintained models have no registration of the year before",
    ),
    "file": ("Tệp Excel (.xlsx)", "Workbook (.xlsx)"),
    "check": ("Kiểm tra", "Check"),
    "download_template": ("Tải tệp mẫu", "Download the template"),
    "filled": ("Điền sẵn", "Filled in"),
    "filled_none": ("Để trống", "Empty"),
    "filled_last": ("Mô hình năm trước (để duy trì)", "Models of the year before"),
    "filled_this": ("Đăng ký của năm", "Registrations of the year"),
    "checking": ("Đang kiểm tra", "Checking"),
    "checked": ("Đã kiểm tra", "Checked"),
    "sending": ("Đang gửi", "Sending"),
    "sent": ("Đã gửi", "Sent"),
    "unreadable": ("Chưa đọc được", "Not read"),
    "progress": ("{done} trên {total} dòng", "{done} of {total} rows"),
    "may_close": (
        "Có thể đóng trang này; việc vẫn tiếp tục. Trang tự tải lại.",
        "This page may be closed; the work goes on. It reloads by itself.",
    ),
    "counts": ("Kết quả theo trạng thái", "Rows by state"),
    "rows": ("dòng", "rows"),
    "state": ("Trạng thái", "State"),
    "count": ("Số dòng", "Rows"),
    "row": ("Dòng", "Row"),
    "what": ("Nội dung", "What"),
    "say": ("Cần biết, cần sửa", "To know, to mend"),
    "identity": ("Mã", "Id"),
    "position": ("Vị trí trong sổ cái", "Position in the ledger"),
    "all": ("Tất cả", "All"),
    "send_good": ("Gửi {count} dòng đạt", "Send the {count} good rows"),
    "send_all": ("Gửi cả danh sách ({count} dòng)", "Send the whole list ({count} rows)"),
    "send_waiting": (
        "Gửi {count} dòng, kể cả dòng sẽ chờ",
        "Send {count} rows, those that would wait too",
    ),
    "send_note": (
        "Dòng cần sửa không gửi; sửa rồi nộp lại tệp, dòng đã gửi không bị nhân đôi.",
        "Rows to be mended are not sent; mend them and upload again: nothing is doubled.",
    ),
    "nothing_to_send": ("Không có dòng nào để gửi.", "There is nothing to send."),
    "annotated": ("Tải tệp kèm kết quả từng dòng", "Download the workbook with results"),
    "new_upload": ("Nộp tệp khác", "Upload another file"),
    "answer": ("Trả lời rồi kiểm tra lại", "Answer and check again"),
    "questions": ("Câu hỏi", "Questions"),
    "yes": ("Có", "Yes"),
    "no": ("Không", "No"),
    "next": ("Các dòng tiếp theo", "Next rows"),
    "received": ("Nộp lúc", "Received"),
    "digest": ("Dấu của tệp (SHA-256)", "Digest of the file (SHA-256)"),
    "head": ("Kiểm tra khi sổ cái ở vị trí", "Checked at position"),
    "vanished": (
        "Có trong lần nộp trước, không có trong tệp này ({count})",
        "In an earlier upload, and not in this file ({count})",
    ),
    "vanished_note": (
        "Không tự rút; nếu tệp này chỉ là một phần của danh sách thì không cần làm gì.",
        "Nothing is withdrawn by itself; if this file is a part of the list, do nothing.",
    ),
    "vanished_how": (
        "Rút thật: docs/lists.md, mục Nộp lại. Dòng cần sửa, đang hỏi được đối chiếu theo tên.",
        "To withdraw: docs/lists.md, Nộp lại. Rows to mend or in question are compared by title.",
    ),
    "vanished_row": (
        "{title} ({identity}): tệp {file_name} nộp {day}, dòng {number}",
        "{title} ({identity}): file {file_name} of {day}, row {number}",
    ),
    "vanished_more": ("… và {count} dòng nữa.", "… and {count} more rows."),
    "unknown_headings": (
        "Các cột không đọc (tiêu đề lạ): {named}.",
        "Columns that were not read, for their headings are unknown: {named}.",
    ),
    "wrong": ("Chưa nộp được", "Not accepted"),
    "choose_unit": ("Đơn vị nào?", "Which unit?"),
}
_BEFORE: Mapping[RowState, tuple[str, str]] = {
    RowState.NEW: ("sẽ nhận", "will be accepted"),
    RowState.KNOWN: ("đã có", "known already"),
    RowState.CHANGED: ("sẽ sửa", "will be corrected"),
    RowState.REPEATED: ("trùng", "repeated"),
    RowState.QUESTION: ("hỏi", "question"),
    RowState.FAULTY: ("cần sửa", "to be mended"),
    RowState.WAITING: ("chờ", "would wait"),
    RowState.REFUSED: ("từ chối", "refused"),
}
_AFTER: Mapping[RowState, tuple[str, str]] = {
    **_BEFORE,
    RowState.NEW: ("đã nhận", "accepted"),
    RowState.CHANGED: ("đã sửa", "corrected"),
    RowState.WAITING: ("đang chờ", "waits"),
}


class DeskTexts:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.is_english = language == "en"

    def __call__(self, key: str, **values: Any) -> str:  # noqa: ANN401  what str.format takes
        """Return the words of a key."""
        words = _WORDS[key][self.is_english]
        return words.format(**values) if values else words

    def pair(self, both: tuple[str, ...]) -> str:
        """Return one of two."""
        return both[self.is_english]

    def state(self, state: str, *, sent: bool) -> str:
        """Return the word of a row's state, before or after sending."""
        return (_AFTER if sent else _BEFORE)[RowState(state)][self.is_english]

    def remark(self, remark: Remark) -> str:
        """Return what is said of a cell, after its address."""
        words = remark.en if self.is_english else remark.vi
        return f"{remark.cell}: {words}" if remark.cell else words

    def vanished(self, row: VanishedRow) -> str:
        """Return which row an earlier upload had, and when."""
        return self(
            "vanished_row",
            title=row.title or "—",
            identity=row.identity,
            file_name=row.file_name,
            day=self.moment(row.received_us),
            number=row.number,
        )

    def choices(self, question: Remark) -> list[tuple[str, str]]:
        """Return what may be answered to a question: (value, words)."""
        if question.suggestions:
            return [(each, each) for each in question.suggestions]
        return [("yes", self("yes")), ("no", self("no"))]

    def number(self, value: int) -> str:
        """Return a number with the separators of the language."""
        text = f"{value:,}"
        return text if self.is_english else text.replace(",", ".")

    def moment(self, microseconds: int) -> str:
        """Return a time in Viet Nam."""
        return from_microseconds(microseconds).astimezone(HANOI).strftime("%d/%m/%Y %H:%M")

    def day(self, value: date | None) -> str:
        """Return a day as Vietnamese offices write it."""
        return value.strftime("%d/%m/%Y") if value else ""
