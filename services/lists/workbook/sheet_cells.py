"""Streams the XML of one worksheet: its cells as they are written, and which of them are joined.

openpyxl's read-only mode gives neither joined cells nor, in one pass, both a formula and its last
value; and its reader gives up on parts of a sheet (filters, validations) that no list needs. So
only this is read here; all else of the package is openpyxl's.
"""

import re
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.etree.ElementTree import Element, iterparse

from services.lists.workbook.grid import column_letters
from services.lists.workbook.limits import WorkbookLimits
from services.lists.workbook.problems import TOO_MANY_CELLS, TOO_MANY_COLUMNS, TOO_MANY_ROWS
from shared.errors import broken

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW, _CELL, _VALUE, _FORMULA = f"{_MAIN}row", f"{_MAIN}c", f"{_MAIN}v", f"{_MAIN}f"
_ITEM, _INLINE, _MERGE = f"{_MAIN}si", f"{_MAIN}is", f"{_MAIN}mergeCell"
_RUN, _TEXT, _FONT = f"{_MAIN}r", f"{_MAIN}t", f"{_MAIN}rPr/{_MAIN}rFont"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ROWS_AND_CELLS = {_ROW, _CELL}

WrittenText = str | list[list[str]]
"""A text, or its pieces with the font of each ('' where that of the cell holds)."""


class WrittenCell(NamedTuple):
    """One cell as its XML has it; the type is s, n, b, e, d, str or inlineStr."""

    row: int
    column: int
    type: str
    value: WrittenText | None
    style: int
    is_formula: bool


def shared_texts(source: IO[bytes]) -> list[WrittenText]:
    """Return the texts that cells name by number."""
    texts: list[WrittenText] = []
    for _, element in iterparse(source):  # noqa: S314  no DOCTYPE gets past the archive
        if element.tag == _ITEM:
            texts.append(_written(element))
            element.clear()
    return texts


class SheetStream:
    """Reads one worksheet once; `merges` and `hidden_rows` are complete when the cells are."""

    def __init__(self, name: str, limits: WorkbookLimits, cells_before: int = 0) -> None:
        self.name = name
        self.merges: list[tuple[int, int, int, int]] = []
        self.hidden_rows = 0
        self.cells_so_far = cells_before
        self._limits = limits
        self._row = self._column = 0
        self._row_has_value = False

    def cells(self, source: IO[bytes]) -> Iterator[WrittenCell]:
        """Yield the cells that hold something; raise when a limit is passed."""
        for event, element in iterparse(source, events=("start", "end")):  # noqa: S314
            tag = element.tag
            if event == "start":
                if tag in _ROWS_AND_CELLS:
                    self._count()
                    if tag == _ROW:
                        self._row = int(element.get("r") or self._row + 1)
                        self._column, self._row_has_value = 0, False
            elif tag == _CELL:
                if cell := self._cell(element):
                    yield cell
                element.clear()
            elif tag == _ROW:
                self.hidden_rows += self._row_has_value and element.get("hidden") in ("1", "true")
                element.clear()
            elif tag == _MERGE:
                self._join(_block(element.get("ref", "")))
                element.clear()

    def _count(self) -> None:
        """Count what takes room: cells, rows and joins, empty or not."""
        self.cells_so_far += 1
        if self.cells_so_far > self._limits.cells:
            raise broken(TOO_MANY_CELLS, limit=self._limits.cells, sheet=self.name)

    def _join(self, block: tuple[int, int, int, int]) -> None:
        """Keep joined cells as far as the limits go; those beyond hold no value."""
        self._count()
        limits = self._limits
        if len(self.merges) >= limits.merges:
            raise broken(TOO_MANY_CELLS, limit=limits.merges, sheet=self.name)
        first_row, first_column, last_row, last_column = block
        if first_row <= limits.rows and first_column <= limits.columns:
            last = min(last_row, limits.rows), min(last_column, limits.columns)
            self.merges.append((first_row, first_column, *last))

    def _cell(self, element: Element) -> WrittenCell | None:
        row, column = self._place(element.get("r"))
        kind = element.get("t", "n")
        value: WrittenText | None = None
        if kind == "inlineStr":
            inline = element.find(_INLINE)
            value = None if inline is None else _written(inline)
        elif (text := element.findtext(_VALUE)) is not None:
            value = unescaped(text) if kind == "str" else text
        is_formula = element.find(_FORMULA) is not None
        if value in (None, "") and not is_formula:
            return None
        self._check_place(row, column)
        self._row_has_value = True
        return WrittenCell(row, column, kind, value, int(element.get("s", 0)), is_formula)

    def _place(self, reference: str | None) -> tuple[int, int]:
        if reference:
            self._row, self._column = _place(reference)
        else:
            self._column += 1
        return self._row, self._column

    def _check_place(self, row: int, column: int) -> None:
        limits = self._limits
        if row <= limits.rows and column <= limits.columns:
            return
        rule, limit = (
            (TOO_MANY_ROWS, limits.rows)
            if row > limits.rows
            else (TOO_MANY_COLUMNS, limits.columns)
        )
        cell = f"{column_letters(column)}{row}"
        raise broken(rule, sheet=self.name, cell=cell, limit=limit)


def unescaped(text: str) -> str:
    """Return a text with its control characters as they are (ECMA-376, ST_Xstring)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _place(reference: str) -> tuple[int, int]:
    found = _REFERENCE.fullmatch(reference)
    if not found:
        message = f"no cell is called {reference[:20]!r}"
        raise ValueError(message)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _block(reference: str) -> tuple[int, int, int, int]:
    first, _, last = reference.partition(":")
    return (*_place(first), *_place(last or first))


def _written(item: Element) -> WrittenText:
    """Return a text of the file; its phonetic hints are no part of it."""
    pieces = [_piece(child) for child in item if child.tag in (_RUN, _TEXT)]
    if any(font for _, font in pieces):
        return [list(piece) for piece in pieces if piece[0]]
    return "".join(text for text, _ in pieces)


def _piece(child: Element) -> tuple[str, str]:
    if child.tag == _TEXT:
        return unescaped(child.text or ""), ""
    font = child.find(_FONT)
    text = unescaped(child.findtext(_TEXT) or "")
    return text, "" if font is None else font.get("val", "")
