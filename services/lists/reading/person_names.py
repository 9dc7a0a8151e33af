"""Names of persons in titles: none is published, so each that seems to be one is asked about."""

import re
from itertools import takewhile

from shared.vocabulary.vietnamese import plain

_CALLED = re.compile(
    r"\b(?P<address>đồng chí|đ/c|ông|bà)\s+(?=(?P<name>\w+(?:\s+\w+){0,5}))", re.IGNORECASE
)
_PLACES = frozenset({"ria", "ria vung tau", "trung", "trieu", "na", "den", "diem"})
"""Bà Rịa, Bà Trưng, Bà Triệu, Bà Nà, Bà Đen, Bà Điểm are places."""
_FEWEST_WORDS = 2


def person_in_title(title: str, own_name: str = "") -> str | None:
    """Return the name of a person that a title seems to hold; None when there is none.

    A form of address counts before a name with capitals; `own_name` is the person of the row.
    """
    if own_name and len(own_name.split()) >= _FEWEST_WORDS:
        padded, sought = f" {_words(title)} ", f" {_words(own_name)} "
        if sought in padded:
            return own_name
    if title == title.upper():
        return None
    for found in _CALLED.finditer(title):
        name = " ".join(takewhile(lambda word: word[0].isupper(), found["name"].split()))
        if name and plain(name) not in _PLACES:
            return f"{found['address']} {name}"
    return None


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(text)))
