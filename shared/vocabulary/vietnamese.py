"""Search and sort order of Vietnamese text, which our databases do not provide.

Đ does not decompose, tone marks have two possible places (Hòa, Hoà), and byte order puts Đ after Y.
Phones, office software and old input methods write look-alike characters: Ð (eth) or Ɖ (African d)
for Đ, ’ for ', six kinds of dash. One folding, `plain`, serves every search and comparison of
names; `sort_key` is based on it.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
"""The 29 Vietnamese letters in order, with F J W Z in their usual places."""

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries, after no tone."""

APOSTROPHES = (
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02c8\u02ca\u02cb\u055a\u2018\u2019\u201b\u2032\u2035"
    "\ua78b\ua78c\uff07\uff40"
)
"""Apostrophes and look-alikes: straight, typographic, modifier letters, accents, primes."""

DASHES = (
    "-\u058a\u05be\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2e17\u2e1a\u2e3a\u2e3b\u2e40"
    "\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010ead"  # the category Pd
    "\u00ad\u02d7\u2043\u207b\u208b\u2212\u2796"  # soft hyphen, bullet, the minus signs
)
"""Dashes and look-alikes; Bà Rịa-Vũng Tàu is written with any of them, spaced or not."""

_LETTER_RANK = {letter: chr(ord("A") + rank) for rank, letter in enumerate(ALPHABET)}
_NO_TONE = "0"
_TONE_RANK = {tone: str(rank) for rank, tone in enumerate(TONES, start=1)}
_LONGEST_NUMBER = 9
_TOKENS_KEPT = 32_768
_PIECES = re.compile(r"\d+|[^\W\d_]+")
_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("\u00d0\u0189", "Đ"),
        **dict.fromkeys("\u00f0\u0256", "đ"),
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys(DASHES, " "),
        # Invisible: zero-width space and joiners, marks of direction, word joiner, byte-order mark.
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
    }
)


def plain(text: str) -> str:
    """Return the search form of a text: lower case, no accents, look-alikes unified.

    Đ becomes d, every apostrophe ', every dash a space, and spaces are single. The place of the
    tone mark makes no difference, nor does the composition of the text (NFC, NFD, full width).
    """
    decomposed = unicodedata.normalize("NFD", _folded(text))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.replace("đ", "d").split())


def findable(names: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that the `plain` form of a search is matched against, without duplicates.

    A name with an apostrophe is also found without it (Cu Mgar).
    """
    as_written = {plain(name) for name in names}
    return tuple(sorted(as_written | {name.replace("'", "") for name in as_written}))


class _TokenRanks(dict[str, tuple[str, str]]):
    """The ranks of the words and numbers of each text without spaces, and their tones.

    A language has few syllables, so nearly all are known after some thousand names.
    """

    def __missing__(self, token: str) -> tuple[str, str]:
        if len(self) >= _TOKENS_KEPT:
            self.clear()
        if token.isascii() and token.isdecimal():  # most of what is not known yet
            ranks = _number_rank(int(token)), _NO_TONE
        else:
            pieces = _PIECES.findall(unicodedata.normalize("NFC", _folded(token)))
            words = [_number_rank(int(p)) if p.isdecimal() else _word_rank(p) for p in pieces]
            ranks = " ".join(words), "".join(map(_tone_rank, pieces))
        self[token] = ranks
        return ranks


_TOKEN_RANKS = _TokenRanks()


@lru_cache(maxsize=32_768)
def sort_key(text: str) -> str:
    """Return ASCII text whose byte order is the Vietnamese order of the input.

    Letters count first, word by word, tones only between equal letters (Hòa and Hoà are equal);
    numbers sort by value and before letters (Quận 2, Quận 10); punctuation only separates words.
    """
    known = _TOKEN_RANKS
    ranks = [known[token] for token in text.split()]
    words = " ".join([word for word, _ in ranks if word])
    # A tab sorts before the space between words, so a text comes before its continuations.
    return f"{words}\t{''.join([tone for _, tone in ranks])}"


def _folded(text: str) -> str:
    """Return the text in lower case with look-alikes unified and accents kept.

    Look-alikes go first: the compatibility form of ´ would be a space and an accent.
    """
    return unicodedata.normalize("NFKC", text.translate(_LOOK_ALIKES)).lower()


def _number_rank(number: int) -> str:
    digits = str(number)
    return f"{min(len(digits), _LONGEST_NUMBER)}{digits}"


def _word_rank(word: str) -> str:
    return "".join(_letter_rank(letter) for letter in word)


def _letter_rank(letter: str) -> str:
    """Return the rank of a letter without its tone; letters of other alphabets come last."""
    marks = unicodedata.normalize("NFD", letter)
    toneless = "".join(mark for mark in marks if mark not in _TONE_RANK)
    rank = _LETTER_RANK.get(unicodedata.normalize("NFC", toneless), "")
    return rank or _LETTER_RANK.get(marks[0], f"~{ord(marks[0]):06x}")


def _tone_rank(word: str) -> str:
    marks = unicodedata.normalize("NFD", word)
    return next((_TONE_RANK[mark] for mark in marks if mark in _TONE_RANK), _NO_TONE)
