"""Finds the table in a workbook: the sheet, the one or two rows of headings, the columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.lists.reading.columns import TableSpec
from services.lists.reading.headings import Heading, KnownHeadings, is_ordinal
from services.lists.reading.rules import HEADING_MISSING, NO_HEADER, WRONG_KIND
from services.lists.reading.texts import text_of
from services.lists.workbook.grid import MergedBlock, SheetGrid, WorkbookGrid, column_letters
from shared.errors import broken

FIRST_ROWS = 30
LONGEST_HEADING = 300
"""A longer text is no heading, no total and no signature, and is not searched."""
_MOST_SHEETS = 100
_FEWEST = 2
"""So many known headings make a row of headings."""


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """A row of headings (or two), and the columns of each key; the first is taken."""

    sheet: SheetGrid
    first_row: int
    last_row: int
    headings: Mapping[int, Heading]
    columns: Mapping[str, list[int]]
    ordinal: int | None = None

    @property
    def score(self) -> int:
        """How many known columns there are."""
        return len(self.columns)

    @property
    def rows(self) -> str:
        """The rows as they are named to a reader."""
        first, last = self.first_row, self.last_row
        return str(first) if first == last else f"{first}-{last}"

    def unknown(self) -> Iterator[tuple[int, Heading]]:
        """Yield the columns whose headings are not known."""
        known = {number for numbers in self.columns.values() for number in numbers}
        for number, heading in self.headings.items():
            if number not in known and number != self.ordinal:
                yield number, heading


def find_header(
    book: WorkbookGrid, spec: TableSpec, others: Sequence[TableSpec] = ()
) -> FoundHeader:
    """Return where the table of this kind is; raise what is missing, or which kind it seems.

    `others` are the kinds that the workbook may be instead.
    """
    rivals = [other for other in others if other.code != spec.code]
    stamp = stamped_code(book)
    for other in rivals:
        if stamp == other.code:
            raise _wrong_kind(spec, other, f"dvk_template = {book.stamp}")
    known = KnownHeadings(spec)
    header = best_header(book, known)
    if header and not (missing := _missing(header, spec)):
        return header
    for other in rivals:
        found = best_header(book, KnownHeadings(other))
        better = found and found.score > (header.score if header else 0)
        if found and better and not _missing(found, other):
            raise _wrong_kind(spec, other, f"{found.sheet.name}, {found.rows}")
    if header is None:
        sheets = ", ".join(sheet.name for sheet in book.sheets if sheet.rows)
        wanted = ", ".join(column.headings[0] for column in spec.columns if column.required)
        found_count = _most(book, known)
        raise broken(
            NO_HEADER,
            list=spec.vi,
            limit=FIRST_ROWS,
            sheets=sheets,
            found=found_count,
            wanted=wanted,
        )
    unknown = [
        f"{heading.shown} ({column_letters(number)}{header.last_row})"
        for number, heading in header.unknown()
    ]
    raise broken(
        HEADING_MISSING,
        missing=", ".join(_named(header, known, key) for key in missing),
        sheet=header.sheet.name,
        rows=header.rows,
        unknown=", ".join(unknown) or "-",
    )


def best_header(book: WorkbookGrid, known: KnownHeadings) -> FoundHeader | None:
    """Return the header with most known headings; None when no row has enough of them."""
    best = max(_headers(book, known), key=lambda each: each.score, default=None)
    return best if best and best.score >= _FEWEST else None


def sheets_of_kind(book: WorkbookGrid, spec: TableSpec) -> tuple[str, ...]:
    """Return the sheets that have a whole table of this kind, in their order."""
    known = KnownHeadings(spec)
    return tuple(
        sheet.name
        for sheet in book.sheets[:_MOST_SHEETS]
        if (found := best_header(replace(book, sheets=(sheet,)), known))
        and not _missing(found, spec)
    )


def stamped_code(book: WorkbookGrid) -> str:
    """Return the code of the list for which a template was made ('' for none)."""
    return book.stamp.replace("/", ";").partition(";")[0].strip()


def _wrong_kind(spec: TableSpec, other: TableSpec, where: str) -> Exception:
    return broken(WRONG_KIND, list=spec.vi, other=other.vi, where=where)


def _missing(header: FoundHeader, spec: TableSpec) -> list[str]:
    """Return the columns that must be there; sub-headings may take the place of one."""
    needed = [each.key for each in spec.columns if each.required and not each.from_subheadings]
    return [key for key in needed if key not in header.columns]


def _named(header: FoundHeader, known: KnownHeadings, key: str) -> str:
    """Name a missing column, with the heading that may be a misspelt one of it."""
    column = known.spec.column(key)
    near = known.similar(column, [heading.text for _, heading in header.unknown()])
    official = f"“{column.headings[0]}”"
    return f"{official} (≈ “{near}”)" if near else official


def _most(book: WorkbookGrid, known: KnownHeadings) -> int:
    return max((each.score for each in _headers(book, known)), default=0)


def _headers(book: WorkbookGrid, known: KnownHeadings) -> Iterator[FoundHeader]:
    """Yield every row that may be a header; a row alone before the same row with the next."""
    for sheet in book.sheets[:_MOST_SHEETS]:
        rows = [row for row in sheet.rows if row <= FIRST_ROWS]
        for row in rows:
            yield _header(sheet, row, row, _single(sheet, row), known)
        for row in rows:
            if headings := _double(sheet, row):
                yield _header(sheet, row, row + 1, headings, known)


def _header(
    sheet: SheetGrid, first: int, last: int, headings: Mapping[int, Heading], known: KnownHeadings
) -> FoundHeader:
    columns = known.assign(headings)
    assigned = {number for numbers in columns.values() for number in numbers}
    ordinal = next(
        (n for n, each in headings.items() if n not in assigned and is_ordinal(each.text)), None
    )
    return FoundHeader(sheet, first, last, headings, columns, ordinal)


def _single(sheet: SheetGrid, row: int) -> dict[int, Heading]:
    return {number: Heading(text) for number, text in _texts(sheet, row).items()}


def _double(sheet: SheetGrid, row: int) -> dict[int, Heading] | None:
    """Return the headings of two rows that joined cells hold together; None for other rows."""
    wide: dict[int, MergedBlock] = {}
    tall: set[int] = set()
    for block in sheet.merges:
        if block.first_row != row:
            continue
        if block.last_row == row and block.last_column > block.first_column:
            wide.update(dict.fromkeys(range(block.first_column, block.last_column + 1), block))
        elif block.last_row == row + 1:
            tall.update(range(block.first_column, block.last_column + 1))
    if not wide or row + 1 not in sheet.rows:
        return None
    upper, lower = _texts(sheet, row), _texts(sheet, row + 1)
    headings = {}
    for number in sorted(upper.keys() | lower.keys()):
        over = wide.get(number)
        above = upper.get(over.first_column if over else number, "")
        if number in tall or number not in lower:
            if not over:
                headings[number] = Heading(above)
        else:
            headings[number] = Heading(lower[number], above)
    return headings


def _texts(sheet: SheetGrid, row: int) -> dict[int, str]:
    cells = sheet.rows.get(row, {})
    texts = {number: text_of(cell).text for number, cell in cells.items()}
    return {number: text for number, text in texts.items() if 0 < len(text) <= LONGEST_HEADING}
