"""Units are found by the names that offices write, within the unit of the list, never guessed."""

import pytest

from services.lists.matching.units import ListUnit, UnitsOfDay, kind_and_bare_name

UNITS = UnitsOfDay(
    [
        ListUnit("vn", "Việt Nam", "country", None),
        ListUnit("t-1", "Tỉnh Thái Nguyên", "province", "vn"),
        ListUnit("t-2", "Tỉnh Phú Thọ", "province", "vn"),
        ListUnit("x-1", "Phường Sông Cầu", "commune", "t-1"),
        ListUnit("x-2", "Xã Hòa Bình", "commune", "t-1"),
        ListUnit("x-3", "Phường Hòa Bình", "commune", "t-1"),
        ListUnit("x-4", "Xã Bình Yên", "commune", "t-1"),
        ListUnit("x-5", "Xã Bình Yến", "commune", "t-1"),
        ListUnit("x-6", "Thị trấn Chợ Rã", "commune", "t-1"),
        ListUnit("x-7", "Quận 1", "commune", "t-1"),
        ListUnit("y-1", "Xã Bình Yên", "commune", "t-2"),
    ]
)


@pytest.mark.parametrize(
    ("text", "unit_id"),
    [
        ("Phường Sông Cầu", "x-1"),
        ("phường sông cầu", "x-1"),
        ("P. Sông Cầu", "x-1"),
        ("p.Sông Cầu", "x-1"),
        ("Sông Cầu", "x-1"),
        ("song cau", "x-1"),
        ("UBND phường Sông Cầu", "x-1"),
        ("xã Hoà Bình", "x-2"),
        ("X. Hòa Bình", "x-2"),
        ("P. Hoà Bình", "x-3"),
        ("Bình Yên", "x-4"),
        ("xã Bình Yến", "x-5"),
        ("TT Chợ Rã", "x-6"),
        ("TT. Chợ Rã", "x-6"),
        ("Quận 1", "x-7"),
        ("x-4", "x-4"),
    ],
)
def test_a_unit_is_found_however_its_name_is_written(text: str, unit_id: str) -> None:
    match = UNITS.find(text, "t-1")
    assert match.found is not None, match
    assert match.found.unit_id == unit_id


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("Hòa Bình", {"x-2", "x-3"}),
        ("binh yen", {"x-4", "x-5"}),
        ("Sông Cấu Mới", {"x-1"}),
    ],
)
def test_what_may_be_several_or_none_is_suggested_and_never_taken(
    text: str, suggested: set[str]
) -> None:
    match = UNITS.find(text, "t-1")
    assert match.found is None
    assert {unit.unit_id for unit in match.suggestions} >= suggested


def test_a_unit_of_another_province_is_not_found() -> None:
    assert UNITS.find("Xã Bình Yên", "t-2").found == UNITS.by_id["y-1"]
    assert UNITS.find("Phường Sông Cầu", "t-2").found is None


@pytest.mark.parametrize(
    ("name", "kind", "bare"),
    [
        ("Thành phố Hồ Chí Minh", "thành phố", "Hồ Chí Minh"),
        ("TP. Bắc Kạn", "thành phố", "Bắc Kạn"),
        ("tp Bắc Kạn", "thành phố", "Bắc Kạn"),
        ("Thị xã Phổ Yên", "thị xã", "Phổ Yên"),
        ("Xã", None, "Xã"),
        ("Phú Xuyên", None, "Phú Xuyên"),
    ],
)
def test_the_kind_is_parted_from_the_name(name: str, kind: str | None, bare: str) -> None:
    assert kind_and_bare_name(name) == (kind, bare)
