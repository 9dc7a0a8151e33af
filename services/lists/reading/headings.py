"""Headings as offices write them, compared without accents, case, punctuation and stars."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from services.lists.reading.columns import ColumnSpec, TableSpec
from shared.vocabulary.vietnamese import plain

_NO_WORD = re.compile(r"[^a-z0-9]+")
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_ORDINALS = frozenset({"stt", "tt", "so tt", "s tt", "so thu tu", "thu tu", "no"})
_LIKENESS = 0.8


@lru_cache(maxsize=8192)  # each is asked for once for every kind of list
def folded_heading(text: str) -> str:
    """Return a heading as headings are compared."""
    return _NO_WORD.sub(" ", plain(text)).strip()


def is_ordinal(text: str) -> bool:
    """Tell whether a column counts the rows (STT, TT, Số TT)."""
    return folded_heading(text) in _ORDINALS


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: its own words, and the words over several columns."""

    text: str
    above: str = ""

    @property
    def shown(self) -> str:
        """The heading as it is named to a reader."""
        return f"{self.above} / {self.text}" if self.above else self.text


class KnownHeadings:
    """The headings of one kind of list, official ones before synonyms."""

    def __init__(self, spec: TableSpec) -> None:
        self.spec = spec
        self._ranked: dict[str, list[tuple[int, ColumnSpec]]] = {}
        for column in spec.columns:
            for rank, words in enumerate(column.headings):
                listed = self._ranked.setdefault(folded_heading(words), [])
                listed.append((min(rank, 1), column))

    def assign(self, headings: Mapping[int, Heading]) -> dict[str, list[int]]:
        """Return for each key the columns that bear its heading: more than one is a question.

        A column whose words are the official heading of a key keeps it from synonyms.
        """
        found: dict[str, list[int]] = {}
        taken: set[int] = set()
        for rank in (0, 1):
            here: dict[str, list[int]] = {}
            for number, heading in headings.items():
                if number in taken:
                    continue
                if spec := self._match(heading, rank, found):
                    here.setdefault(spec.key, []).append(number)
                    taken.add(number)
            found |= here
        return found

    def similar(self, column: ColumnSpec, headings: Iterable[str]) -> str | None:
        """Return the heading that may be a misspelt one of this column."""
        by_fold = {folded_heading(text): text for text in headings}
        for words in column.headings:
            if near := get_close_matches(folded_heading(words), by_fold, 1, _LIKENESS):
                return by_fold[near[0]]
        return None

    def _match(
        self, heading: Heading, rank: int, found: Mapping[str, list[int]]
    ) -> ColumnSpec | None:
        above = _forms(heading.above)
        for form in (*_forms(heading.text), *_joined(heading)):
            for column_rank, column in self._ranked.get(form, ()):
                fits = column.group is None or folded_heading(column.group) in above
                if column_rank == rank and fits and column.key not in found:
                    return column
        return None


def _forms(text: str) -> tuple[str, ...]:
    """Return a heading in full, and without what is in brackets (Ngày ký (dd/mm/yyyy))."""
    full = folded_heading(text)
    short = folded_heading(_IN_BRACKETS.sub(" ", text))
    return (full,) if short in ("", full) else (full, short)


def _joined(heading: Heading) -> tuple[str, ...]:
    return _forms(f"{heading.above} {heading.text}") if heading.above else ()
