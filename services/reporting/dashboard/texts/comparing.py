"""The words of compared tables and of drawings, in Vietnamese and in English."""

from collections.abc import Mapping

WORDS_OF_COMPARING: Mapping[str, tuple[str, str]] = {
    "page_table": ("Cả bảng", "Whole table"),
    "compare": ("So sánh theo", "Compare by"),
    "compare_none": ("không so sánh", "no comparison"),
    "compared_in": ("So sánh theo chỉ tiêu: {measure}", "Compared by: {measure}"),
    "compare_difference": ("Chênh lệch", "Difference"),
    "compare_percent": ("Tăng, giảm", "Change"),
    "compare_share": ("Tỷ trọng", "Share"),
    "compare_rate": ("Công nhận / đăng ký", "Recognised / registered"),
    "compare_rate_of_eligible": ("Công nhận / đủ điều kiện", "Recognised / eligible"),
    "compare_rank": ("Thứ hạng", "Rank"),
    "compare_no_year": (
        "Sổ cái chưa có số liệu năm {before} nên không so với năm trước.",
        "The ledger has no data of {before}, so there is no year before to compare with.",
    ),
    "compare_before_new_map": (
        "Trên bản đồ này phần lớn đăng ký năm {year} không có đơn vị: không so với năm {before}.",
        "On this map most registrations of {year} have no unit: not compared with {before}.",
    ),
    "compare_not_whole": (
        (
            "Đơn vị này không tồn tại trọn hai năm {before} và {year}, nên trên bản đồ theo từng "
            "sự kiện không so với năm trước; hãy xem trên bản đồ hiện hành."
        ),
        (
            "This unit did not exist through {before} and {year}: the map as recorded compares no "
            "years of it; see the map of today."
        ),
    ),
    "compare_whole_before": ("Cả năm {before}", "All of {before}"),
    "year_until": ("Năm {year}, đến {day}", "{year} until {day}"),
    "compare_under_way": (
        (
            "Năm {year} chưa hết nên so cùng kỳ: số đến nay so với năm {before} tính đến hết ngày "
            "{day} (theo ngày đăng ký, công nhận, tặng thưởng); cả năm {before} ở cột bên cạnh."
        ),
        (
            "{year} is not over, so like is compared with like: the count so far with {before} "
            "until {day} (by the day of registration, recognition or award); all of {before} is "
            "in the next column."
        ),
    ),
    "compare_undated": (
        (
            "Năm {year} chưa hết mà sổ cái không giữ ngày của từng mô hình theo chỉ tiêu này: "
            "chênh lệch là số đến nay so với cả năm {before}, chưa phải xu hướng."
        ),
        (
            "{year} is not over, and the ledger keeps no day of this measure for each model: the "
            "difference is the count so far against all of {before}, not a trend."
        ),
    ),
    "compare_recorded": (
        (
            "Theo bản đồ của từng sự kiện, đơn vị không tồn tại trọn hai năm {before} và {year} "
            "thì không so (—)."
        ),
        (
            "On the map as recorded, units that did not exist through {before} and {year} are not "
            "compared (—)."
        ),
    ),
    "compare_unallocated": (
        (
            "Năm {before} có {count} đăng ký chưa phân bổ được về đơn vị của bản đồ này: số từng "
            "đơn vị năm đó có thể còn thiếu."
        ),
        (
            "{count} registrations of {before} cannot be allocated to units of this map: the "
            "figures of single units of that year may lack some."
        ),
    ),
    "compare_small": (
        "n < 10: mẫu số dưới 10 thì không tính phần trăm, chỉ ghi phân số (3/7).",
        "n < 10: of fewer than 10 no per cent is computed, only the fraction is shown (3/7).",
    ),
    "outcomes_compared": (
        "Chỉ tính chênh lệch giữa hai số chính xác; số “hơn”, “khoảng” thì để trống (—).",
        "Only exact figures have a difference; of “more than” and “about” it is unknown (—).",
    ),
    "asserted_before": ("Công bố năm {before}", "Published for {before}"),
    "asserted_no_before": (
        (
            "Chưa có số công bố năm {before} cùng đơn vị, chỉ tiêu và phân tổ nên không so với "
            "năm trước."
        ),
        "No figure of {before} with the same unit, metric and breakdown was published to compare.",
    ),
    "sort_by": ("sắp xếp", "sort"),
    "whole_table": ("Xem cả bảng ({count} dòng)", "See the whole table ({count} rows)"),
    "rows_shown": ("{first}–{last} trong {count} dòng", "{first}–{last} of {count} rows"),
    "previous_page": ("Trang trước", "Previous page"),
    "recorded_there": ("ghi ở cấp này", "recorded at this level"),
    "table_level": ("Theo cấp", "By level"),
    "rows_province": ("Tỉnh, thành phố", "Provinces"),
    "rows_district": ("Huyện, quận", "Districts"),
    "rows_commune": ("Xã, phường, đặc khu", "Communes"),
    "no_such_level": (
        "Bản đồ này không có đơn vị cấp này bên dưới {place}.",
        "This map has no unit of this level below {place}.",
    ),
    "asserted_short": ("Số liệu đã công bố", "Published figures"),
    "contents": ("Trong trang này", "On this page"),
    "nothing_of": ("Chưa có: {listed}.", "None yet: {listed}."),
    "at_zero": ("Bằng 0: {listed}.", "At zero: {listed}."),
    "tables_of_few": (
        "Biểu phân tổ (chỉ {count} đăng ký, không tính tỷ lệ)",
        "Cross tables (registrations: {count}, no rates)",
    ),
    "tile_map": ("{measure} theo tỉnh, thành phố", "{measure} by province"),
    "tile_steps": ("Sáu bậc, số đơn vị bằng nhau", "Six steps of equally many units"),
    "tile_no_data": ("chưa có số liệu", "no data"),
    "tile_islands": ("đặc khu, số liệu trong tỉnh", "special zone, counted in its province"),
    "ranked_units": ("{measure}: xếp theo số lượng", "{measure}: by number"),
    "ranked_more": (
        "{count} đơn vị có số liệu; hình chỉ vẽ {shown} đơn vị đầu.",
        "{count} units have figures; only the first {shown} are drawn.",
    ),
    "chart_files": ("Tải hình", "Download the picture"),
    "chart_source": (
        "Nguồn: {title}, vị trí {position}.",
        "Source: {title}, position {position}.",
    ),
    "chart_map": ("Bản đồ hành chính ngày {day}.", "Administrative map of {day}."),
    "chart_map_recorded": (
        "Mỗi sự kiện theo bản đồ của ngày phát sinh.",
        "Each event on the map of its day.",
    ),
    "year_under_way": ("chưa hết năm", "not over"),
    "lines_note": (
        (
            "Đường chỉ nối hai năm trọn liền nhau trên cùng một bản đồ; chấm rỗng là năm chưa hết. "
            "Thời kỳ dài ngắn khác nhau không bao giờ được nối."
        ),
        (
            "A line joins only two whole years that follow each other on one map; an open dot is a "
            "year that is not over. Periods of unequal length are never joined."
        ),
    ),
}
