"""The texts of the pages of signals and of targets, in Vietnamese and in English."""

from collections.abc import Mapping

WORDS_OF_SIGNALS: Mapping[str, tuple[str, str]] = {
    "page_signals": ("Việc cần làm", "What needs action"),
    "signals_note": (
        "Mỗi mục là một điều cần xem, không phải một kết luận. Hạn được tính đến ngày {day}.",
        "Each is something to be looked at, not a finding. Deadlines are judged on {day}.",
    ),
    "signal": ("Việc", "Signal"),
    "signal_state": ("Tình trạng", "State"),
    "signal_number": ("Số", "Number"),
    "signal_rule": ("Quy tắc", "Rule"),
    "signal_source": ("Nguồn", "Source"),
    "signal_files": ("Tệp", "Files"),
    "signals_by_unit": ("Số việc cần xem theo đơn vị", "To be looked at, by unit"),
    "signal_rows": ("Danh sách", "The list"),
    "signal_past": ("Số này qua các tháng trước", "The number in earlier months"),
    "signal_past_note": (
        "Theo những gì sổ cái đã ghi đến hết ngày ấy, với hạn tính đến chính ngày ấy.",
        "As known at the end of that day, with deadlines judged on that day.",
    ),
    "signal_day": ("Đến hết ngày", "At the end of"),
    "signal_none": ("Không có dòng nào.", "There is no row."),
    "signal_shown": (
        "Dòng {first}–{last} trong {count}.",
        "Rows {first} to {last} of {count}.",
    ),
    "signal_next": ("Các dòng tiếp theo", "Further rows"),
    "signal_previous": ("Các dòng trước", "Earlier rows"),
    "signals_to_look": (
        "{count} việc cần xem trong năm này.",
        "{count} things to be looked at this year.",
    ),
    "signals_see": ("Xem việc cần làm", "See what needs action"),
    "targets_of_plans": ("Chỉ tiêu kế hoạch và kết quả", "Targets of plans, and what came"),
    "target": ("Chỉ tiêu kế hoạch", "Target"),
    "came": ("Đã đạt", "So far"),
    "of_target": ("So với chỉ tiêu", "Of the target"),
    "target_plan": ("Kế hoạch", "Plan"),
    "progress": ("Đăng ký qua các tháng", "Registrations through the year"),
    "progress_note": (
        "Cộng dồn số đăng ký theo tháng phát sinh; năm trước để so sánh.",
        "Registrations added up by month of occurrence; the year before to compare with.",
    ),
    "month": ("Tháng", "Month"),
}
