"""The cells of a workbook as they were read, before anything is made of them.

Rows and columns count from 1, as in the workbook: column 4 of row 7 is the cell D7.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

CellValue = str | int | float | bool | date | datetime


class CellKind(StrEnum):
    """The kinds of values that a cell has."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    MONTH = "month"
    """A day shown as a month alone (Excel makes one of 6/2022); it is the first."""
    YES_NO = "yes_no"
    ERROR = "error"


NOT_CALCULATED = "?"
"""The value of an ERROR cell whose formula was never calculated by the program that wrote it."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell that is not empty.

    The value of an ERROR cell is the code of Excel ('#N/A'), or NOT_CALCULATED. That of a PERCENT
    is the number stored (0.85 for 85 %). `runs` are the pieces of a text in several fonts.
    """

    kind: CellKind
    value: CellValue
    font: str = ""
    is_formula: bool = False
    runs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MergedBlock:
    """Cells joined into one; its value is in the first row and the first column."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class SheetGrid:
    """One worksheet; rows in ascending order, each with its cells that are not empty.

    A sheet that is not visible keeps its name and state, and no cells.
    """

    name: str
    rows: Mapping[int, Mapping[int, GridCell]]
    state: str = "visible"
    merges: tuple[MergedBlock, ...] = ()
    hidden_rows: int = 0


@dataclass(frozen=True, slots=True)
class WorkbookNotice:
    """Something that is said about a workbook and hinders nothing."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class WorkbookGrid:
    """A workbook: its sheets in their order, and what of it was left aside."""

    sheets: tuple[SheetGrid, ...]
    date1904: bool = False
    stamp: str = ""
    """The value of the document property `dvk_template`: which of our templates this is."""
    notices: tuple[WorkbookNotice, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)


def column_letters(column: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return a cell as people call it: D7."""
    return f"{column_letters(column)}{row}"
