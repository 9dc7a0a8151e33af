"""The result of reading a table: its rows, their faults and questions, the rows left aside."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.lists.reading.cell_values import ReadValue
from services.lists.reading.columns import TableSpec
from services.lists.reading.findings import FindingKind, ListFinding


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row of a list; `number` is that of the sheet.

    A key without a value is left out of `values`; `cells` has the address of every column that the
    table has ('D7'), of a joined cell that of its first.
    """

    number: int
    values: Mapping[str, ReadValue]
    cells: Mapping[str, str]
    findings: tuple[ListFinding, ...] = ()
    subheadings: tuple[str, ...] = ()
    """The sub-headings above the row, from the outermost."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows there were of each kind below the headings."""

    read: int = 0
    blank: int = 0
    totals: int = 0
    subheadings: int = 0
    repeated_headings: int = 0
    after_end: int = 0
    """Rows with something in them below the signatures, which end the table."""


@dataclass(frozen=True, slots=True)
class UnknownHeading:
    """A column that was not read because its heading is not known."""

    cell: str
    text: str


@dataclass(frozen=True, slots=True)
class TableReading:
    """A list as it was read from a workbook."""

    spec: TableSpec
    sheet: str
    header_rows: tuple[int, int]
    columns: Mapping[str, str]
    """The letters of the column of each key."""
    rows: tuple[ReadRow, ...]
    counts: RowCounts
    findings: tuple[ListFinding, ...] = ()
    """Questions about whole columns; those about cells are with their rows."""
    unknown_headings: tuple[UnknownHeading, ...] = ()
    skipped: Mapping[int, str] = field(default_factory=dict)
    """Rows that are no rows of the list (totals, sub-headings), with their words."""
    other_sheets: tuple[str, ...] = ()
    """Further sheets with a whole list of this kind; each is read by its name."""
    formulas: int = 0
    """How many values were taken from the last result of a formula."""

    def all_findings(self) -> tuple[ListFinding, ...]:
        """Return the findings of the table and of its rows, in this order."""
        return (*self.findings, *(each for row in self.rows for each in row.findings))

    def questions(self) -> tuple[ListFinding, ...]:
        """Return everything that waits for an answer."""
        kind = FindingKind.QUESTION
        return tuple(each for each in self.all_findings() if each.kind is kind)
