"""Passwords that are guessed first: the most frequent, and words of this movement with a year."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from shared.vocabulary.vietnamese import plain

_DIGITS: Final = 16
_LEAST_BESIDE_WORDS = 8
WORDS: Final = (
    "danvankheo",
    "danvan",
    "bantuyengiao",
    "matran",
    "ubnd",
    "matkhau",
    "password",
    "ledger",
    "vietnam",
    "hanoi",
    "qwerty",
    "123456",
)
"""Words that a password of this ledger may have, beside at least eight other characters."""


def is_known(password: str) -> bool:
    """Return whether a password would be among the first guesses."""
    small = password.lower()
    if sha256(small.encode()).hexdigest()[:_DIGITS] in _most_frequent():
        return True
    joined = "".join(plain(small).split())
    rest = joined
    for word in WORDS:
        rest = rest.replace(word, "")
    return rest != joined and len(rest) < _LEAST_BESIDE_WORDS


@cache
def _most_frequent() -> frozenset[str]:
    """Return SHA-256 beginnings of those of the 19,640 most frequent that are long enough.

    They are those of Django's list, in small letters.
    """
    return frozenset(files("shared.people").joinpath("common_passwords.txt").read_text().split())
