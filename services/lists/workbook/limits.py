"""The limits within which a workbook is read; each is far above any list that an office makes."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """Sizes in bytes, times in seconds; rows and columns count where a value is."""

    entries: int = 400
    unpacked: int = 200 * MEGABYTE
    part: int = 50 * MEGABYTE
    """For every part of the archive that is not a worksheet (shared texts, styles)."""
    ratio: int = 200
    """How far a part may shrink, once it is larger than `ratio_from`: no text of people does so."""
    ratio_from: int = 10 * MEGABYTE
    rows: int = 50_000
    columns: int = 120
    cells: int = 3_000_000
    letters: int = 40_000_000
    """Of all values together: one shared text may be named by a million cells."""
    merges: int = 100_000
    memory: int = 512 * MEGABYTE
    processor_seconds: int = 20
    wall_seconds: int = 60


LIMITS = WorkbookLimits()
