"""The texts of feeds and digests."""

from collections.abc import Mapping

WORDS_OF_FEEDS: Mapping[str, tuple[str, str]] = {
    "feed_changes": ("Thay đổi", "Changes"),
    "feed_decisions": ("Quyết định", "Decisions"),
    "feed_closings": ("Khóa sổ", "Closings"),
    "signals_changed": (
        "Việc cần làm ngày {day}: {began} việc mới, {ended} việc đã hết",
        "What needs action on {day}: {began} began, {ended} ended",
    ),
    "signal_began": ("Mới cần xem: {name} (năm {year}): {after}", "New: {name} ({year}): {after}"),
    "signal_ended": (
        "Không còn phải xem: {name} (năm {year}), trước đó {before}",
        "No longer: {name} ({year}), {before} before",
    ),
    "signal_moved": (
        "Vẫn cần xem: {name} (năm {year}): từ {before} thành {after}",
        "Still: {name} ({year}): from {before} to {after}",
    ),
    "signals_of": ("Việc cần làm của {place} (Atom)", "What needs action in {place} (Atom)"),
    "feed_of": ("Việc mới của {place} (Atom)", "News of {place} (Atom)"),
}
