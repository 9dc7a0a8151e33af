"""A workbook and the description of a list become the rows of that list."""

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.lists.reading.cell_values import CellReader, CellReading
from services.lists.reading.column_rules import column_findings
from services.lists.reading.columns import ColumnSpec, TableSpec
from services.lists.reading.findings import NO, Answers, ListFinding, fault, question
from services.lists.reading.header_finder import FoundHeader, find_header, sheets_of_kind
from services.lists.reading.person_names import person_in_title
from services.lists.reading.row_kinds import RowKind, RowSorter, Subheading
from services.lists.reading.rules import HEADING_TWICE, PERSON_IN_TITLE, VALUE_MISSING
from services.lists.reading.tables import ReadRow, RowCounts, TableReading, UnknownHeading
from services.lists.reading.texts import text_of
from services.lists.workbook.grid import (
    GridCell,
    MergedBlock,
    WorkbookGrid,
    address,
    column_letters,
)


def read_table(
    book: WorkbookGrid,
    spec: TableSpec,
    others: Sequence[TableSpec] = (),
    answers: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> TableReading:
    """Return the rows of a list; raise the problem when the workbook has no such table.

    `others` are the kinds of lists that it may be instead; `answers` are by `ListFinding.key`. Of
    several sheets with such a list (one for each commune) the fullest head is taken, or the sheet
    that is named; `TableReading.other_sheets` has the rest.
    """
    looked_at = [each for each in book.sheets if sheet in (None, each.name)]
    header = find_header(replace(book, sheets=tuple(looked_at)), spec, others)
    reading = _Table(header, spec, Answers(answers or {}), date1904=book.date1904).reading()
    names = sheets_of_kind(book, spec)
    return replace(reading, other_sheets=tuple(name for name in names if name != reading.sheet))


@dataclass(slots=True)
class _RawRow:
    """A row of the list before the rules that look at a whole column."""

    number: int
    readings: dict[str, CellReading]
    cells: dict[str, str]
    subheadings: tuple[str, ...]
    findings: list[ListFinding] = field(default_factory=list)


class _Table:
    """One table under reading."""

    def __init__(
        self, header: FoundHeader, spec: TableSpec, answers: Answers, *, date1904: bool
    ) -> None:
        self._header = header
        self._spec = spec
        self._answers = answers
        self._reader = CellReader(answers, date1904=date1904)
        self._questions: list[ListFinding] = []
        self._columns = {key: self._chosen(key, found) for key, found in header.columns.items()}
        self._joined = _JoinedCells(header.sheet.merges)
        self._counts: Counter[RowKind] = Counter()
        self._skipped: dict[int, str] = {}
        self._above: list[Subheading] = []

    def reading(self) -> TableReading:
        """Return what the table says."""
        raw = self._rows()
        for column in self._present():
            places = [(row.cells[column.key], row.readings[column.key]) for row in raw]
            asked, replaced = column_findings(column, places, self._answers)
            self._questions += asked
            for index, reading in replaced.items():
                raw[index].readings[column.key] = reading
        header = self._header
        return TableReading(
            spec=self._spec,
            sheet=header.sheet.name,
            header_rows=(header.first_row, header.last_row),
            columns={key: column_letters(number) for key, number in self._columns.items()},
            rows=tuple(self._finished(row) for row in raw),
            counts=self._row_counts(len(raw)),
            findings=tuple(self._questions),
            unknown_headings=tuple(
                UnknownHeading(address(header.last_row, number), heading.shown)
                for number, heading in header.unknown()
            ),
            skipped=self._skipped,
            formulas=sum(each.is_formula for row in raw for each in row.readings.values()),
        )

    def _present(self) -> list[ColumnSpec]:
        return [column for column in self._spec.columns if column.key in self._columns]

    def _chosen(self, key: str, found: list[int]) -> int:
        """Return the column of a key: the first one, until it is answered which."""
        if len(found) == 1:
            return found[0]
        letters = [column_letters(number) for number in found]
        answer = (self._answers.to(HEADING_TWICE, letters[0]) or "").strip().upper()
        if answer in letters:
            return found[letters.index(answer)]
        cells = ", ".join(address(self._header.last_row, number) for number in found)
        heading = self._spec.column(key).headings[0]
        asked = question(
            HEADING_TWICE, letters[0], heading, tuple(letters), heading=heading, cells=cells
        )
        self._questions.append(asked)
        return found[0]

    def _rows(self) -> list[_RawRow]:
        sorter, sheet = RowSorter(self._header), self._header.sheet
        numbers = [number for number in sheet.rows if number > self._header.last_row]
        raw: list[_RawRow] = []
        last = self._header.last_row
        for number in numbers:
            cells = sheet.rows[number]
            kind = sorter.kind(number, cells)
            if kind is RowKind.BLANK:
                continue
            if kind is RowKind.END or self._counts[RowKind.END]:
                self._counts[RowKind.END] += 1
                continue
            self._counts[RowKind.BLANK] += number - last - 1
            last = number
            self._counts[kind] += 1
            if kind is RowKind.DATA:
                raw.append(self._raw(number, cells))
            elif kind is RowKind.SUBHEADING:
                self._enter(sorter.subheading(cells))
            if kind in (RowKind.TOTAL, RowKind.SUBHEADING):
                texts = (text_of(cell).text for cell in cells.values())
                self._skipped[number] = " ".join(text for text in texts if text)
        return raw

    def _enter(self, subheading: Subheading) -> None:
        """Go below a sub-heading, out of those of its own level and deeper."""
        outer = [each for each in self._above if each.level < subheading.level]
        self._above = [*outer, subheading]

    def _raw(self, number: int, cells: Mapping[int, GridCell]) -> _RawRow:
        above = tuple(each.words for each in self._above)
        row = _RawRow(number, {}, {}, above)
        for column in self._present():
            at = self._columns[column.key]
            place = number, at
            cell = cells.get(at)
            if column.fills_down and cell is None:
                place = self._joined.first(number, at)
                cell = self._header.sheet.rows.get(place[0], {}).get(place[1])
            where = address(*place)
            row.cells[column.key] = where
            row.readings[column.key] = self._reader.read(cell, column, where)
        return row

    def _finished(self, row: _RawRow) -> ReadRow:
        values = {key: each.value for key, each in row.readings.items() if each.value is not None}
        findings = [found for each in row.readings.values() for found in each.findings]
        for column in self._spec.columns:
            key = column.key
            if column.from_subheadings and key not in values and row.subheadings:
                values[key] = row.subheadings[-1]
            said = row.readings[key].findings if key in row.readings else ()
            if column.required and key not in values and not said:
                where = row.cells.get(key) or address(row.number, 1)
                findings.append(fault(VALUE_MISSING, where, heading=column.headings[0]))
        findings += self._persons(row)
        return ReadRow(row.number, values, row.cells, tuple(findings), row.subheadings)

    def _persons(self, row: _RawRow) -> list[ListFinding]:
        names = [
            reading.value
            for column in self._present()
            if column.is_person and isinstance((reading := row.readings[column.key]).value, str)
        ]
        found = []
        for column in self._present():
            title = row.readings[column.key].value
            where = row.cells[column.key]
            if not column.is_title or not isinstance(title, str):
                continue
            if self._answers.to(PERSON_IN_TITLE, where) == NO:
                continue
            persons = (person_in_title(title, str(name)) for name in names or ("",))
            if person := next((each for each in persons if each), None):
                found.append(question(PERSON_IN_TITLE, where, title, (), found=person))
        return found

    def _row_counts(self, read: int) -> RowCounts:
        counts = self._counts
        return RowCounts(
            read=read,
            blank=counts[RowKind.BLANK],
            totals=counts[RowKind.TOTAL],
            subheadings=counts[RowKind.SUBHEADING],
            repeated_headings=counts[RowKind.REPEATED],
            after_end=max(0, counts[RowKind.END] - 1),
        )


class _JoinedCells:
    """The joined cells of a sheet by column, to be asked which cell has their value."""

    def __init__(self, blocks: Iterable[MergedBlock]) -> None:
        self._blocks: dict[int, list[tuple[int, int]]] = {}
        for block in blocks:
            if block.last_row > block.first_row:
                rows = block.first_row, block.last_row
                self._blocks.setdefault(block.first_column, []).append(rows)
        for listed in self._blocks.values():
            listed.sort()

    def first(self, row: int, column: int) -> tuple[int, int]:
        """Return the cell of which this one is a part; itself where nothing is joined."""
        listed = self._blocks.get(column, [])
        at = bisect_right(listed, (row, sys.maxsize)) - 1
        if at >= 0 and listed[at][0] <= row <= listed[at][1]:
            return listed[at][0], column
        return row, column
