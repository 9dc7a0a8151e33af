"""Texts typed in the encodings before Unicode, which only the font of a cell gives away."""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from services.lists.workbook.legacy_tables import TCVN3, VNI


class LegacyEncoding(StrEnum):
    """The encodings that are known, by the fonts that show them."""

    TCVN3 = "TCVN3"
    TCVN3_CAPITALS = "TCVN3 (chữ hoa)"
    VNI = "VNI"


_TCVN3 = str.maketrans({**TCVN3, "\u03bc": "à"})
"""µ is also found as the Greek letter, into which some programs turn it."""
_VNI = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))
_VIETNAMESE_OF_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u0300-\u036f\u1ea0-\u1ef9]")
"""Letters that neither encoding can hold: a text with one of them is Unicode already."""
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=256)  # a workbook has few fonts, a service sees many
def encoding_of(font: str) -> LegacyEncoding | None:
    """Return the encoding that a font shows; None for the fonts of Unicode."""
    name = font.strip().lower()
    if name.startswith(".vn"):
        return LegacyEncoding.TCVN3_CAPITALS if name.endswith("h") else LegacyEncoding.TCVN3
    return LegacyEncoding.VNI if name.startswith("vni") else None


def decoded(text: str, font: str) -> str:
    """Return what a reader saw in this font, in Unicode (NFC).

    Nothing may be stripped from the text before: U+00AD is a letter of TCVN3.
    """
    encoding = encoding_of(font)
    if encoding is None or _VIETNAMESE_OF_UNICODE.search(text):
        return unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", _DECODERS[encoding](text))


def _tcvn3(text: str) -> str:
    """Decode; a word of capitals has small letters where TCVN3 has no capital (NGUYễN)."""
    return _WORD.sub(_one_case, text.translate(_TCVN3))


def _one_case(word: re.Match[str]) -> str:
    ascii_letters = [letter for letter in word[0] if letter.isascii() and letter.isalpha()]
    is_capitals = len(ascii_letters) > 1 and all(letter.isupper() for letter in ascii_letters)
    return word[0].upper() if is_capitals else word[0]


def _tcvn3_capitals(text: str) -> str:
    return text.translate(_TCVN3).upper()


def _vni(text: str) -> str:
    return _VNI.sub(lambda typed: VNI[typed[0]], text)


_DECODERS: dict[LegacyEncoding, Callable[[str], str]] = {
    LegacyEncoding.TCVN3: _tcvn3,
    LegacyEncoding.TCVN3_CAPITALS: _tcvn3_capitals,
    LegacyEncoding.VNI: _vni,
}
