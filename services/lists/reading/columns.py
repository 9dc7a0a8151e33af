"""The description of a table that is looked for in a workbook: its columns and their values."""

from dataclasses import dataclass
from enum import StrEnum


class ValueKind(StrEnum):
    """The kinds of values that a column has."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    NUMBERS = "numbers"
    """Numbers with units, parted by semicolons: 1.250 m2; 320 ngày công."""
    YES_NO = "yes_no"
    DOCUMENT = "document"
    """A number and a day in one cell: 15/QĐ-UBND ngày 05/6/2022."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of a list.

    `headings` are what its head may say, the official words first; accents, case and punctuation
    play no part. `group` is the words above, where the head has two rows (Trong đó / Duy trì).
    """

    key: str
    headings: tuple[str, ...]
    required: bool = False
    """The column must be there (or sub-headings in its place), and no row may leave it empty."""
    value: ValueKind = ValueKind.TEXT
    fills_down: bool = False
    """A joined cell gives its value to all of its rows (unit, field, block)."""
    from_subheadings: bool = False
    """An empty cell takes the words of the sub-heading above (I. Khối hành chính)."""
    group: str | None = None
    takes_unit: bool = False
    """A number may be followed by a unit (12 ha, 85 %)."""
    many_lines: bool = False
    """Line breaks in a text are kept; elsewhere each is a space."""
    is_title: bool = False
    """No name of a person may be in it; each that seems to be one is asked about."""
    is_person: bool = False
    """It holds names of persons; one that is also in the title of its row is asked about."""


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A kind of list: its code, which a template bears as a stamp, its names and its columns."""

    code: str
    vi: str
    en: str
    columns: tuple[ColumnSpec, ...]

    def column(self, key: str) -> ColumnSpec:
        """Return a column by its key."""
        return next(column for column in self.columns if column.key == key)
