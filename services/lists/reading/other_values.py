"""Yes and no, and the number and day of a document, as offices write them in one cell."""

import re
from dataclasses import dataclass

from services.lists.reading.days import ReadDay
from services.lists.reading.headings import folded_heading

_YES = frozenset({"x", "co", "dat", "du", "dung", "roi", "yes", "true", "1", "v", "c"})
_NO = frozenset({"khong", "ko", "k", "chua", "no", "false", "0"})
_YES_LONGER = frozenset({"du dieu kien", "da dat"})
_NO_LONGER = frozenset(
    {"khong dat", "khong du", "chua dat", "khong du dieu kien", "chua du dieu kien"}
)
_LONGEST = 300
"""No document is mentioned in more letters; what is longer is not searched."""
_TICKS = re.compile(r"[✓✔☑√]")
_CROSSES = re.compile(r"[✗✘]")
_DAY_BEHIND = re.compile(
    r"[\s,;(]*(?:\bký\b\s*)?(?:\bngày\b[\s:]*)?"
    r"(?<!\d)(?P<day>\d{1,2}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*(?:\d{4}|\d{2})"
    r"|\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4})"
    r"\)?\s*$",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"^(?:(?:quyết định|biên bản|kế hoạch|tờ trình|thông báo|QĐ|BB|KH)\s+)?(?:số\s*:?\s*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class DocumentMention:
    """A document by its number, and by its day where that was written beside it."""

    number: str
    day: ReadDay | None = None


def yes_no_of_text(text: str) -> bool | None:
    """Return what a text says; None when it says neither."""
    if _TICKS.search(text):
        return True
    if _CROSSES.search(text):
        return False
    folded = folded_heading(text)
    if folded in _YES | _YES_LONGER:
        return True
    return False if folded in _NO | _NO_LONGER else None


def document_of_text(text: str) -> tuple[str, str]:
    """Return the number of a document and the text of its day ('' for either that is not there)."""
    if len(text) > _LONGEST:
        return "", ""
    found = _DAY_BEHIND.search(text)
    day = found["day"] if found else ""
    number = (text[: found.start()] if found else text).strip(" ,;.(")
    number = _SPOKEN.sub("", number).strip()
    return (number if any(letter.isdigit() for letter in number) else ""), day
