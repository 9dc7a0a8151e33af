"""Names are found with or without accents, and stand in the order of the Vietnamese alphabet."""

import unicodedata

import pytest

from shared.web.vietnamese import folded, sort_key


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("Bắc Kạn", "bac kan"),
        ("Đắk Lắk", "dak lak"),
        ("đặc khu Phú Quốc", "dac khu phu quoc"),
        ("HÒA BÌNH", "hoa binh"),
        ("Hoà  Bình", "hoa binh"),
        (unicodedata.normalize("NFD", "Bắc Kạn"), "bac kan"),
    ],
)
def test_a_name_is_found_without_accents(written: str, searched: str) -> None:
    assert folded(written) == searched


def test_names_stand_in_the_order_of_the_alphabet() -> None:
    # The order of letters is that of the alphabet (A Ă Â … D Đ E Ê …), tones decide last.
    ordered = ["An Giang", "Ăn", "Ân Thi", "Dĩ An", "Đà Nẵng", "Điện Biên", "Em", "Êm", "Hoa"]
    ordered += ["Hoà", "Hỏa", "Ninh Bình", "Ô Môn", "Ơ", "Tuyên Quang", "Ưng", "Yên Bái"]
    shuffled = [*ordered[1::2], *ordered[::2]]
    assert sorted(shuffled, key=sort_key) == ordered


def test_tones_come_in_the_order_of_dictionaries() -> None:
    ordered = ["ma", "mà", "mả", "mã", "má", "mạ"]
    shuffled = [*ordered[1::2], *ordered[::2]]
    assert sorted(shuffled, key=sort_key) == ordered


def test_what_is_written_decomposed_sorts_like_the_composed_form() -> None:
    name = "Đắk Lắk"
    assert sort_key(name) == sort_key(unicodedata.normalize("NFD", name))
