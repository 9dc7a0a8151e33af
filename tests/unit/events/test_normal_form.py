"""NFC is Unicode's own, whatever the text, and no text makes it expensive."""

import sys
from time import thread_time
from unicodedata import combining, is_normalized, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.events.acceptance.unicode_nfc import _LONG_RUN, is_nfc, nfc

# Marks of several classes, letters that decompose to marks alone, to letters with marks, Hangul.
MARKS = st.text(alphabet="\u0301\u0323\u0345\u0308\u0344\u0f73\u0f71\u0f74\u302a\U0001d165")
WORDS = st.text(alphabet='aế ơ"\u1100\u1161\u11a8\u2000\u2126–“é\u0958')
TEXTS = st.lists(st.one_of(MARKS, WORDS, st.text())).map("".join)


@given(TEXTS, st.integers(1, 40))
@example("a" + "\u0301\u0323" * 400, 1)
@example("\u0f73" * 600, 1)
def test_the_form_is_that_of_the_standard_library(text: str, times: int) -> None:
    text *= times
    assert nfc(text) == normalize("NFC", text)


@given(TEXTS, st.integers(1, 40))
@example("Bắc Kạn " + "\u0323\u0301", 100)
def test_what_is_called_normal_is_normal(text: str, times: int) -> None:
    text = " ".join([text] * times)
    if is_nfc(text):
        assert is_normalized("NFC", text)


@pytest.mark.parametrize("times", [1, 100])
def test_vietnamese_with_accents_is_normal_at_once(times: int) -> None:
    text = "Mô hình “Dân vận khéo” – xã Bình Văn, huyện Chợ Mới, tỉnh Bắc Kạn; " * times
    assert is_nfc(text)
    assert not is_nfc(normalize("NFD", text))


def test_every_character_that_must_be_sorted_is_known() -> None:
    """Whatever Unicode's tables say begins with a mark, a long run of it is noticed."""
    marks = (
        chr(code)
        for code in range(sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF and combining(normalize("NFD", chr(code))[0])
    )
    missed = [f"U+{ord(mark):04X}" for mark in marks if not _LONG_RUN.search(mark * 31)]
    assert missed == []


@pytest.mark.parametrize(
    "marks", ["\u0301\u0323", "\u0f73", "\u302a\u0301"], ids=["accents", "Tibetan", "CJK"]
)
def test_twice_the_marks_take_twice_the_time(marks: str) -> None:
    """By sorting as Python's normaliser does, twice the marks take four times as long."""
    few, many = (min(_seconds(marks * number) for _ in range(3)) for number in (4_000, 32_000))
    assert many < few * 24, f"{many / few:.0f} times as long for 8 times the marks"


def _seconds(text: str) -> float:
    start = thread_time()
    nfc(text)
    assert not is_nfc(text)
    return thread_time() - start
