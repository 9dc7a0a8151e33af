"""Numbers are read as Vietnamese write them: a dot parts thousands, a comma parts decimals."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.lists.reading.numbers import (
    Amount,
    NoNumber,
    amount_of_number,
    amount_of_text,
    amounts_of_text,
)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("1250", "1250", ""),
        ("1.250", "1250", ""),
        ("1 250", "1250", ""),
        ("1\u00a0250", "1250", ""),
        ("1.250.000", "1250000", ""),
        ("1.250,5", "1250.5", ""),
        ("1 250,5", "1250.5", ""),
        ("1,25", "1.25", ""),
        ("0.5", "0.5", ""),
        ("0,250", "0.250", ""),
        ("1,250,000", "1250000", ""),
        ("1,250.75", "1250.75", ""),
        ("-5", "-5", ""),
        ("−1.250", "-1250", ""),
        ("(12)", "-12", ""),
        ("+3", "3", ""),
        ("85%", "85", "%"),
        ("12,5 %", "12.5", "%"),
        ("12 ha", "12", "ha"),
        ("1.250 m2", "1250", "m2"),
        ("320 ngày công", "320", "ngày công"),
        ("1.250.000đ", "1250000", "đ"),
    ],
)
def test_a_number_is_read_with_its_unit_apart(text: str, number: str, unit: str) -> None:
    assert amount_of_text(text) == Amount(Decimal(number), unit)


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("1.25", ("1,25", "1250")),
        ("1.5 ha", ("1,5 ha", "1500 ha")),
        ("-1.25", ("-1,25", "-1250")),
        ("12.3456", ("12,3456", "123456")),
        ("1,250", ("1250", "1,25")),
    ],
)
def test_a_number_with_two_readings_is_asked_about(text: str, choices: tuple[str, ...]) -> None:
    assert amount_of_text(text) == NoNumber(choices)
    assert all(isinstance(amount_of_text(choice), Amount) for choice in choices)


@pytest.mark.parametrize(
    "text",
    ["", "nhiều", "1.25.0", "12 34", "1..2", "1,2,3", "khoảng 12", "12-15", "12 m 5", "1 ha; 2 km"],
)
def test_what_is_no_number_is_not_made_one(text: str) -> None:
    assert amount_of_text(text) == NoNumber()


@pytest.mark.parametrize("text", ["-", "–", " — "])
def test_a_dash_says_that_there_is_none(text: str) -> None:
    assert amount_of_text(text) is None


@settings(max_examples=80)
@given(st.integers(-(10**9), 10**9), st.integers(0, 99))
def test_any_number_written_the_vietnamese_way_reads_back(whole: int, part: int) -> None:
    grouped = f"{abs(whole):,}"
    sign = "-" if whole < 0 else ""
    exact = Decimal(f"{sign}{abs(whole)}.{part:02}")
    for separator in (".", " "):
        dotted = grouped.replace(",", separator)
        assert amount_of_text(f"{sign}{dotted}") == Amount(Decimal(whole))
        assert amount_of_text(f"{sign}{dotted},{part:02}") == Amount(exact)


@settings(max_examples=80)
@given(st.decimals(-(10**6), 10**6, places=4))
def test_any_number_of_excel_reads_back_without_binary_noise(number: Decimal) -> None:
    assert amount_of_number(float(number)).number == number


def test_a_cell_shown_in_per_cent_is_read_in_per_cent() -> None:
    assert amount_of_number(0.855, is_percent=True) == Amount(Decimal("85.5"), "%")
    assert amount_of_number(0.1 + 0.2) == Amount(Decimal("0.3"))


def test_several_numbers_in_one_cell_are_each_read_with_their_unit() -> None:
    square, days = Amount(Decimal(1250), "m2"), Amount(Decimal(320), "ngày công")
    assert amounts_of_text("1.250 m2; 320 ngày công") == (square, days)
    assert amounts_of_text("1.250 m2\n320 ngày công;") == (square, days)
    assert amounts_of_text("1.250 m2; nhiều ngày công") == NoNumber()
