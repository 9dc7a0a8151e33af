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
    "site": ("Tiếp nhận danh sách Dân vận khéo", "List desk, Dân vận khéo"),
    "pages": ("Các trang", "Pages"),
    "language": ("Ngôn ngữ", "Language"),
    "skip": ("Đến nội dung", "Skip to content"),
    "other": ("English", "Tiếng Việt"),
    "dashboard": ("Bảng tổng hợp", "Dashboard"),
    "session": ("Phiên làm việc", "Your session"),
    "home": ("Nộp danh sách", "Send a list"),
    "intro": (
        "Hệ thống kiểm tra từng dòng, chỉ gửi khi anh/chị xác nhận, rồi trả lại tệp kèm kết quả.",
        "Every row is checked, sent when you confirm, and the workbook comes back with results.",
    ),
    "step_template": ("Tải tệp mẫu", "Take the template"),
    "template_note": (
        "Không bắt buộc: tệp sẵn có của cơ quan cũng nộp được nếu có dòng tiêu đề.",
        "Not required: a workbook of your own works too if it has a row of headings.",
    ),
    "step_upload": ("Nộp tệp để kiểm tra", "Upload the file to be checked"),
    "no_file_yet": ("Chưa có tệp? Tải tệp mẫu.", "No file yet? Take the template."),
    "recent": ("Tệp đã nộp gần đây", "Recent uploads"),
    "approver_intro": (
        "Danh sách của đơn vị mình được phê duyệt ở đây trước khi ghi vào sổ cái.",
        "Lists of your unit are approved here before they are recorded in the ledger.",
    ),
    "none_yet": ("Chưa có tệp nào.", "None yet."),
    "kind": ("Loại danh sách", "Kind of list"),
    "unit": ("Đơn vị của danh sách", "Unit of the list"),
    "unit_hint": (
        "Tên đầy đủ hoặc mã, ví dụ: Thành phố Bắc Kạn.",
        "Its full name or its id, for example: Thành phố Bắc Kạn.",
    ),
    "unit_short": ("Đơn vị", "Unit"),
    "year": ("Năm", "Year"),
    "list_day": ("Ngày ký danh sách", "Day of the list"),
    "list_day_hint": (
        "Ghi ngày/tháng/năm; để trống nếu không biết.",
        "Day/month/year; leave empty if unknown.",
    ),
    "first_year": (
        "Đây là năm đầu tiên nộp danh sách lên hệ thống",
        "This is the first year that is sent here",
    ),
    "first_year_hint": (
        "Mô hình duy trì được nhận dù sổ cái chưa có đăng ký của năm trước.",
        "Maintained models are accepted without a registration of the year before.",
    ),
    "file": ("Tệp Excel", "Workbook"),
    "file_short": ("Tệp", "File"),
    "file_hint": ("Tệp .xlsx, tối đa 25 MB.", "A file .xlsx of at most 25 MB."),
    "check": ("Kiểm tra", "Check"),
    "check_note": ("Chưa ghi gì vào sổ cái.", "Nothing is recorded yet."),
    "persons": ("Tra cứu họ tên cá nhân", "Look up the name of a person"),
    "persons_note": (
        "Mỗi lần tra cứu đều được ghi lại: ai, lúc nào, mã nào, lý do gì.",
        "Every look-up is recorded: by whom, when, which reference, and why.",
    ),
    "person_ref": ("Mã cá nhân", "Reference"),
    "look_up": ("Tra cứu", "Look up"),
    "look_up_reason": ("Lý do", "Reason"),
    "look_up_reason_hint": (
        "Ví dụ: số hồ sơ đang giải quyết. Không ghi họ tên vào đây.",
        "For example the number of the file in hand. Write no name here.",
    ),
    "look_up_reason_gone": ("đã xóa cùng cá nhân", "erased with the person"),
    "look_up_reader": ("Người tra cứu", "Reader"),
    "look_up_shown": ("đã hiện họ tên", "the name was shown"),
    "look_up_unnamed": ("chưa danh sách nào ghi họ tên", "no list has the name"),
    "look_up_erased": ("họ tên đã được xóa theo yêu cầu", "the name was erased on request"),
    "look_up_unknown": ("hệ thống không có mã này", "no such reference here"),
    "look_up_refused": (
        "không được xem họ tên của đơn vị này",
        "the reader may not read names of this unit",
    ),
    "look_ups": ("Các lần tra cứu gần đây", "Recent look-ups"),
    "look_ups_none": ("Chưa có lần nào.", "None yet."),
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
    "reading": ("đang đọc tệp", "reading the file"),
    "progress_done": ("{total} dòng", "{total} rows"),
    "nothing_recorded": ("Chưa ghi gì vào sổ cái.", "Nothing is recorded yet."),
    "may_close": (
        "Có thể đóng trang này, việc vẫn tiếp tục.",
        "This page may be closed; the work goes on.",
    ),
    "reloads": ("Trang tự tải lại.", "It reloads by itself."),
    "reload": ("Tải lại trang", "Reload the page"),
    "stop_reloading": ("Dừng tự tải lại", "Stop reloading"),
    "year_of": ("năm {year}", "year {year}"),
    "to_mend": ("{count} dòng cần sửa", "{count} rows to mend"),
    "row_at": ("Dòng {row}", "Row {row}"),
    "more_to_mend": ("Xem thêm {count} dòng cần sửa", "{count} more rows to mend"),
    "how_to_mend": (
        "Tải tệp kèm kết quả (ô sai đã được tô màu), sửa trong Excel rồi nộp lại tệp ấy.",
        "Download the workbook with results (wrong cells are coloured), mend it, upload it again.",
    ),
    "upload_mended": ("Nộp lại tệp đã sửa", "Upload the mended file"),
    "questions_note": (
        "Trả lời các câu dưới đây để hệ thống đọc đúng danh sách; chưa trả lời thì dòng chưa gửi.",
        "Your answers say how to read the list; a row is not sent before its question is answered.",
    ),
    "of_column": (
        "Câu trả lời dùng cho cả {count} ô như vậy ở cột {column}.",
        "The answer holds for all {count} such cells of column {column}.",
    ),
    "to_send": ("Gửi vào sổ cái", "Send to the ledger"),
    "list": ("Danh sách", "List"),
    "will_be_sent": ("Sẽ gửi", "To be sent"),
    "will_not_be_sent": ("Không gửi", "Not sent"),
    "rows_of": ("{count} dòng", "{count} rows"),
    "sent_note": (
        "{count} dòng đã vào sổ cái. Giữ tệp kèm kết quả để nộp lại khi cần sửa.",
        "{count} rows are in the ledger. Keep the workbook with results for later corrections.",
    ),
    "see_dashboard": ("Xem trên Bảng tổng hợp", "See the dashboard"),
    "each_row": ("Kết quả từng dòng", "The result of each row"),
    "counts": ("Lọc theo trạng thái", "Rows by state"),
    "state": ("Trạng thái", "State"),
    "count": ("Số dòng", "Rows"),
    "row": ("Dòng", "Row"),
    "what": ("Nội dung, cách sửa", "What, and how to mend it"),
    "identity": ("Mã", "Id"),
    "person": ("Cá nhân (họ tên chỉ hiện ở trang này)", "Person (the name is on this page only)"),
    "position": ("vị trí trong sổ cái", "position in the ledger"),
    "all": ("Tất cả", "All"),
    "send_good": ("Gửi {count} dòng hợp lệ", "Send the {count} good rows"),
    "send_all": ("Gửi cả danh sách ({count} dòng)", "Send the whole list ({count} rows)"),
    "send_waiting": (
        "Gửi {count} dòng, kể cả dòng sẽ chờ",
        "Send {count} rows, those that would wait too",
    ),
    "approve": ("Phê duyệt và gửi {count} dòng", "Approve, and send {count} rows"),
    "approval_note": (
        "Danh sách này do cán bộ khác nhập. Xem lại từng dòng bên dưới rồi phê duyệt để ghi sổ.",
        "Another officer entered this list. Look at each row below, then approve it to record it.",
    ),
    "approval_waits": (
        "Chờ phê duyệt: một cán bộ phê duyệt của đơn vị, không phải người nhập, gửi từ trang này.",
        "It waits for an approver of the unit, who did not enter it and sends it from this page.",
    ),
    "entered_by": ("Người nhập", "Entered by"),
    "approved_by": ("Người phê duyệt", "Approved by"),
    "send_note": (
        "Dòng không gửi: sửa rồi nộp lại cả tệp; dòng đã gửi không bị ghi hai lần.",
        "Rows to be mended are not sent; mend them and upload again: nothing is doubled.",
    ),
    "nothing_to_send": ("Không có dòng nào để gửi.", "There is nothing to send."),
    "annotated": ("Tải tệp kèm kết quả", "Download the workbook with results"),
    "new_upload": ("Nộp tệp khác", "Upload another file"),
    "answer": ("Trả lời rồi kiểm tra lại", "Answer and check again"),
    "questions": ("Câu hỏi", "Questions"),
    "yes": ("Có", "Yes"),
    "no": ("Không", "No"),
    "next": ("Các dòng tiếp theo", "Next rows"),
    "received": ("Nộp lúc", "Received"),
    "digest": ("Mã kiểm chứng của tệp (SHA-256)", "Digest of the file (SHA-256)"),
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
    "wrong": ("Chưa nhận được", "Not accepted"),
    "choose_unit": (
        "Có phải một trong các đơn vị sau? Ghi đúng tên hoặc mã:",
        "Is it one of these units? Write its name or its id:",
    ),
    "choose_file_again": (
        "Sửa ô ấy, chọn lại tệp rồi bấm Kiểm tra.",
        "Mend the field, choose the file again and press Check.",
    ),
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

    def both(self, key: str, **values: Any) -> tuple[str, str]:  # noqa: ANN401  as above
        """Return the words of a key in both languages."""
        vi, en = _WORDS[key]
        return vi.format(**values), en.format(**values)

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
