"""Vietnamese text for readers: found with or without accents, and in the order of the alphabet.

Neither SQLite nor every PostgreSQL has the collation, so both are done here (traps: Đ sorts after Y
by bytes, and does not decompose; tone marks are placed in two ways: Hòa, Hoà).
"""

import unicodedata
from functools import lru_cache

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the order of dictionaries
_PLACE = {letter: place for place, letter in enumerate(ALPHABET)}
_TONE = {tone: place for place, tone in enumerate(TONES, start=1)}

SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...]]


def folded(text: str) -> str:
    """Return the text for searching: small letters, no accents, đ as d, single spaces."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(plain.split())


@lru_cache(maxsize=65_536)
def sort_key(text: str) -> SortKey:
    """Return the key of the Vietnamese alphabet: letters first, and tones where letters agree."""
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for letter in unicodedata.normalize("NFC", text.casefold()):
        parts = unicodedata.normalize("NFD", letter)
        tone = next((_TONE[part] for part in parts if part in _TONE), 0)
        bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONE))
        place = _PLACE.get(bare)
        # Spaces and digits come before letters, whatever else is there after them.
        other = 0 if bare < "a" else 2
        letters.append((1, place) if place is not None else (other, ord(bare[0])))
        tones.append(tone)
    return tuple(letters), tuple(tones)
