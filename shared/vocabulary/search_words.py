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
_Spelling = tuple[str, str]
"""The letters of a word without its tone, and its tone."""


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

    `words` are all, in their order; `spelled` are those whose spelling counts, as typed: numbers
    with their zeros, and all words if any was typed with an accent; of these the last may be half
    a word (`half`), unless it is a number.
    """

    whole: tuple[str, ...]
    begun: str | None
    words: tuple[str, ...] = ()
    spelled: tuple[_Spelling, ...] = ()
    half: _Spelling | None = None

    @classmethod
    def of(cls, typed: str) -> Question:
        """Read what was typed; a last word of one letter is whole: half of words begin with it."""
        folded = plain(typed).replace("'", "")
        words = [_number(each)[:LONGEST_WORD] for each in _PIECES.findall(folded)]
        begun = None
        if words and len(words) <= MOST_WORDS and len(words[-1]) > 1:
            begun = words.pop()
        spelled = list(_spelled(typed.replace("'", "")))
        half = None
        if not _has_accents(typed):
            spelled = [each for each in spelled if each[0].isdecimal()]
        elif spelled and not spelled[-1][0].isdecimal():
            half = spelled.pop()
        whole = tuple(dict.fromkeys(words[:MOST_WORDS]))
        return cls(whole, begun, tuple(words_of(typed).split()), tuple(spelled), half)

    def __bool__(self) -> bool:
        """Return whether there is any word to search."""
        return bool(self.whole or self.begun)

    def agrees(self, *texts: str | None) -> bool:
        """Return whether the texts have the words as they were typed."""
        if not self.spelled and self.half is None:
            return True
        there = {each for text in texts if text for each in _spelled(text)}
        if not there.issuperset(self.spelled):
            return False
        if self.half is None:
            return True
        letters, tone = self.half
        return any(known.startswith(letters) and tone in {"0", other} for known, other in there)

    def place(self, title: str | None, *texts: str | None) -> tuple[bool, bool]:
        """Return a key for sorting: texts as typed first, of these titles with no other word."""
        words = tuple(words_of(title or "").split())
        return not self.agrees(title, *texts), words != self.words


def _has_accents(text: str) -> bool:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "đ" in decomposed or any(unicodedata.combining(letter) for letter in decomposed)


def _spelled(text: str) -> Iterable[_Spelling]:
    for written in text.split():
        yield from _spelling_of(written)


@lru_cache(maxsize=20_000)
def _spelling_of(written: str) -> tuple[_Spelling, ...]:
    """Return the letters and the tone of each piece of a word, alike for Hòa and Hoà.

    A number has its digits as they are written.
    """
    pieces = _PIECES.findall(unicodedata.normalize("NFKC", written))
    return tuple(
        (piece, "0") if piece.isdecimal() else _letters_and_tone(piece) for piece in pieces
    )


def _letters_and_tone(piece: str) -> _Spelling:
    letters, _, tone = sort_key(piece).partition("\t")
    return letters, tone
