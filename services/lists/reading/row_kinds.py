"""Tells the rows of a list from the other rows between and below them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.lists.reading.header_finder import LONGEST_HEADING, FoundHeader
from services.lists.reading.headings import folded_heading
from services.lists.reading.texts import text_of
from services.lists.workbook.grid import CellKind, GridCell

_TOTAL = re.compile(r"(?:tong cong|tong so)(?: .*)?|tong|cong(?: (?:\d+|[ivx]+|muc|khoi)(?: .*)?)?")
_SIGNATURE = re.compile(
    r"(?:nguoi lap|noi nhan|thu truong|xac nhan cua|xac nhan|tm|t m|kt|k t|tl|t l|truong ban"
    r"|pho truong ban|bi thu|chu tich|pho chu tich|can bo tong hop|ky ten|ghi chu)(?: .*)?"
    r"|(?:.* )?ngay \d* ?thang \d* ?nam \d*|(?:.* )?ngay thang nam"
)
_MARKED = re.compile(
    r"\s*(?P<mark>[IVX]{1,5}|[A-ZĐ]|\d{1,2})\s*[.)/:\-]\s*(?P<words>\D.*)", re.DOTALL
)
_MARK = re.compile(r"\s*(?:(?P<roman>[IVX]{1,5})|(?P<letter>[A-ZĐ])|(?P<digit>\d{1,2}))\s*[.)]?\s*")
_BLOCK = re.compile(r"(?:khoi|linh vuc) .+")
_NUMBERING = re.compile(r"\s*\(?\s*(?:\d{1,2}|[A-ZĐ])\s*\)?\s*")
_FEW_CELLS = 3


class RowKind(StrEnum):
    """The kinds of rows below the headings."""

    DATA = "data"
    BLANK = "blank"
    TOTAL = "total"
    SUBHEADING = "subheading"
    REPEATED = "repeated"
    NUMBERING = "numbering"
    END = "end"


@dataclass(frozen=True, slots=True)
class Subheading:
    """The words of a sub-heading without their mark, and its level: 0 for A, 1 for I, 2 for 1."""

    level: int
    words: str


class RowSorter:
    """Sorts the rows of one table, from the headings down."""

    def __init__(self, header: FoundHeader) -> None:
        self._header = header
        self._wide = {
            block.first_row
            for block in header.sheet.merges
            if block.first_row == block.last_row and block.last_column > block.first_column + 1
        }

    def kind(self, row: int, cells: Mapping[int, GridCell]) -> RowKind:
        """Return the kind of a row."""
        if self._is_counted(cells):
            # A template may be numbered in advance: a row with its number alone is blank.
            others = (cell for number, cell in cells.items() if number != self._header.ordinal)
            filled = any(cell.kind is not CellKind.TEXT or text_of(cell).text for cell in others)
            return RowKind.DATA if filled else RowKind.BLANK
        texts = {number: text for number, cell in cells.items() if (text := text_of(cell).text)}
        if not texts:
            return RowKind.BLANK
        if row == self._header.last_row + 1 and _is_numbering(texts):
            return RowKind.NUMBERING
        words = [text for number, text in texts.items() if cells[number].kind is CellKind.TEXT]
        return self._kind_of_words(row, texts, words)

    def _kind_of_words(self, row: int, texts: Mapping[int, str], words: list[str]) -> RowKind:
        if self._is_repeated(texts):
            return RowKind.REPEATED
        if words and _is_total(words[0]):
            return RowKind.TOTAL
        if len(texts) <= _FEW_CELLS and any(map(_is_signature, words)):
            return RowKind.END
        return RowKind.SUBHEADING if self._is_subheading(row, texts, words) else RowKind.DATA

    def subheading(self, cells: Mapping[int, GridCell]) -> Subheading:
        """Return what a row of this kind says."""
        texts = [text for cell in cells.values() if (text := text_of(cell).text)]
        if len(texts) > 1 and (mark := _MARK.fullmatch(texts[0])):
            return Subheading(_level(mark), texts[1])
        if marked := _MARKED.fullmatch(texts[0]):
            return Subheading(_level(_MARK.fullmatch(marked["mark"])), marked["words"])
        return Subheading(1, texts[0])

    def _is_counted(self, cells: Mapping[int, GridCell]) -> bool:
        """Tell whether the row has a running number, as rows of the list do."""
        ordinal = self._header.ordinal
        cell = cells.get(ordinal) if ordinal is not None else None
        return cell is not None and text_of(cell).text.strip(" .)").isdecimal()

    def _is_repeated(self, texts: Mapping[int, str]) -> bool:
        headings = self._header.headings
        same = sum(
            number in headings and text == headings[number].text for number, text in texts.items()
        )
        return same > 1 and same * 2 > len(texts)

    def _is_subheading(self, row: int, texts: Mapping[int, str], words: list[str]) -> bool:
        if not words or len(texts) > 2:
            return False
        first = next(iter(texts.values()))
        if len(texts) == 2:
            is_counted_block = len(words) == 1 and _MARKED.fullmatch(first) is not None
            in_ordinal = next(iter(texts)) == self._header.ordinal
            return is_counted_block or (in_ordinal and _MARK.fullmatch(first) is not None)
        is_marked = _MARKED.fullmatch(first) is not None
        in_ordinal = next(iter(texts)) == self._header.ordinal
        return is_marked or in_ordinal or row in self._wide or _is_block(first)


def _is_total(text: str) -> bool:
    return len(text) <= LONGEST_HEADING and bool(_TOTAL.fullmatch(folded_heading(text)))


def _is_signature(text: str) -> bool:
    return len(text) <= LONGEST_HEADING and bool(_SIGNATURE.fullmatch(folded_heading(text)))


def _is_block(text: str) -> bool:
    return len(text) <= LONGEST_HEADING and bool(_BLOCK.fullmatch(folded_heading(text)))


def _is_numbering(texts: Mapping[int, str]) -> bool:
    """Tell whether a row numbers the columns: (1) (2) (3), or A B 1 2."""
    return len(texts) >= _FEW_CELLS and all(map(_NUMBERING.fullmatch, texts.values()))


def _level(mark: re.Match[str] | None) -> int:
    if mark is None or mark["roman"]:
        return 1
    return 0 if mark["letter"] else 2
