"""The words of the find box and of the page of what was found."""

from collections.abc import Mapping

WORDS_OF_FINDING: Mapping[str, tuple[str, str]] = {
    "page_find": ("Tìm kiếm", "Find"),
    "find_all": (
        "Tìm mô hình, tổ chức, đơn vị, khen thưởng, số quyết định",
        "Find models, organisations, units, awards, numbers of decisions",
    ),
    "find_short": ("Tìm kiếm", "Find"),
    "find_for": ("Kết quả tìm “{q}”", "Found for “{q}”"),
    "find_in": ("Tìm trong: {place}.", "Searched in: {place}."),
    "find_nation": ("Tìm trong cả nước", "Search the whole country"),
    "find_now": ("Tìm theo số liệu hiện nay", "Search as known now"),
    "find_units_page": ("Tra cứu đơn vị hành chính", "Look up administrative units"),
    "find_hint": (
        (
            "Gõ một phần tên mô hình, tên tổ chức, xã, phường, tỉnh, hình thức khen thưởng hoặc số "
            "quyết định, ví dụ: “bảo vệ môi trường”, “hội phụ nữ”, “15/QĐ-UBND”."
        ),
        (
            "Type a part of the title of a model, the name of an organisation or a unit, a form of "
            "award or the number of a decision, as “bảo vệ môi trường”, “hội phụ nữ”, “15/QĐ-UBND”."
        ),
    ),
    "find_how": (
        (
            "Có dấu hay không dấu đều được; từ cuối có thể gõ dở. Mới ghi sổ xếp trước; gõ có "
            "dấu thì kết quả đúng dấu xếp trước."
        ),
        (
            "Accents are optional, and the last word may be half typed. What was recorded last "
            "comes first; with accents, what has them as typed comes first."
        ),
    ),
    "find_nothing": (
        "Không tìm thấy gì có đủ các từ này.",
        "Nothing was found that has all of these words.",
    ),
    "find_fewer": (
        "Hãy gõ ít từ hơn, chỉ gõ phần đầu của từ cuối, hoặc bỏ dấu.",
        "Type fewer words, only the beginning of the last one, or no accents.",
    ),
    "found_number": ("{count}", "{count}"),
    "found_more_than": ("hơn {count}", "more than {count}"),
    "found_model": ("Mô hình", "Models"),
    "found_organization": ("Tổ chức", "Organisations"),
    "found_unit": ("Đơn vị hành chính", "Administrative units"),
    "found_award": ("Khen thưởng", "Awards"),
    "found_decision": ("Quyết định", "Decisions"),
    "found_all": ("Xem tất cả", "Show all"),
    "found_every_kind": ("Tìm trong mọi loại", "Search all kinds"),
    "found_year": ("đăng ký năm {year}", "registered in {year}"),
    "found_signed": ("ngày {day}", "of {day}"),
    "found_in_files": (
        "Tệp có đến {count} kết quả mỗi loại.",
        "Files have up to {count} of each kind.",
    ),
    "found_capped": (
        "Chỉ xem được {count} kết quả đầu; hãy gõ thêm từ.",
        "Only the first {count} can be shown; type more words.",
    ),
}
