"""The texts of codes and of the page of a year, in Vietnamese and in English."""

from collections.abc import Mapping

WORDS_OF_YEARS: Mapping[str, tuple[str, str]] = {
    "title": ("Sổ cái phong trào “Dân vận khéo”", "Ledger of the movement “Dân vận khéo”"),
    "year": ("Năm", "Year"),
    "nation": ("Cả nước", "The whole country"),
    "funnel": ("Từ đăng ký đến khen thưởng", "From registration to award"),
    "classification": ("Xếp loại", "Classification"),
    "units": ("Theo đơn vị hành chính", "By administrative unit"),
    "unit": ("Đơn vị", "Unit"),
    "tables": ("Biểu phân tổ", "Cross tables"),
    "field": ("Lĩnh vực", "Field"),
    "block": ("Khối", "Block"),
    "owner_kind": ("Chủ thể", "Owner"),
    "registration_kind": ("Hình thức đăng ký", "Kind of registration"),
    "level": ("Cấp", "Level"),
    "tier": ("Mức công nhận", "Tier"),
    "award_form": ("Hình thức khen", "Form of award"),
    "recipient_kind": ("Đối tượng được khen", "Recipient"),
    "awards": ("Khen thưởng", "Awards"),
    "no_awards": (
        "Chưa có khen thưởng nào được ghi nhận cho năm này.",
        "No award has been recorded for this year.",
    ),
    "asserted": ("Số liệu đã công bố, bên cạnh sổ cái", "Published figures beside the log"),
    "asserted_note": (
        (
            "Số liệu công bố là lời của báo cáo hoặc báo chí: "
            "không bao giờ được cộng vào tổng nào của sổ cái."
        ),
        (
            "A published figure is the claim of a report or of the press: "
            "it is never added to any sum of the log."
        ),
    ),
    "no_figures": (
        "Chưa có số liệu công bố nào cho phạm vi này.",
        "No figure was published for this scope.",
    ),
    "figures_of_parts": (
        "Số liệu công bố đứng ở đơn vị mà báo cáo nêu; xem các đơn vị hợp thành:",
        "Published figures are shown for the unit that they name; see its predecessors:",
    ),
    "other_figures": (
        "Số liệu công bố của các thời gian khác",
        "Published figures of other times",
    ),
    "metric": ("Chỉ tiêu", "Metric"),
    "breakdown": ("Phân tổ", "Breakdown"),
    "published": ("Số công bố", "Published"),
    "in_log": ("Trong sổ cái", "In the log"),
    "source": ("Nguồn", "Source"),
    "period": ("Thời gian", "Period"),
    "unstated_time": ("không nêu rõ", "not stated"),
    "exact": ("", ""),
    "more_than": ("hơn ", "more than "),
    "approx": ("khoảng ", "about "),
    "models": ("Các mô hình đã đăng ký", "Registered models"),
    "model": ("Mô hình", "Model"),
    "status": ("Kết quả", "Result"),
    "more_rows": ("Xem tất cả", "See all"),
    "csv": ("Tải CSV", "Download CSV"),
    "csv_table": ("Tải bảng này (CSV)", "Download this table (CSV)"),
    "csv_outcomes": ("Tải từng kết quả được báo cáo (CSV)", "Download each outcome (CSV)"),
    "csv_asserted": (
        "Tải mọi số liệu đã công bố của phạm vi này (CSV)",
        "Download every figure published of this scope (CSV)",
    ),
    "csv_every_result": ("gồm mọi kết quả đối chiếu", "with every result"),
    "csv_hint": (
        (
            "Mở thẳng tệp CSV, bảng tính có thể đổi mã như 00123 hoặc 1E5 thành số: hãy dùng "
            "tệp Excel (xlsx), hoặc Dữ liệu > Từ văn bản/CSV, chọn kiểu Văn bản cho cột mã."
        ),
        (
            "A spreadsheet that opens the CSV directly may turn ids such as 00123 or 1E5 into "
            "numbers: take the Excel workbook (xlsx), or use Data > From Text/CSV and choose Text "
            "for the columns of ids."
        ),
    ),
    "flags": ("Điều cần xem lại", "To be looked at"),
    "data_sample": (
        (
            "Dữ liệu mẫu: trong số liệu này có các mô hình được tái dựng từ số tổng đã công bố, "
            "không phải hồ sơ gốc của từng mô hình."
        ),
        (
            "Sample data: some of these models are reconstructed from published totals; "
            "they are not the original records of each model."
        ),
    ),
    "data_synthetic": (
        (
            "Dữ liệu tổng hợp, không có thật: trong số liệu này có các đăng ký, công nhận, khen "
            "thưởng do máy tạo ra (dvk generate) để thử phần mềm."
        ),
        (
            "Synthetic data, not real: some of these registrations, recognitions "
            "and awards were made by a program (dvk generate) to try the software."
        ),
    ),
    "nothing_yet": (
        "Năm này chưa có đăng ký nào trong sổ cái.",
        "The ledger holds no registration of this year yet.",
    ),
    "silent": ("Đơn vị chưa có đăng ký", "Units without a registration"),
    "known_at": ("Số liệu tính đến vị trí", "Figures as of position"),
    "recorded_time": ("ghi lúc", "recorded at"),
    "complete": (
        "Mọi sự kiện đã lưu đều đã vào số liệu.",
        "Every stored event is in the figures.",
    ),
    "catching_up": ("Số liệu đang theo kịp sổ cái", "The figures are catching up with the log"),
    "other_language": ("English", "Tiếng Việt"),
    "skip": ("Đến nội dung", "Skip to content"),
    "api": ("Giao diện lập trình", "Interface for programs"),
    "table": ("Bảng số liệu", "Table of figures"),
    "total": ("Tổng", "Total"),
    "digest": ("Mã kiểm chứng", "Digest"),
    "not_found": ("Không tìm thấy đơn vị này", "This unit was not found"),
    "back": ("Về trang cả nước", "Back to the whole country"),
    "outcomes": ("Kết quả đo được", "Measured outcomes"),
    "value": ("Giá trị", "Value"),
    "nature": ("Tính chất", "Nature"),
}
