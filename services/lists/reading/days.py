"""Days as offices write them; the order is always day, month, year."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.vocabulary.vietnamese import DASHES

_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
"""October 1954 to January 2119: no other number of a list is a day."""
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1930, 2100
_LONGEST = 80
"""No day is written longer; what is longer is not searched."""
_THIS_CENTURY_UNTIL = 50
_PART = r"\s*[/.\-]\s*"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:ngay\s+)?(?P<d>\d{{1,2}}){_PART}(?P<m>\d{{1,2}}){_PART}(?P<y>\d{{4}}|\d{{2}})",
        r"(?:ngay\s+)?(?P<d>\d{1,2})\s+thang\s+(?P<m>\d{1,2})\s+(?:nam\s+)?(?P<y>\d{4}|\d{2})",
        rf"(?P<y>\d{{4}}){_PART}(?P<m>\d{{1,2}}){_PART}(?P<d>\d{{1,2}})",
        rf"(?:thang\s+)?(?P<m>\d{{1,2}}){_PART}(?P<y>\d{{4}})",
        r"thang\s+(?P<m>\d{1,2})\s+(?:nam\s+)?(?P<y>\d{4})",
        r"(?:nam\s+)?(?P<y>\d{4})",
    )
)
_ONE_DASH = str.maketrans(dict.fromkeys(DASHES, "-"))
_HOUR = re.compile(r"[\sT]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")


class DayPrecision(StrEnum):
    """How much of a day is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class ReadDay:
    """A day; of a month or a year alone it is the first."""

    day: date
    precision: DayPrecision = DayPrecision.DAY

    def as_written(self) -> str:
        """Return it as an office would write it."""
        day = self.day
        if self.precision is DayPrecision.YEAR:
            return str(day.year)
        month = f"{day.month:02}/{day.year}"
        return month if self.precision is DayPrecision.MONTH else f"{day.day:02}/{month}"

    def swapped(self) -> "ReadDay":
        """Return it with day and month exchanged; the day must be at most 12."""
        day = self.day
        return ReadDay(date(day.year, day.day, day.month), self.precision)


class DayFault(StrEnum):
    """Why a text is not a day."""

    UNREADABLE = "unreadable"
    IMPOSSIBLE = "impossible"
    TWO_DIGITS = "two_digits"


@dataclass(frozen=True, slots=True)
class NoDay:
    """A text that is not taken for a day, and the days that it may mean."""

    fault: DayFault
    suggestions: tuple[ReadDay, ...] = ()


def day_of_text(text: str) -> ReadDay | NoDay:
    """Return the day that a text says."""
    folded = _folded(text[:_LONGEST])
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(folded):
            parts = found.groupdict()
            return _day(parts["y"], parts.get("m"), parts.get("d"))
    return NoDay(DayFault.UNREADABLE)


def day_of_number(number: float, *, date1904: bool = False) -> ReadDay | NoDay:
    """Return the day of a serial number of Excel; a number that is a year is one."""
    if number == int(number) and _FIRST_YEAR <= number <= _LAST_YEAR:
        return ReadDay(date(int(number), 1, 1), DayPrecision.YEAR)
    if not _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return NoDay(DayFault.UNREADABLE)
    epoch = _EPOCH_1904 if date1904 else _EPOCH_1900
    return ReadDay(epoch + timedelta(days=int(number)))


def is_swap_suspected(serials: list[ReadDay], texts: list[ReadDay]) -> bool:
    """Tell whether a column was typed where Excel expects the month first.

    Such a column keeps as text what is no day in that order (25/6/2022), and turns all else into
    days with the month for the day: none of those has a day after the 12th.
    """
    return (
        bool(serials)
        and all(each.day.day <= 12 for each in serials)
        and any(each.day.day > 12 for each in texts)
    )


def _folded(text: str) -> str:
    lower = unicodedata.normalize("NFD", text.strip().lower().translate(_ONE_DASH))
    bare = "".join(letter for letter in lower if not unicodedata.combining(letter))
    return _HOUR.sub("", " ".join(bare.split())).rstrip(".")


def _day(year: str, month: str | None, day: str | None) -> ReadDay | NoDay:
    number = int(year)
    if len(year) == 2:
        century = 2000 if number < _THIS_CENTURY_UNTIL else 1900
        meant = _day(str(century + number), month, day)
        return NoDay(DayFault.TWO_DIGITS, (meant,)) if isinstance(meant, ReadDay) else meant
    precision = DayPrecision.DAY if day else DayPrecision.MONTH if month else DayPrecision.YEAR
    if _FIRST_YEAR <= number <= _LAST_YEAR:
        try:
            return ReadDay(date(number, int(month or 1), int(day or 1)), precision)
        except ValueError:
            return NoDay(DayFault.IMPOSSIBLE, _month_first(number, month, day))
    return NoDay(DayFault.IMPOSSIBLE)


def _month_first(year: int, month: str | None, day: str | None) -> tuple[ReadDay, ...]:
    """Return the day that is meant when the month was written first."""
    try:
        return (ReadDay(date(year, int(day or 0), int(month or 0))),)
    except ValueError:
        return ()
