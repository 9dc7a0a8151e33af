"""The texts of feeds and digests."""

from collections.abc import Mapping

WORDS_OF_FEEDS: Mapping[str, tuple[str, str]] = {
    "feed_changes": ("Thay đổi", "Changes"),
    "feed_decisions": ("Quyết định", "Decisions"),
    "feed_closings": ("Khóa sổ", "Closings"),
    "feed_of": ("Việc mới của {place} (Atom)", "News of {place} (Atom)"),
}
