"""A file becomes the rows of a list, by the columns of its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.lists.kinds.catalog import KINDS
from services.lists.kinds.kind import ListKind
from services.lists.reading.cell_values import ReadValue
from services.lists.reading.columns import TableSpec
from services.lists.reading.findings import FindingKind, ListFinding
from services.lists.reading.numbers import Amount
from services.lists.reading.other_values import DocumentMention
from services.lists.reading.table_reader import read_table
from services.lists.remarks import Remark
from services.lists.uploads.checking import StatedRow
from services.lists.workbook.reading_process import read_workbook


@dataclass(frozen=True, slots=True)
class ReadList:
    """The rows of a file, and what reading says of the whole file."""

    rows: list[StatedRow]
    summary: Mapping[str, Any]


def read_list(content: bytes, kind: ListKind, answers: Mapping[str, str]) -> ReadList:
    """Return the rows of a workbook; raises `LedgerError` when it cannot be read."""
    book = read_workbook(content)
    others = [spec_of(each) for each in KINDS.values() if each is not kind]
    table = read_table(book, spec_of(kind), others, answers)
    columns = {letters: key for key, letters in table.columns.items()}
    rows: list[StatedRow] = [
        (
            row.number,
            _values(row.values),
            row.cells,
            [_remark(finding, columns) for finding in row.findings],
        )
        for row in table.rows
    ]
    summary = {
        "sheet": table.sheet,
        "counts": asdict(table.counts),
        "unknown_headings": [[each.cell, each.text] for each in table.unknown_headings],
        "notices": [[each.code, each.vi, each.en] for each in book.notices],
        "questions": [asdict(_remark(each, columns)) for each in _questions(table.findings)],
        "header_row": table.header_rows[1],
        "columns": dict(table.columns),
    }
    return ReadList(rows, summary)


def spec_of(kind: ListKind) -> TableSpec:
    """Return the description by which reading finds a kind of list."""
    return TableSpec(kind.name, *kind.title, tuple(column.spec for column in kind.columns))


def _questions(findings: Sequence[ListFinding]) -> Sequence[ListFinding]:
    return [each for each in findings if each.kind is FindingKind.QUESTION]


def _remark(finding: ListFinding, columns: Mapping[str, str]) -> Remark:
    return Remark(
        finding.code,
        finding.vi,
        finding.en,
        columns.get(finding.cell.rstrip("0123456789"), ""),
        finding.cell,
        finding.read,
        finding.suggestions,
        finding.kind is FindingKind.QUESTION,
        finding.key,
    )


def _values(read: Mapping[str, ReadValue]) -> Mapping[str, Any]:
    """Return the values of a row; a document in one cell is its number and its day."""
    values = {key: _value(value) for key, value in read.items()}
    for key, value in read.items():
        if isinstance(value, DocumentMention):
            values.setdefault(f"{key}_number", value.number)
            if value.day is not None:
                values.setdefault(f"{key}_day", value.day)
    return values


def _value(value: object) -> Any:  # noqa: ANN401  text, number, day or truth
    match value:
        case Amount(number=number):
            return number
        case _:
            return value
