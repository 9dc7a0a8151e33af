"""Texts typed for the fonts before Unicode are read as people saw them."""

import json
from pathlib import Path

import pytest

from services.lists.workbook.legacy_fonts import LegacyEncoding, decoded, encoding_of

PAIRS = json.loads(Path(__file__).with_name("legacy_pairs.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("pairs", "font"),
    [("tcvn3", ".VnTime"), ("tcvn3", ".VnArial Narrow"), ("vni", "VNI-Times")],
)
def test_the_texts_of_another_program_are_read_back(pairs: str, font: str) -> None:
    wrong = {
        typed: decoded(typed, font) for text, typed in PAIRS[pairs] if decoded(typed, font) != text
    }
    assert wrong == {}
    assert len(PAIRS[pairs]) > 80


@pytest.mark.parametrize(
    ("typed", "font", "seen"),
    [
        ("M\u00adêng Hum", ".VnTime", "Mường Hum"),
        ("céng hoµ x· héi", ".VnTimeH", "CỘNG HOÀ XÃ HỘI"),
        ("NGUYÔN V¡N A", ".VnTime", "NGUYỄN VĂN A"),
        ("BÐ", ".VnTime", "Bé"),
        ("tyû leä, kyõ thuaät, kyø, kyù, lî", "VNI-Times", "tỷ lệ, kỹ thuật, kỳ, ký, lỵ"),
        ("Đã là Unicode", ".VnTime", "Đã là Unicode"),
        ("hoà bình", "Times New Roman", "hoà bình"),
    ],
)
def test_a_text_is_read_as_it_was_seen(typed: str, font: str, seen: str) -> None:
    assert decoded(typed, font) == seen


def test_the_font_says_which_encoding_it_is() -> None:
    assert encoding_of(".VnTimeH") is LegacyEncoding.TCVN3_CAPITALS
    assert encoding_of(" .VNARIAL ") is LegacyEncoding.TCVN3
    assert encoding_of("VNI-Helve") is LegacyEncoding.VNI
    assert encoding_of("Verdana") is None
    assert encoding_of("") is None
