"""How the command speaks: Vietnamese first, English beside it, and the words of the domain."""

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

Say = Callable[[str, str], None]
"""Says one sentence: in Vietnamese, in English."""

MEASURES = {
    "registered": "Đăng ký",
    "eligible": "Đủ điều kiện",
    "recognized": "Được công nhận",
    "inspected_units": "Đơn vị được kiểm tra",
    "recognized_organizations": "Tổ chức có mô hình được công nhận",
}
CODES = {
    "collective": "tập thể",
    "individual": "cá nhân",
    "household": "hộ gia đình",
    "new": "đăng ký mới",
    "maintained": "duy trì",
    "pre_existing": "có từ trước",
}


OUTCOMES = {
    "agrees": ("khớp với sổ", "agree with the ledger"),
    "differs": ("khác với sổ", "differ from the ledger"),
    "unknown_metric": ("chưa đối chiếu được: chỉ số không có trong sổ", "metric not in the ledger"),
    "unknown_dimension": ("chưa đối chiếu được: không chia theo chiều này", "no such breakdown"),
    "stock": ("chưa đối chiếu được: số tại một thời điểm", "a stock, never summed over time"),
    "unstated_period": ("chưa đối chiếu được: không nêu rõ thời kỳ", "the period is not stated"),
    "no_events": ("chưa đối chiếu được: sổ chưa có gì", "nothing of that unit and period"),
}
"""What came of a figure that was held against the ledger."""


def said_on(console: Console) -> Say:
    """Return a voice that prints on a console; what it says is text, never markup."""

    def say(vietnamese: str, english: str) -> None:
        # The terminal breaks the line, not we: so it can be copied and searched.
        console.print(f"{escape(vietnamese)} [dim]· {escape(english)}[/dim]", soft_wrap=True)

    return say


def number(value: int) -> str:
    """Return a number as Vietnamese writes it: 2.059 for two thousand and fifty-nine."""
    return f"{value:,}".replace(",", ".")
