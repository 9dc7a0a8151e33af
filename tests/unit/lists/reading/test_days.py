"""A day reads the same in whatever form an office writes it."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.lists.reading.days import (
    DayFault,
    DayPrecision,
    NoDay,
    ReadDay,
    day_of_number,
    day_of_text,
)

FORMS: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day.day}/{day.month}/{day.year}",
    lambda day: f"{day.day:02}/{day.month:02}/{day.year}",
    lambda day: f"{day.day}-{day.month}-{day.year}",
    lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
    lambda day: f" {day.day} / {day.month} / {day.year} ",
    lambda day: f"{day.day}–{day.month}–{day.year}",
    lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}",
    lambda day: f"Ngày {day.day:02}  tháng {day.month:02} năm {day.year}.",
    lambda day: f"ngày {day.day}/{day.month}/{day.year}",
    lambda day: f"{day.year}-{day.month:02}-{day.day:02}",
    lambda day: f"{day.year}-{day.month:02}-{day.day:02} 00:00:00",
)
DAYS = st.dates(date(1955, 1, 1), date(2099, 12, 31))


@settings(max_examples=60)
@given(DAYS)
def test_any_day_in_any_form_of_an_office_reads_back(day: date) -> None:
    assert [day_of_text(form(day)) for form in FORMS] == [ReadDay(day)] * len(FORMS)


@settings(max_examples=60)
@given(DAYS)
def test_any_day_as_a_serial_number_reads_back_in_both_calendars(day: date) -> None:
    # The known day of each calendar: 1 January 2000 is 36526 and 35064 (Microsoft's article 214330).
    since = (day - date(2000, 1, 1)).days
    assert day_of_number(36526 + since) == ReadDay(day)
    if since + 35064 >= 20_000:
        assert day_of_number(35064 + since, date1904=True) == ReadDay(day)


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("6/2022", date(2022, 6, 1), DayPrecision.MONTH),
        ("06-2022", date(2022, 6, 1), DayPrecision.MONTH),
        ("tháng 6/2022", date(2022, 6, 1), DayPrecision.MONTH),
        ("Tháng 6 năm 2022", date(2022, 6, 1), DayPrecision.MONTH),
        ("2022", date(2022, 1, 1), DayPrecision.YEAR),
        ("năm 2022", date(2022, 1, 1), DayPrecision.YEAR),
    ],
)
def test_a_month_or_a_year_is_read_as_such(text: str, day: date, precision: DayPrecision) -> None:
    assert day_of_text(text) == ReadDay(day, precision)
    assert day_of_number(2022) == ReadDay(date(2022, 1, 1), DayPrecision.YEAR)


@pytest.mark.parametrize("text", ["29/2/2022", "31/4/2022", "0/5/2022", "13/2022", "1/1/1022"])
def test_a_day_that_is_not_in_the_calendar_is_impossible(text: str) -> None:
    found = day_of_text(text)
    assert isinstance(found, NoDay)
    assert found.fault is DayFault.IMPOSSIBLE


@pytest.mark.parametrize("text", ["", "x", "5-10/6/2022", "quý I", "5/6", "5/6/20222", "1.5"])
def test_what_is_no_day_is_not_made_one(text: str) -> None:
    assert day_of_text(text) == NoDay(DayFault.UNREADABLE)


def test_a_year_of_two_digits_has_one_likely_century() -> None:
    assert day_of_text("5/6/22") == NoDay(DayFault.TWO_DIGITS, (ReadDay(date(2022, 6, 5)),))
    assert day_of_text("5/6/75") == NoDay(DayFault.TWO_DIGITS, (ReadDay(date(1975, 6, 5)),))


@pytest.mark.parametrize("number", [0, 1.25, 19_999, 80_001, -5])
def test_numbers_that_are_no_days_of_a_list_are_not_days(number: float) -> None:
    assert day_of_number(number) == NoDay(DayFault.UNREADABLE)
