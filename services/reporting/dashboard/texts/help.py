"""The words of the help page and of the reader's own unit."""

from collections.abc import Mapping

WORDS_OF_HELP: Mapping[str, tuple[str, str]] = {
    "help_and_language": ("Trợ giúp, ngôn ngữ", "Help and language"),
    "page_help": ("Trợ giúp", "Help"),
    "contents": ("Mục lục", "Contents"),
    "my_unit": ("Đơn vị của tôi", "My unit"),
    "keep_my_unit": ("Đặt làm đơn vị của tôi", "Make this my unit"),
    "drop_my_unit": ("Bỏ ghi nhớ", "Forget it"),
    "is_my_unit": (
        "Đây là đơn vị của bạn: trang đầu luôn mở đơn vị này.",
        "This is your unit: the first page always opens it.",
    ),
    "help_now": (
        "Trang này đang đọc đến vị trí {position}, ghi lúc {recorded}.",
        "This page reads up to position {position}, recorded {recorded}.",
    ),
}
