"""Vietnamese text is found without accents and stands in the order of Vietnamese dictionaries."""

import unicodedata

import pytest

from shared.vocabulary.vietnamese import plain, sort_key


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("Bắc Kạn", "bac kan"),
        ("Đắk Lắk", "dak lak"),
        ("Phường Đức Xuân", "phuong duc xuan"),
        ("Bà Rịa - Vũng Tàu", "ba ria - vung tau"),
        ("Ươm Ưu Ẩn ợ ỡ", "uom uu an o o"),
    ],
)
def test_a_search_needs_no_accents(written: str, sought: str) -> None:
    assert plain(written) == sought
    assert plain(unicodedata.normalize("NFD", written)) == sought


def test_where_the_tone_mark_stands_does_not_matter() -> None:
    assert plain("Hòa Bình") == plain("Hoà Bình") == "hoa binh"
    assert sort_key("Hòa Bình") == sort_key("Hoà Bình")


def test_the_alphabet_has_its_own_order() -> None:
    letters = list("AĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY")
    assert sorted(set(letters), key=sort_key) == letters


def test_tones_decide_only_between_equal_letters_and_in_the_order_of_dictionaries() -> None:
    syllables = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(set(syllables), key=sort_key) == syllables
    assert sorted(["mạ an", "ma yên"], key=sort_key) == ["mạ an", "ma yên"]


def test_provinces_stand_where_a_reader_looks_for_them() -> None:
    # Twelve of the provinces of 2024, as a Vietnamese atlas lists them.
    listed = [
        "An Giang",
        "Bà Rịa - Vũng Tàu",
        "Bạc Liêu",
        "Bắc Giang",
        "Bắc Kạn",
        "Bến Tre",
        "Cà Mau",
        "Cao Bằng",
        "Đà Nẵng",
        "Đắk Lắk",
        "Hà Nội",
        "Yên Bái",
    ]
    assert sorted(set(listed), key=sort_key) == listed


def test_a_name_comes_before_its_continuations() -> None:
    listed = ["Ba", "Ba Bể", "Bá Thước", "Ba Vì", "Bạch Thông", "Ban"]
    assert sorted(set(listed), key=sort_key) == listed


def test_numbers_go_by_their_value() -> None:
    listed = ["Phường 1", "Phường 2", "Phường 10", "Phường An Khánh"]
    assert sorted(set(listed), key=sort_key) == listed


def test_the_order_is_that_of_the_bytes_of_the_key() -> None:
    # A database orders keys byte by byte, so nothing else may be in them.
    assert all(sort_key(name).isascii() for name in ("Đắk R'lấp", "Ñandú", "Москва", "Ea H’Leo"))


def test_composed_and_decomposed_names_have_one_place() -> None:
    assert sort_key("Bắc Kạn") == sort_key(unicodedata.normalize("NFD", "Bắc Kạn"))
