"""The injected clock: deciders, log and reads never read the system time themselves."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

MICROSECONDS = 1_000_000
DAY_US = 86_400 * MICROSECONDS
HANOI = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving since 1975

Clock = Callable[[], int]
"""Returns the time as microseconds since 1970-01-01 UTC."""


def system_clock() -> int:
    """Return the machine's time in microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000


def from_microseconds(microseconds: int) -> datetime:
    """Return the UTC time."""
    seconds, rest = divmod(microseconds, MICROSECONDS)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def to_microseconds(moment: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC of a time with an offset, exactly."""
    passed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * MICROSECONDS + passed.microseconds


def rfc3339(microseconds: int) -> str:
    """Return the UTC time with six decimals, as the log writes it."""
    return from_microseconds(microseconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def day_in_vietnam(microseconds: int) -> date:
    """Return the day in Asia/Ho_Chi_Minh."""
    return from_microseconds(microseconds).astimezone(HANOI).date()


def end_of_day_in_vietnam(day: date) -> int:
    """Return the last microsecond of a day in Asia/Ho_Chi_Minh."""
    start = datetime(day.year, day.month, day.day, tzinfo=HANOI)
    return to_microseconds(start) + 86_400 * MICROSECONDS - 1
