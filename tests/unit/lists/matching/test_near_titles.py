"""Titles of one owner are near from a likeness of 0.85, and the nearest is found."""

import pytest

from services.lists.matching.near_titles import NearTitles
from services.lists.matching.registrations import ListedRegistration


def registered(title: str, unit: str = "x-1", owner: str = "o-1") -> ListedRegistration:
    return ListedRegistration(title, "m-1", title, unit, owner, 1)


@pytest.mark.parametrize(
    ("title", "near"),
    [
        ("Tuyến đường hoa thôn Nà Pái", "Tuyến đường hoa thôn Nà Pài"),
        ("TUYEN DUONG HOA THON NA PAI", "Tuyến đường hoa thôn Nà Pài"),
        ("Đường hoa thôn Nà Pài", "Tuyến đường hoa thôn Nà Pài"),  # 42 of 48 letters: 0.875
        ("Đường hoa Nà Pài", None),  # 32 of 43 letters: 0.74
        ("abcdefghijklmnopqxyz", "abcdefghijklmnopqrst"),  # 17 of 20: 0.85
        ("zyxwvutsrqponmlkjihge0123", None),  # 21 of 25: 0.84
    ],
)
def test_a_title_is_near_from_a_likeness_of_85_per_cent(title: str, near: str | None) -> None:
    names = (
        "Tuyến đường hoa thôn Nà Pài",
        "Tuyến đường điện thôn Nà Pài 2",
        "abcdefghijklmnopqrst",
        "zyxwvutsrqponmlkjihgedcba",
    )
    found = NearTitles(map(registered, names)).find(title, "x-1", "o-1")
    assert (found.title if found else None) == near


def test_only_the_same_owner_in_the_same_unit_is_compared_and_none_twice() -> None:
    here = registered("Ao cá Bác Hồ")
    near = NearTitles([here])
    assert near.find("Ao cá Bác Hồ", "x-2", "o-1") is None
    assert near.find("Ao cá Bác Hồ", "x-1", "o-2") is None
    assert near.find("Ao cá Bác Hồ", "x-1", "o-1") is here
    near.remove(here)
    assert near.find("Ao cá Bác Hồ", "x-1", "o-1") is None


def test_a_change_at_either_end_is_found_among_thousands() -> None:
    near = NearTitles(
        registered(f"{number:04} Mô hình của tổ dân phố {number:04}") for number in range(5_000)
    )
    assert near.find("1234 Mô hình của tổ dân phố mới", "x-1", "o-1").title.startswith("1234")
    assert near.find("9 Mô hình của tổ dân phố 2345", "x-1", "o-1").title.endswith("2345")
