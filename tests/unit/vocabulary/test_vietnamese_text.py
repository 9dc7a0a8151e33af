"""Vietnamese text is found without accents and stands in the order of Vietnamese dictionaries."""

import sys
import unicodedata

import pytest

from shared.vocabulary.vietnamese import APOSTROPHES, DASHES, findable, plain, sort_key


@pytest.mark.parametrize(
    ("written", "sought"),
    [
        ("Bắc Kạn", "bac kan"),
        ("Đắk Lắk", "dak lak"),
        ("Phường Đức Xuân", "phuong duc xuan"),
        ("Bà Rịa - Vũng Tàu", "ba ria vung tau"),
        ("Ð\u1eafk L\u1eafk", "dak lak"),
        ("ð\u1eafk Lắk", "dak lak"),
        ("Ɖắk Lắk", "dak lak"),
        ("ɖắk Lắk", "dak lak"),
        ("Ｂà　Rịa", "ba ria"),
        ("Bà\u00a0Rịa\u202f– Vũng\u2009Tàu", "ba ria vung tau"),
        ("Quận \u2167", "quan viii"),
        ("Bắc\u200b Kạn\ufeff", "bac kan"),
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


@pytest.mark.parametrize("apostrophe", "'`´ʹʻʼ‘’‛′＇")
def test_every_apostrophe_is_one_and_may_be_left_out(apostrophe: str) -> None:
    written = f"Cư M{apostrophe}gar"
    assert plain(written) == "cu m'gar"
    assert sort_key(written) == sort_key("Cư M'gar")
    assert findable([written]) == ("cu m'gar", "cu mgar")
    assert apostrophe in APOSTROPHES


@pytest.mark.parametrize("dash", ["-", "\u2010", "\u2011", "–", "—", "\u2212", "\u00ad", "－"])
@pytest.mark.parametrize("form", ["Bà Rịa{}Vũng Tàu", "Bà Rịa {} Vũng Tàu", "Bà Rịa{} Vũng Tàu"])
def test_every_dash_is_one_and_space_around_it_plays_no_part(dash: str, form: str) -> None:
    written = form.format(dash)
    assert plain(written) == plain("Bà Rịa - Vũng Tàu")
    assert sort_key(written) == sort_key("Bà Rịa - Vũng Tàu")


def test_every_character_that_unicode_calls_a_dash_is_one() -> None:
    called = {chr(i) for i in range(sys.maxunicode) if unicodedata.category(chr(i)) == "Pd"}
    assert called - set(DASHES) == set()


def test_a_name_published_with_another_letter_for_d_stands_where_the_right_one_does() -> None:
    listed = ["Dương Minh Châu", "Ðà Nẵng", "Ðắk Lắk", "Ɖắk Nông", "Điện Biên", "Yên Bái"]
    assert sorted(set(listed), key=sort_key) == listed
    assert sort_key("Ðắk Lắk") == sort_key("Đắk Lắk") == sort_key("Ɖắk Lắk")
