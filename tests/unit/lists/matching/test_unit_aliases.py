"""Other names of a unit count after its own, within their jurisdiction and on their days."""

from datetime import date

import pytest

from services.lists.matching.unit_aliases import aliases_on
from services.lists.matching.units import ListUnit, UnitsOfDay

MAP = [
    ListUnit("vn", "Việt Nam", "country", None),
    ListUnit("gso-06", "Tỉnh Bắc Kạn", "province", "vn"),
    ListUnit("gso-058", "Thành phố Bắc Kạn", "district", "gso-06"),
    ListUnit("gso-01834", "Phường Nguyễn Thị Minh Khai", "commune", "gso-058"),
    ListUnit("a-1", "Tỉnh Một", "province", "vn"),
    ListUnit("a-2", "Phường Nguyễn Thị Minh Khai", "commune", "a-1"),
    ListUnit("a-3", "Xã Mỹ Quí", "commune", "a-1"),
    ListUnit("a-4", "Đặc khu Phú Quý", "commune", "a-1"),
    ListUnit("a-5", "Xã Lí Sơn", "commune", "a-1"),
    ListUnit("a-6", "Xã Lý Sơn", "commune", "a-1"),
    ListUnit("b-1", "Tỉnh Hai", "province", "vn"),
    ListUnit("b-2", "Xã Mỹ Quý", "commune", "b-1"),
    ListUnit("b-3", "Xã Lí Mỹ", "commune", "b-1"),
    ListUnit("b-4", "Xã Lý Mĩ", "commune", "b-1"),
]


def found(text: str, scope: str, day: date = date(2022, 12, 31)) -> str | None:
    match = UnitsOfDay(MAP, aliases_on(day)).find(text, scope)
    return match.found.unit_id if match.found else None


@pytest.mark.parametrize(
    ("text", "scope", "unit_id"),
    [
        ("Minh Khai", "gso-058", "gso-01834"),
        ("P. Minh Khai", "gso-06", "gso-01834"),
        ("phường Minh Khai", "vn", "gso-01834"),  # the other ward is of another jurisdiction
        ("Minh Khai", "a-1", None),
        ("Mỹ Quý", "a-1", "a-3"),
        ("xã My Quy", "a-1", "a-3"),
        ("Phú Quí", "a-1", "a-4"),
        ("Lý Sơn", "a-1", "a-6"),  # the name as decreed comes first
        ("Lí Sơn", "a-1", "a-5"),
        ("Ly Son", "a-1", "a-6"),  # and that name without accents second
        ("Mỹ Quý", "b-1", "b-2"),
    ],
)
def test_an_alias_is_taken_after_the_name_as_decreed(
    text: str, scope: str, unit_id: str | None
) -> None:
    assert found(text, scope) == unit_id


def test_where_an_alias_leaves_several_they_are_suggested() -> None:
    match = UnitsOfDay(MAP, aliases_on(date(2022, 12, 31))).find("Lý Mỹ", "b-1")
    assert match.found is None
    assert {unit.unit_id for unit in match.suggestions} == {"b-3", "b-4"}


def test_the_day_decides_which_aliases_are_in_force() -> None:
    assert found("Minh Khai", "gso-06", date(2025, 6, 30)) == "gso-01834"
    assert found("Minh Khai", "gso-06", date(2025, 7, 1)) is None
