"""The tables of a file as CSV: its heading, each table under its title, its last line."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from shared.web.answers.csv_tables import BYTE_ORDER_MARK, harmless
from shared.web.files.office_table import flat_headings, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.web.files.office_table import CellValue, OfficeFile


def csv_text(office: OfficeFile) -> bytes:
    """Return the whole file; an empty line separates its parts."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(_lines(office))
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _lines(office: OfficeFile) -> Iterator[list[str]]:
    language = office.provenance.language
    for line in office.heading:
        yield [harmless(line.text)]
    for table in office.tables:
        yield []
        if table.title:
            yield [harmless(table.title)]
        yield [harmless(heading) for heading in flat_headings(table)]
        for row in table.rows:
            yield [_cell(value, language == "vi") for value in row.cells]
        for note in table.notes:
            yield [harmless(note)]
    yield []
    yield [harmless(office.provenance.last_line)]


def _cell(value: CellValue, comma: bool) -> str:  # noqa: FBT001  a private detail
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(written(value, "vi"))
    if isinstance(value, date):
        return value.isoformat()
    text = f"{Decimal(str(value)):f}"
    return text.replace(".", ",") if comma else text
