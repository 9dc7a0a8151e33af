"""The reasons for which an audit of trust ends with exit code 1, each in a few fixed words."""

from collections.abc import Mapping
from enum import Enum

from rich.text import Text

from services.console.output.texts import Terminal, both, number, number_en


class AuditReason(Enum):
    """A reason, in both languages; programs may search for the English words."""

    UNSIGNED_SINCE = ("không có chữ ký", "unsigned since")
    NO_AUTHORITY = ("không có quyền gửi", "no authority")
    NOT_WITNESSED = ("chưa đủ bên chứng kiến", "not witnessed")
    OTHER_HISTORY = ("lịch sử khác", "other history")


AuditReasons = Mapping[AuditReason, int | None]
"""AuditReasons with the first position that each is about, if there is one."""


def print_reasons(reasons: AuditReasons, console: Terminal) -> None:
    """Print each reason in a line of its own."""
    for reason, position in reasons.items():
        vietnamese, english = reason.value
        if position is not None:
            since = "từ " if reason is AuditReason.UNSIGNED_SINCE else ""
            vietnamese = f"{vietnamese} {since}vị trí {number(position)}"
            english = f"{english} position {number_en(position)}"
        console.print(Text(f"✗ {both(vietnamese, english)}", style="bold red"), soft_wrap=True)
