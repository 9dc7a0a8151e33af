"""The model of a table for pages and files: heads with spans, typed rows, notes, provenance."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.errors import Language

CellValue = str | int | float | Decimal | date | None
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SWAPPED = str.maketrans(",.", ".,")


class RowRole(StrEnum):
    """The part of a row in its table; a group row heads the rows below it."""

    BODY = "body"
    GROUP = "group"
    TOTAL = "total"


class FormStyle(StrEnum):
    """The two sets of rules for administrative documents: of the state and of the party."""

    STATE = "state"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its heading, its width in characters, and how its numbers are written."""

    heading: str
    width: float = 14
    grouped: bool = True
    """False for years: 2022, not 2.022."""
    centred: bool = False
    code: bool = False
    """True for a code that has its label in the next column; documents print the label only."""


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of the head with its spans."""

    text: str
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row with a value for each column; None leaves the cell empty."""

    cells: Sequence[CellValue]
    role: RowRole = RowRole.BODY


@dataclass(frozen=True)
class OfficeTable:
    """A table; `heads` are its head rows if it needs more than one.

    `rows` may be read only once, so that a long list is written while it is read.
    """

    columns: Sequence[TableColumn]
    rows: Iterable[TableRow]
    title: str = ""
    sheet: str = ""
    heads: Sequence[Sequence[HeadCell]] = ()
    notes: Sequence[str] = ()

    @property
    def head_rows(self) -> Sequence[Sequence[HeadCell]]:
        """Return the head rows, by default one of the headings."""
        return self.heads or [[HeadCell(column.heading) for column in self.columns]]


@dataclass(frozen=True)
class Provenance:
    """The origin of a file's figures: question, unit, position, digest, map and address."""

    language: Language
    question: str
    subtitle: str = ""
    facts: Sequence[tuple[str, str]] = ()
    last_line: str = ""
    """Position, digest and day of knowledge, for the end of a document."""


@dataclass(frozen=True, slots=True)
class PageSetup:
    """A page of A4: margins in millimetres (top, bottom, left, right) and the size of its text."""

    landscape: bool = False
    margins: tuple[float, float, float, float] = (20, 20, 30, 15)
    points: float = 12


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line or paragraph of a document outside its tables."""

    text: str
    points: float = 14
    bold: bool = False
    italic: bool = False
    centred: bool = True


@dataclass(frozen=True)
class OfficeFile:
    """A file: the lines above, its tables, their origin, and the page setup.

    `before` are heading lines, `paragraphs` running text.
    """

    provenance: Provenance
    tables: Sequence[OfficeTable] = ()
    before: Sequence[TextLine] = ()
    paragraphs: Sequence[TextLine] = ()
    page: PageSetup = field(default_factory=PageSetup)
    subject: str = ""
    """The legal basis of the form, as a property of the file."""

    @property
    def heading(self) -> Sequence[TextLine]:
        """Return the heading lines, by default the question and its scope."""
        about = self.provenance
        lines = [TextLine(about.question, bold=True), TextLine(about.subtitle, 13, italic=True)]
        return self.before or [line for line in lines if line.text]


def without_control_characters(text: str) -> str:
    """Return a text that XML can hold: control characters become the replacement character."""
    return _NOT_IN_XML.sub("\ufffd", text)


def written(value: CellValue, language: Language, *, grouped: bool = True) -> str:
    """Return a value as the language writes it on paper: 1.234, 2,5 and 31/12/2022."""
    if value is None:
        return ""
    if isinstance(value, str):
        return without_control_characters(value)
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y") if language == "vi" else value.isoformat()
    if isinstance(value, int):
        text = f"{value:,}" if grouped else str(value)
    else:
        text = f"{Decimal(str(value)).normalize():,f}"
    return text.translate(_SWAPPED) if language == "vi" else text


def flat_headings(table: OfficeTable) -> list[str]:
    """Return one heading for each column: the head rows joined from above by a slash."""
    width = len(table.columns)
    grid: list[list[str | None]] = [[None] * width for _ in table.head_rows]
    for row, cells in enumerate(table.head_rows):
        at = 0
        for cell in cells:
            while at < width and grid[row][at] is not None:
                at += 1
            for down in range(cell.rows):
                for right in range(cell.columns):
                    # A head that spans rows is said once, in its first row.
                    grid[row + down][at + right] = cell.text if down == 0 else ""
            at += cell.columns
    return [" / ".join(each for each in column if each) for column in zip(*grid, strict=True)]
