"""The unit behind a number says of which metric a result is, and contradicts no other column."""

from decimal import Decimal

import pytest

from services.lists.matching.amounts import metrics_of
from services.lists.reading.numbers import amounts_of_text


def read(text: str, stated: str | None) -> tuple[dict[str, Decimal], list[str]]:
    amounts = amounts_of_text(text)
    assert isinstance(amounts, tuple)
    found, remarks = metrics_of(amounts, stated, "D7")
    return dict(found), [each.code for each in remarks]


@pytest.mark.parametrize(
    ("text", "stated", "expected"),
    [
        ("1.250 m2; 320 ngày công", None, {"land_donated_m2": 1250, "workdays": 320}),
        ("1.250 m²\n15 triệu đồng", None, {"land_donated_m2": 1250, "money_vnd": 15_000_000}),
        ("0,5 ha", None, {"land_donated_m2": 5000}),
        ("1.250 m2; 320 ngày công", "workdays", {"land_donated_m2": 1250, "workdays": 320}),
        ("320", "workdays", {"workdays": 320}),
        ("12 hộ", "so_ho", {"so_ho": 12}),
        ("40 m2", "duong_m2", {"duong_m2": 40}),
    ],
)
def test_each_number_is_of_the_metric_of_its_unit(
    text: str, stated: str | None, expected: dict[str, int]
) -> None:
    assert read(text, stated) == (expected, [])


@pytest.mark.parametrize(
    ("text", "stated", "code"),
    [
        ("320", None, "metric_unclear"),
        ("12 hộ", None, "metric_unclear"),
        ("3 sào", "land_donated_m2", "metric_unclear"),
        ("1.250 m2; 12 hộ", "so_ho", "metric_unclear"),
        ("1.250 m2; 300 m2", None, "metric_unclear"),
        ("320 ngày công", "land_donated_m2", "metric_contradicted"),
    ],
)
def test_a_number_whose_metric_is_not_clear_is_to_be_mended(
    text: str, stated: str | None, code: str
) -> None:
    assert read(text, stated) == ({}, [code])
