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
        "Things to be looked at this year: {count}.",
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
    "progress_one_day": (
        (
            "Mọi đăng ký của năm {year} đều mang một ngày phát sinh, {day}, nên không có tiến độ "
            "theo tháng để vẽ."
        ),
        (
            "All registrations of {year} bear one day, {day}, so there is no progress by month to "
            "draw."
        ),
    ),
    "targets_summed": (
        "cộng kế hoạch của {count} đơn vị cấp dưới; kết quả là của các đơn vị ấy",
        "sum of the plans of {count} units below; what came is in those units",
    ),
    "targets_listed": (
        (
            "Chỉ tiêu của các đơn vị khác cấp, hoặc của hai kế hoạch ở một đơn vị, có thể trùng "
            "nhau: liệt kê, không cộng."
        ),
        (
            "Targets of units of different levels, or of two plans of one unit, may overlap: they "
            "are listed and not added up."
        ),
    ),
    "targets_all": ("Xem mọi kế hoạch ({count} chỉ tiêu)", "See all plans ({count} targets)"),
    "month": ("Tháng", "Month"),
}
