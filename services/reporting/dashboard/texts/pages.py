"""The texts of the choices and of all pages except the year's, in both languages."""

from collections.abc import Mapping

WORDS_OF_PAGES: Mapping[str, tuple[str, str]] = {
    "sender_code": ("mã riêng của nơi gửi: {code}", "a code of the sender: {code}"),
    # Choices and navigation
    "pages": ("Các trang", "Pages"),
    "page_year": ("Số liệu năm", "The year"),
    "page_years": ("So sánh các năm", "Years side by side"),
    "page_reconciliation": ("Đối chiếu", "Reconciliation"),
    "page_changes": ("Thay đổi số liệu", "What changed"),
    "short_years": ("Các năm", "Years"),
    "short_changes": ("Thay đổi", "Changes"),
    "short_annexes": ("Phụ lục", "Annexes"),
    "page_units": ("Tìm đơn vị", "Find a unit"),
    "page_lists": ("Nộp danh sách", "Send a list"),
    "page_session": ("Phiên làm việc", "Your session"),
    "page_sign_in": ("Đăng nhập", "Sign in"),
    "choices": ("Lựa chọn", "Choices"),
    "known_on": ("Số liệu đã ghi sổ đến hết ngày", "As known at the end of"),
    "known_moment": ("Số liệu đã ghi sổ đến (vị trí, ngày)", "As known at (position, day)"),
    "known_hint": ("để trống: hiện nay", "empty: now"),
    "map": ("Bản đồ hành chính", "Map"),
    "map_recorded": ("như lúc ghi nhận", "as recorded"),
    "map_current": ("hiện hành", "current"),
    "map_on": ("của ngày", "of the day"),
    "map_own": ("mặc định: {map}", "default: {map}"),
    "map_day": ("hoặc bản đồ của ngày", "or the map of"),
    "change_choices": ("Xem năm, ngày hoặc bản đồ khác", "Another year, day or map"),
    "apply": ("Xem", "Show"),
    "to_now": ("Về hiện nay", "Back to now"),
    "not_now": (
        "Đang xem số liệu đã ghi sổ đến {moment}, không phải hiện nay.",
        "You see the ledger as known at {moment}, not now.",
    ),
    "known_ahead": (
        "Chưa qua thời điểm đã chọn ({moment}): đang xem số liệu hiện nay.",
        "The chosen moment ({moment}) has not passed yet: you see the present figures.",
    ),
    "end_of_day": ("hết ngày {day}", "the end of {day}"),
    "at_position": ("vị trí {position}", "position {position}"),
    "position_note": (
        "Vị trí là số thứ tự của sự kiện trong sổ cái.",
        "A position is the number of an event in the log, in the order of recording.",
    ),
    "choose_year": ("chọn năm", "choose a year"),
    "no_such_year": (
        "Sổ cái chưa có gì của năm {year}. Hãy chọn một năm có số liệu ở trên.",
        "The ledger holds nothing of {year}. Choose a year that has figures above.",
    ),
    "map_recorded_note": (
        "Bản đồ: như lúc ghi nhận (mỗi đăng ký đứng tại đơn vị của ngày phát sinh).",
        "Map: as recorded (each registration counts in its unit on its own day).",
    ),
    "map_current_note": (
        "Bản đồ: hiện hành, ngày {day} (mỗi đăng ký đứng tại đơn vị ngày nay của nơi ghi nhận).",
        "Map: current, of {day} (each registration counts where its unit is today).",
    ),
    "map_day_note": (
        "Bản đồ: của ngày {day} (mỗi đăng ký đứng tại đơn vị của ngày ấy).",
        "Map: of {day} (each registration counts where its unit was on that day).",
    ),
    "see_map_current": ("Xem trên bản đồ hiện hành", "See it on the current map"),
    "see_map_recorded": (
        "Xem trên bản đồ như lúc ghi nhận",
        "See it on the map as recorded",
    ),
    "made_of": (
        "Đơn vị này có từ ngày {day}; bản đồ đang dùng gộp vào đây số liệu của đơn vị hợp thành:",
        "This unit has existed since {day}; the map in use adds the figures of its predecessors:",
    ),
    "made_of_recorded": (
        "Đơn vị này có từ ngày {day}; trên bản đồ như lúc ghi nhận, số liệu trước ngày ấy đứng ở:",
        "This unit has existed since {day}; on the map as recorded, earlier figures are in:",
    ),
    "ended": (
        "Đơn vị này không còn từ ngày {day}; nay thuộc:",
        "This unit has not existed since {day}; today it is part of:",
    ),
    "ended_nowhere": (
        "Đơn vị này không còn từ ngày {day}.",
        "This unit has not existed since {day}.",
    ),
    "before_new_map": (
        (
            "Bản đồ này có trước ngày 1/7/2025. Phần lớn đăng ký ghi nhận từ ngày đó trở đi đứng "
            "tại xã, phường mới, hợp thành từ nhiều xã, phường cũ: trên bản đồ này không thể biết "
            "thuộc xã cũ nào, nên chỉ đưa được về một đơn vị cấp trên chung và nằm ở dòng “Chưa "
            "phân bổ”."
        ),
        (
            "This map is older than 1 July 2025. Most registrations recorded since that day are "
            "in new communes made of several former ones: this map does not tell which of "
            "these, so they can only be carried to a common ancestor, in the row “Not allocated”."
        ),
    ),
    "unallocated_note": (
        (
            "đăng ký chỉ đưa được về một đơn vị cấp trên chung trên bản đồ này (chưa phân bổ), vì "
            "đơn vị nơi ghi nhận đã chia hoặc nhập. Chúng có trong tổng, không có trong dòng của "
            "đơn vị nào bên dưới."
        ),
        (
            "registrations can only be carried to a common ancestor on this map (not allocated), "
            "as the unit where they were recorded was divided or merged. They are in the total, "
            "and in the row of no unit below it."
        ),
    ),
    "approximate_note": (
        (
            "Có đăng ký ghi nhận tại đơn vị sau đó đã tách một phần rồi vẫn tiếp tục: số theo đơn "
            "vị là gần đúng."
        ),
        (
            "Some were recorded in a unit that later gave a part away and continued: figures by "
            "unit are approximate."
        ),
    ),
    "at_any_depth": ("ở mọi cấp bên dưới", "at any depth below"),
    "more_units": ("và {count} đơn vị khác", "and {count} more"),
    "find_unit": ("Tìm đơn vị theo tên", "Find a unit by name"),
    "find": ("Tìm", "Find"),
    # Closings
    "closed": ("đã khóa sổ", "closed"),
    "closed_at": ("Đã khóa sổ (vị trí {position})", "Closed (position {position})"),
    "closed_same": (
        "Các số liệu khi khóa sổ vẫn giữ nguyên đến thời điểm đang xem.",
        "The figures as closed still hold at this moment.",
    ),
    "closed_changed": ("Đã thay đổi từ khi khóa sổ", "Changed since closing"),
    "closed_map": (
        "Số khi khóa sổ tính trên bản đồ như lúc ghi nhận; cột hiện nay cũng vậy.",
        "Both the closed and the present figures are on the map as recorded.",
    ),
    "as_closed": ("Khi khóa sổ", "As closed"),
    "now": ("Hiện nay", "Now"),
    "see_changes": ("Xem thay đổi số liệu từ khi khóa sổ", "See what changed since closing"),
    # Problems
    "not_on_map": ("Đơn vị không có trên bản đồ này", "This unit is not on this map"),
    "no_successor": (
        (
            "Không có đơn vị nào kế tục đơn vị này: trên bản đồ khác, mỗi đăng ký đứng tại đơn vị "
            "kế tục của xã, phường nơi ghi nhận."
        ),
        (
            "No unit follows this one: on another map each registration counts in the successor of "
            "the commune where it was recorded."
        ),
    ),
    "preceded_by": ("Hình thành từ", "Preceded by"),
    "lies_in": ("Thuộc về", "Part of"),
    "followed_by": ("Nhập vào hoặc chia thành", "Followed by"),
    "on_own_map": (
        "Xem trên bản đồ có đơn vị này",
        "See this unit on a map that has it",
    ),
    # Explanations and histories
    "explanation": ("Con số này đếm gì", "What this number counts"),
    "explain_api": ("Dữ liệu (JSON)", "JSON"),
    "shown_items": ("{first}–{last} trong tổng số {count}", "{first}–{last} of {count}"),
    "thing": ("Mục", "Item"),
    "events": ("Sự kiện", "Events"),
    "position": ("Vị trí", "Position"),
    "occurred_on": ("Ngày phát sinh", "Occurred on"),
    "happened": ("Việc", "What happened"),
    "decision": ("Quyết định", "Decision"),
    "recorded_at": ("Ghi vào sổ", "Recorded"),
    "subject": ("Đối tượng", "Subject"),
    "history": ("Lịch sử mô hình", "History of the model"),
    "nothing_counted": ("Không có mục nào được đếm.", "Nothing is counted here."),
    "next_page": ("Trang sau", "Next page"),
    "what_changed": ("Thay đổi của con số này", "What changed this number"),
    # Reconciliation
    "reconciliation_note": (
        (
            "Mỗi con số do báo cáo hoặc báo chí nêu được đặt cạnh số của sổ cái (bản đồ như lúc "
            "ghi nhận). Số công bố không bao giờ được cộng vào đâu cả."
        ),
        (
            "Each figure that a report or the press asserts is shown next to the log's figure (on "
            "the map as recorded). Asserted figures are never added to a sum."
        ),
    ),
    "result": ("Kết quả đối chiếu", "Result"),
    "reason_unknown_metric": (
        "sổ cái không đếm chỉ tiêu này",
        "the ledger does not count this metric",
    ),
    "reason_unknown_dimension": (
        "sổ cái không phân tổ như vậy",
        "the ledger has no such breakdown",
    ),
    "reason_stock": (
        "số tại một thời điểm, không cộng qua các năm được",
        "a stock, never summed over years",
    ),
    "reason_unstated_period": (
        "thời gian không phải những năm trọn vẹn, nêu rõ",
        "the period is not one of whole years, stated",
    ),
    "reason_no_events": (
        "sổ cái chưa có sự kiện nào của nơi và thời gian này",
        "the ledger has no event of this place and time",
    ),
    "difference": ("Chênh lệch", "Difference"),
    "every_year": ("Mọi thời gian", "All times"),
    "of_the_year": ("Liên quan đến năm", "Touching the year"),
    "every_result": ("Tất cả", "All"),
    "see_reconciliation": ("Xem trang đối chiếu", "See the reconciliation"),
    "reconciliation_other": (
        "Xem số liệu đã công bố của mọi thời gian",
        "See the published figures of all times",
    ),
    # What changed
    "since": ("Từ hết ngày (hoặc vị trí)", "Since the end of (or position)"),
    "since_from": ("Từ hết ngày", "Since the end of"),
    "since_day": ("hoặc từ hết ngày", "or since the end of"),
    "until": ("Đến hết ngày", "Until the end of"),
    "changes_ask": (
        (
            "Hãy chọn ngày (hoặc vị trí) bắt đầu để xem điều gì đã thay đổi từ đó đến thời điểm "
            "đang xem."
        ),
        "Choose a day (or a position) to see what changed from then to the moment shown.",
    ),
    "changes_week": ("7 ngày qua", "The last 7 days"),
    "changes_month": ("30 ngày qua", "The last 30 days"),
    "changes_year": ("Từ đầu năm nay", "Since the beginning of this year"),
    "before": ("Trước", "Before"),
    "after": ("Sau", "After"),
    "measure": ("Chỉ tiêu", "Measure"),
    "all_measures": ("Mọi chỉ tiêu", "All measures"),
    "changed_by": ("Sự kiện làm thay đổi", "Events that changed it"),
    "delta": ("Thay đổi", "Change"),
    "nothing_changed": (
        "Không chỉ tiêu nào thay đổi giữa hai thời điểm này.",
        "No measure changed between these two moments.",
    ),
    "from_moment": ("Từ vị trí", "From position"),
    "to_moment": ("đến vị trí", "to position"),
    # Years side by side
    "years_note": (
        (
            "Mỗi cột là một năm, tính đến cùng một thời điểm và trên cùng một bản đồ: mỗi năm là "
            "một lần đếm riêng, không cộng các năm với nhau."
        ),
        (
            "Each column is a year, all as known at one moment and on one map: each year is a "
            "count of its own, and years are never added up."
        ),
    ),
    "no_year_yet": (
        "Sổ cái chưa có gì của nơi này để đếm.",
        "The ledger holds nothing of this place to count yet.",
    ),
    "share_of": ("{part} / {whole}", "{part} / {whole}"),
    "shares": ("Tỷ lệ", "Shares"),
    "other_periods": (
        "Số liệu công bố của thời gian khác một năm",
        "Published figures of periods other than one year",
    ),
    "other_periods_note": (
        "Các số này thuộc nhiều khoảng thời gian, không thể nối hay cộng với số của từng năm.",
        "These have other lengths: they are neither joined with nor added to those of a year.",
    ),
    "length": ("Khoảng thời gian", "Length"),
    "one_year": ("1 năm", "1 year"),
    "years_long": ("{count} năm", "{count} years"),
    "period_year": ("một năm, không trọn", "part of a year"),
    "period_multi_year": ("nhiều năm, không trọn", "several years, not all whole"),
    "period_as_of": ("tại một ngày", "on a day"),
    "period_relative": ("tương đối (“những năm qua”)", "relative (“in past years”)"),
    "period_event": ("theo một sự kiện", "of an event"),
    "period_unstated": ("không nêu", "unstated"),
    # Units
    "units_note": (
        "Gõ tên có dấu hoặc không dấu; tên cũ cũng được.",
        "Type the name with or without accents; former names too.",
    ),
    "units_below": ("Đơn vị trực thuộc: {place}", "Units directly below: {place}"),
    "units_found": ("Tìm thấy {count} đơn vị", "{count} units found"),
    "units_first": ("Chỉ nêu {shown} đơn vị đầu.", "Only the first {shown} are shown."),
    "formerly": ("tên từng mang: {name}", "once named: {name}"),
    "inside": ("Thuộc", "In"),
    "exists": ("Tồn tại", "Existed"),
    "exists_from": ("từ {day}", "from {day}"),
    "exists_until": ("từ {first} đến trước {last}", "from {first} until {last}"),
    "off_map": ("không có trên bản đồ này", "not on this map"),
    "level_country": ("Quốc gia", "Country"),
    "level_province": ("Cấp tỉnh", "Province"),
    "level_district": ("Cấp huyện", "District"),
    "level_commune": ("Cấp xã", "Commune"),
    "level_": ("", ""),
}
