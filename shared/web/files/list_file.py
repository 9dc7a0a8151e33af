"""A list as a table for offices: the columns of its CSV for people, with typed values."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from shared.web.answers.csv_tables import ListTable, Row, Style, cells_of, in_one_text
from shared.web.files.office_table import (
    CellValue,
    OfficeTable,
    PageSetup,
    TableColumn,
    TableRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LIST_PAGE = PageSetup(landscape=True, margins=(20, 20, 20, 15))
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OF_YEARS = frozenset({"year", "plan_year"})
_OF_DAYS = ("_on", ".from", ".to", "valid_from", "valid_to")


def list_table(
    table: ListTable, style: Style, pages: Iterable[Sequence[Row]], *, title: str = ""
) -> OfficeTable:
    """Return a list as a table whose rows are read page by page while they are written."""
    cells = cells_of(table, style)
    columns = [
        TableColumn(heading, grouped=column not in _OF_YEARS, code=column in table.labels)
        for heading, column, _ in cells
    ]

    def rows() -> Iterator[TableRow]:
        for page in pages:
            for row in page:
                yield TableRow([_value(column, read(row), style) for _, column, read in cells])

    return OfficeTable(columns, rows(), title=title)


def _value(column: str, value: object, style: Style) -> CellValue:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _day(value) if column.endswith(_OF_DAYS) and _DAY.fullmatch(value) else value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return value
    return in_one_text(column, value, style)


def _day(text: str) -> CellValue:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
