"""Workbooks, documents and CSV files read back as the rows of text and numbers that they hold."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import docx
import openpyxl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx
    from openpyxl.worksheet.worksheet import Worksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def workbook(answer: httpx.Response) -> openpyxl.Workbook:
    """Return a workbook that was answered."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-length"] == str(len(answer.content))
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def document(answer: httpx.Response) -> Any:
    """Return a document that was answered."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == DOCX
    assert answer.headers["content-length"] == str(len(answer.content))
    return docx.Document(io.BytesIO(answer.content))


def sheet_rows(sheet: Worksheet) -> list[list[Any]]:
    """Return the cells of a sheet from its table's head (the frozen rows) to the notes."""
    head = int(str(sheet.freeze_panes)[1:]) - 1
    rows = [list(row) for row in sheet.iter_rows(min_row=head, values_only=True)]
    ends = next((n for n, row in enumerate(rows) if n and _is_note(row)), len(rows))
    width = 1 + max(n for row in rows[:ends] for n, each in enumerate(row) if each is not None)
    return [row[:width] for row in rows[:ends]]


def _is_note(row: Sequence[Any]) -> bool:
    return isinstance(row[0], str) and row[0].startswith(("Số liệu tính đến", "As known until"))


def document_rows(table: Any) -> list[list[str]]:
    """Return the texts of a table of a document."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def csv_rows(answer: httpx.Response) -> list[list[str]]:
    """Return the rows of a CSV file that was answered."""
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
