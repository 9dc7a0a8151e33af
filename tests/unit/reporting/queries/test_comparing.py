"""Rows compared: differences, per cent, shares, rates and ranks against values computed by hand."""

from decimal import Decimal

import pytest

from services.reporting.queries.comparing import ComparedRow, Ratio, compared

NOW = {
    ("a",): {"registered": 120, "eligible": 100, "recognized": 75},
    ("b",): {"registered": 30, "eligible": 9, "recognized": 6},
    ("c",): {"registered": 30, "eligible": 10, "recognized": 12},
}
BEFORE = {("a",): {"registered": 96}, ("b",): {"registered": 9}, ("d",): {"registered": 40}}
TOTALS = {"registered": 180}


@pytest.fixture
def rows() -> dict[tuple[str], ComparedRow]:
    return compared(
        NOW,
        BEFORE,
        "registered",
        TOTALS,
        comparable=lambda label: label != ("c",),
        ranked=lambda label: label != ("d",),
        rated=True,
    )


def test_the_difference_and_its_per_cent_are_those_of_the_year_before(
    rows: dict[tuple[str], ComparedRow],
) -> None:
    differences = {
        label: (row.before, row.difference, row.percent) for (label,), row in rows.items()
    }
    assert differences == {
        "a": (96, 24, Decimal("25.0")),
        "b": (9, 21, None),  # 9 are too few for a per cent
        "c": (None, None, None),  # another unit in the year before
        "d": (40, -40, Decimal("-100.0")),
    }


def test_shares_are_of_the_total_and_rates_of_ten_or_more(
    rows: dict[tuple[str], ComparedRow],
) -> None:
    assert [rows[each,].share.percent for each in "abcd"] == [
        Decimal("66.7"), Decimal("16.7"), Decimal("16.7"), Decimal("0.0"),
    ]  # fmt: skip
    assert [each.percent for each in rows["a",].rates] == [Decimal("62.5"), Decimal("75.0")]
    # 6 of 9 eligible: too few. 12 recognised of 10 eligible: no part of the whole.
    assert [each.percent for each in rows["b",].rates] == [Decimal("20.0"), None]
    assert [each.percent for each in rows["c",].rates] == [Decimal("40.0"), None]


def test_equal_figures_share_a_rank_and_the_next_is_counted_on() -> None:
    now = {(each,): {"registered": value} for each, value in zip("abcd", (7, 9, 7, 1), strict=True)}
    found = compared(
        now, {}, "registered", {"registered": 24},
        comparable=lambda _: True, ranked=lambda _: True, rated=False,
    )  # fmt: skip
    assert [found[each,].rank for each in "abcd"] == [2, 1, 2, 4]


@pytest.mark.parametrize(("whole", "percent"), [(9, None), (10, Decimal("50.0")), (0, None)])
def test_a_rate_of_fewer_than_ten_is_no_rate(whole: int, percent: Decimal | None) -> None:
    assert Ratio(whole // 2, whole).percent == percent
