"""The columns that a list may have: their headings, and what stands in their cells."""

from dataclasses import dataclass
from enum import StrEnum


class ValueKind(StrEnum):
    """What a cell of a column holds."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column: the official heading first, then its synonyms.

    `group` is the heading above it where two header rows are joined. `fills_down` gives the value
    of a merged cell to all its rows.
    """

    key: str
    headings: tuple[str, ...]
    required: bool = False
    value: ValueKind = ValueKind.TEXT
    fills_down: bool = False
    group: str | None = None
