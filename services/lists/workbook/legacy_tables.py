"""The letters of the two encodings in which Vietnamese was typed before Unicode.

TCVN3 is one byte a letter (TCVN 5712:1993, table VN3), shown by fonts named `.Vn…`. It has no
capitals with a tone: those are the small letters in a font whose name ends in H. VNI writes the
base letter and then a byte for its marks (VNI-Windows), shown by fonts named `VNI-…`.
Both are given as the characters that a program shows which takes the bytes for Windows-1252.
"""

import unicodedata
from collections.abc import Mapping

TCVN3: Mapping[str, str] = dict(
    zip(
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u00adõö÷øùúûüýþ¡¢£¤¥¦§",
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)
"""U+00AD, which other programs take for a soft hyphen and drop, is the letter ư."""

_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {
    "â": "\u0302",
    "à": "\u0302\u0300",
    "á": "\u0302\u0301",
    "å": "\u0302\u0309",
    "ã": "\u0302\u0303",
    "ä": "\u0302\u0323",
}
_BREVE = {
    "ê": "\u0306",
    "è": "\u0306\u0300",
    "é": "\u0306\u0301",
    "ú": "\u0306\u0309",
    "ü": "\u0306\u0303",
    "ë": "\u0306\u0323",
}
_BASES = {
    "a": ("a", _TONES | _CIRCUMFLEX | _BREVE),
    "e": ("e", _TONES | _CIRCUMFLEX),
    "o": ("o", _TONES | _CIRCUMFLEX),
    "u": ("u", _TONES),
    "y": ("y", _TONES),
    "ô": ("ơ", _TONES),
    "ö": ("ư", _TONES),
}
_ALONE = {"ñ": "đ", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ô": "ơ", "ö": "ư"}


def _vni() -> dict[str, str]:
    pairs = dict(_ALONE)
    for typed, (letter, marks) in _BASES.items():
        for mark, accents in marks.items():
            pairs[typed + mark] = unicodedata.normalize("NFC", letter + accents)
    # A mark after a capital is typed as a capital or, with the shift key released, as a small one.
    capitals = {typed.upper(): letter.upper() for typed, letter in pairs.items()}
    mixed = {typed[0].upper() + typed[1:]: letter.upper() for typed, letter in pairs.items()}
    return pairs | capitals | mixed


VNI: Mapping[str, str] = _vni()
"""Base letter and mark, or a letter of its own, to the letter of Unicode."""
