"""Words by which titles and names are found: without accents, look-alikes unified, half a word.

A text is stored as its words (`words_of`); a question is read into the same words (`Question.of`).
Both go through `plain`, so accents, case, dashes and apostrophes make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from shared.vocabulary.vietnamese import plain, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_WORDS = 16
"""Words of a question that are searched; a longer one is cut, and finds no less."""
LONGEST_WORD = 64
_MOST_CACHED = 100_000
_PIECES = re.compile(r"[^\W_]+")


class _FoldedWords(dict[str, str]):
    """The folded pieces of each word as written: Vietnamese has few syllables, so most repeat."""

    def __missing__(self, written: str) -> str:
        if len(self) >= _MOST_CACHED:
            self.clear()
        if written.isascii() and written.isalnum():
            folded = _number(written.lower())[:LONGEST_WORD]
        else:
            folded = " ".join(_pieces(plain(written)))
        self[written] = folded
        return folded


def _pieces(folded: str) -> list[str]:
    """Return the words of a folded text; one with an apostrophe is also found without it."""
    found = _PIECES.findall(folded.replace("'", ""))
    if "'" in folded:
        found += _PIECES.findall(folded)
    return [_number(piece)[:LONGEST_WORD] for piece in found]


def _number(piece: str) -> str:
    """Return a number without leading zeros: 05/QĐ-UBND and 5/QĐ-UBND are found alike."""
    return (piece.lstrip("0") or "0") if piece.isdecimal() else piece


_FOLDED = _FoldedWords()


def words_of(*texts: str) -> str:
    """Return the words of some texts, separated by spaces.

    A word consists of letters and digits only, never of an underscore.
    """
    folded = _FOLDED
    return " ".join([folded[each] for text in texts for each in text.split()])


class Question(NamedTuple):
    """The words of a question; the last may be half a word (`begun`), the others are whole.

    `accents` are the words as typed, with their accents, if any was typed with one.
    """

    whole: tuple[str, ...]
    begun: str | None
    accents: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, typed: str) -> Question:
        """Read what was typed; a last word of one letter is whole: half of words begin with it."""
        folded = plain(typed).replace("'", "")
        words = [_number(each)[:LONGEST_WORD] for each in _PIECES.findall(folded)]
        accents = tuple(_accented(typed.replace("'", ""))) if _has_accents(typed) else ()
        begun = None
        if words and len(words) <= MOST_WORDS and len(words[-1]) > 1:
            begun = words.pop()
        return cls(tuple(dict.fromkeys(words[:MOST_WORDS])), begun, accents)

    def __bool__(self) -> bool:
        """Return whether there is any word to search."""
        return bool(self.whole or self.begun)

    def agrees(self, *texts: str | None) -> bool:
        """Return whether the texts have the words with the accents as they were typed."""
        if not self.accents:
            return True
        there = {each for text in texts if text for each in _accented(text)}
        *whole, (letters, tone) = self.accents
        if any(each not in there for each in whole):
            return False
        return any(known.startswith(letters) and tone in {"0", other} for known, other in there)


def _has_accents(text: str) -> bool:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "đ" in decomposed or any(unicodedata.combining(letter) for letter in decomposed)


def _accented(text: str) -> Iterable[tuple[str, str]]:
    for written in text.split():
        yield from _accents_of(written)


@lru_cache(maxsize=20_000)
def _accents_of(written: str) -> tuple[tuple[str, str], ...]:
    """Return the letters and the tone of each piece of a word, alike for Hòa and Hoà."""
    pieces = _PIECES.findall(unicodedata.normalize("NFC", written))
    keys = (sort_key(piece).partition("\t") for piece in pieces)
    return tuple((letters, tone) for letters, _, tone in keys)
