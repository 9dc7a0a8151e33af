"""Vietnamese text for search and for order; no database that we use brings either along.

Đ does not decompose, tone marks have two places (Hòa, Hoà), and byte order puts Đ after Y.
"""

import re
import unicodedata

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
"""The 29 Vietnamese letters in their order, and F J W Z where other alphabets have them."""

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries, after no tone."""

_LETTER_RANK = {letter: chr(ord("A") + rank) for rank, letter in enumerate(ALPHABET)}
_TONE_RANK = {tone: str(rank) for rank, tone in enumerate(TONES, start=1)}
_LONGEST_NUMBER = 9
_PIECES = re.compile(r"\d+|[^\W\d_]+")


def plain(text: str) -> str:
    """Return the text in lower case without any accent, Đ as d: what a search compares.

    Where the tone mark stood plays no part, nor whether the text was composed (NFC) or not (NFD).
    """
    decomposed = unicodedata.normalize("NFD", text.lower())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.replace("đ", "d")


def sort_key(text: str) -> str:
    """Return ASCII text whose byte order is the Vietnamese order of what was given.

    Letters decide first, word by word, tones only between equal letters (Hòa and Hoà are the same);
    numbers go by their value and before letters (Quận 2, Quận 10); punctuation only parts words.
    """
    words: list[str] = []
    tones: list[str] = []
    for piece in _PIECES.findall(unicodedata.normalize("NFC", text.lower())):
        words.append(_number_rank(int(piece)) if piece.isdecimal() else _word_rank(piece))
        tones.append(_tone_rank(piece))
    # A tab sorts before the space between words, so a text comes before its continuations.
    return f"{' '.join(words)}\t{''.join(tones)}"


def _number_rank(number: int) -> str:
    digits = str(number)
    return f"{min(len(digits), _LONGEST_NUMBER)}{digits}"


def _word_rank(word: str) -> str:
    return "".join(_letter_rank(letter) for letter in word)


def _letter_rank(letter: str) -> str:
    """Return the rank of a letter without its tone; one of another alphabet comes last."""
    marks = unicodedata.normalize("NFD", letter)
    toneless = "".join(mark for mark in marks if mark not in _TONE_RANK)
    rank = _LETTER_RANK.get(unicodedata.normalize("NFC", toneless), "")
    return rank or _LETTER_RANK.get(marks[0], f"~{ord(marks[0]):06x}")


def _tone_rank(word: str) -> str:
    marks = unicodedata.normalize("NFD", word)
    return next((_TONE_RANK[mark] for mark in marks if mark in _TONE_RANK), "0")
