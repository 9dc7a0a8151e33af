"""The texts of error pages: in terms of the page's choices instead of API parameters."""

from collections.abc import Mapping

WORDS_OF_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "problem_400": ("Không đọc được yêu cầu", "The request cannot be read"),
    "problem_404": ("Không tìm thấy", "Not found"),
    "problem_405": ("Không làm được ở đây", "This cannot be done here"),
    "problem_422": ("Yêu cầu chưa đúng", "The request is not valid"),
    "problem_500": ("Phần mềm gặp lỗi", "Internal error"),
    "problem_503": ("Chưa trả lời được, xin thử lại", "Temporarily unavailable, please try again"),
    # Sentences for pages, where the rule's own sentence is for the API
    "said_no_such_page": (
        "Không có trang nào ở địa chỉ {path}.",
        "There is no page at the address {path}.",
    ),
    "said_invalid_parameter": (
        "Địa chỉ của trang có chỗ chưa đúng:",
        "Something in the address of the page is not right:",
    ),
    "said_unknown_parameter": (
        "Địa chỉ của trang có phần không dùng được: {parameters}.",
        "The address of the page has a part that it cannot use: {parameters}.",
    ),
    "said_unit_not_on_map": (
        "Đơn vị này không có trên bản đồ ngày {day}.",
        "This unit does not exist on the map of {day}.",
    ),
    "said_no_such_cell": (
        "Chỉ tiêu “{measure}” không phân tổ theo: {dimensions}.",
        "The measure “{measure}” is not broken down by: {dimensions}.",
    ),
    # Names of parameters
    "parameter_unit": ("Đơn vị", "Unit"),
    "parameter_unit_id": ("Đơn vị", "Unit"),
    "parameter_row": ("Dòng của đơn vị", "Row of the unit"),
    "parameter_year": ("Năm", "Year"),
    "parameter_years": ("Thời gian", "Time"),
    "parameter_known_at": ("Số liệu đã ghi sổ đến", "As known at"),
    "parameter_map": ("Bản đồ hành chính", "Map"),
    "parameter_since": ("Từ hết ngày", "Since"),
    "parameter_measure": ("Chỉ tiêu", "Measure"),
    "parameter_result": ("Kết quả đối chiếu", "Result"),
    "parameter_model": ("Mô hình", "Model"),
    "parameter_q": ("Tên đơn vị", "Name of the unit"),
    "parameter_start": ("Trang", "Page"),
    "parameter_cursor": ("Trang", "Page"),
    # Errors of parameters, where the rule lists codes
    "wrong_map": (
        "phải là bản đồ hiện hành, như lúc ghi nhận, hoặc của một ngày",
        "must be the current map, the one as recorded, or that of a day",
    ),
    "wrong_result": (
        "phải là khớp, lệch hoặc không đối chiếu được",
        "must be: agrees, differs, or cannot be checked",
    ),
    "wrong_years": ("phải là một năm hoặc mọi thời gian", "must be a year or all times"),
}
