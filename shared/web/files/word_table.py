"""A table of a document as XML: its widths, its head on every page, and the parts that fit a page.

A cell at a time through python-docx takes minutes for a list.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from docx.oxml.ns import nsdecls

from shared.web.files.office_table import (
    CellValue,
    OfficeTable,
    RowRole,
    TableColumn,
    TableRow,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.web.files.office_table import OfficeFile

_TWIPS_PER_MM = 56.7
LONG_SIDE, SHORT_SIDE = 297.0, 210.0
_MM_PER_CHARACTER = 0.19
"""The mean width of a letter, per point of its size, with the margins of a cell."""
_SAME_FROM = 3
"""From so many rows on, a column with one value is replaced by a note."""
_LEAST_WIDTH, _MOST_WIDTH = 7, 34


class WordTable:
    """The columns of a table on paper: their widths, and the parts that fit the page."""

    def __init__(self, table: OfficeTable, rows: Sequence[TableRow], office: OfficeFile) -> None:
        self._table = table
        self._rows = rows
        self._language = office.provenance.language
        page = office.page
        side = LONG_SIDE if page.landscape else SHORT_SIDE
        self._room = side - page.margins[2] - page.margins[3]
        self._size = page.points
        self.notes: list[str] = []
        self._texts = [
            [
                written(value, self._language, grouped=column.grouped)
                for column, value in zip(table.columns, row.cells, strict=True)
            ]
            for row in rows
        ]
        if table.heads:
            shown = [
                number
                for number, column in enumerate(table.columns)
                if not (column.code and len(table.heads) == 1)
            ]
            total = sum(table.columns[number].width for number in shown)
            self._widths = [column.width / total * self._room for column in table.columns]
            self.parts = [tuple(shown)]
        else:
            self._size = min(page.points, 9)
            self._widths = [self._measured(number) for number in range(len(table.columns))]
            self.parts = list(self._fitting())

    def _measured(self, number: int) -> float:
        """Return the width of a column in millimetres, by its longest word and usual text."""
        heading = self._table.columns[number].heading
        texts = [row[number] for row in self._texts]
        words = [len(word) for text in (heading, *texts) for word in text.split()]
        lengths = sorted(len(text) for text in texts)
        often = lengths[int(len(lengths) * 0.9)] if lengths else 0
        wanted = max(min(max(words, default=0), 20), min(often, _MOST_WIDTH), _LEAST_WIDTH)
        return wanted * self._size * _MM_PER_CHARACTER + 3.8

    def _fitting(self) -> Iterator[tuple[int, ...]]:
        """Yield the columns of each part, without those that a note replaces."""
        columns = self._table.columns
        shown = [n for n, column in enumerate(columns) if not column.code]
        if sum(self._widths[n] for n in shown) > self._room:
            shown = self._without_notes(shown)
        part, used = [shown[0]], self._widths[shown[0]]
        for number in shown[1:]:
            if used + self._widths[number] > self._room:
                yield tuple(part)
                # Each further part begins with the first column, which identifies the row.
                part, used = [shown[0]], self._widths[shown[0]]
            part.append(number)
            used += self._widths[number]
        yield tuple(part)

    def _without_notes(self, shown: Sequence[int]) -> list[int]:
        """Leave out the columns that are empty, or the same in every row; notes name them."""
        values = {n: {row[n] for row in self._texts} for n in shown[1:]}
        headings = [column.heading for column in self._table.columns]
        empty = [n for n, each in values.items() if each <= {""}]
        same = [n for n, each in values.items() if len(each) == 1 and n not in empty]
        if len(self._texts) < _SAME_FROM:
            same = []
        vi = self._language == "vi"
        if same:
            words = "Giống nhau ở mọi dòng" if vi else "The same in every row"
            parts = (f"{headings[n]}: {next(iter(values[n]))}" for n in same)
            self.notes.append(f"{words}: {'; '.join(parts)}.")
        if empty and self._texts:
            words = "Cột không có dữ liệu" if vi else "Columns without data"
            self.notes.append(f"{words}: {', '.join(headings[n] for n in empty)}.")
        left_out = {*empty, *same}
        return [n for n in shown if n not in left_out]

    def xml(self, columns: Sequence[int]) -> str:
        """Return a part of the table as XML: its head repeated on each page, no row divided."""
        total = sum(self._widths[number] for number in columns)
        scale = self._room / total if self._table.heads or total > self._room else 1.0
        twips = [round(self._widths[number] * scale * _TWIPS_PER_MM) for number in columns]
        border = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
        head = "".join(self._head(columns, twips))
        body = "".join(self._body(columns, twips))
        return (
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/>'
            f'<w:jc w:val="center"/><w:tblBorders>{border}</w:tblBorders>'
            '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="85" w:type="dxa"/>'
            '<w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"
        )

    def _head(self, columns: Sequence[int], twips: Sequence[int]) -> Iterator[str]:
        rows = self._table.head_rows
        if len(rows) == 1 and all(cell.columns == 1 for cell in rows[0]):
            rows = [[rows[0][number] for number in columns]]
        below: dict[int, int] = {}
        for cells in rows:
            at, parts, waiting = 0, [], list(cells)
            while at < len(twips):
                if below.get(at):
                    below[at] -= 1
                    parts.append(self._cell("", twips[at], merge="continue"))
                    at += 1
                    continue
                if not waiting:
                    break
                cell = waiting.pop(0)
                if cell.rows > 1:
                    below |= {at + right: cell.rows - 1 for right in range(cell.columns)}
                parts.append(
                    self._cell(
                        cell.text,
                        sum(twips[at : at + cell.columns]),
                        span=cell.columns,
                        merge="restart" if cell.rows > 1 else "",
                        bold=True,
                        align="center",
                    )
                )
                at += cell.columns
            yield f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(parts)}</w:tr>"

    def _body(self, columns: Sequence[int], twips: Sequence[int]) -> Iterator[str]:
        for row, texts in zip(self._rows, self._texts, strict=True):
            bold = row.role is not RowRole.BODY
            cells = "".join(
                self._cell(
                    texts[number],
                    width,
                    bold=bold,
                    align=_alignment(row.cells[number], self._table.columns[number]),
                    keep=row.role is RowRole.GROUP,
                )
                for number, width in zip(columns, twips, strict=True)
            )
            yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"

    def _cell(
        self,
        text: str,
        width: int,
        *,
        span: int = 1,
        merge: str = "",
        bold: bool = False,
        align: str = "",
        keep: bool = False,
    ) -> str:
        spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
        middle = '<w:vAlign w:val="center"/>' if bold and align == "center" else ""
        kept = "<w:keepNext/>" if keep else ""
        aligned = f'<w:jc w:val="{align}"/>' if align else ""
        strong = "<w:b/>" if bold else ""
        size = f'<w:sz w:val="{int(self._size * 2)}"/>'
        lines = "<w:br/>".join(
            f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
        )
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}{merged}{middle}</w:tcPr>'
            f"<w:p><w:pPr>{kept}{aligned}</w:pPr><w:r><w:rPr>{strong}{size}</w:rPr>{lines}</w:r></w:p></w:tc>"
        )


def _alignment(value: CellValue, column: TableColumn) -> str:
    if column.centred or isinstance(value, (int, float, Decimal)):
        return "center"
    return "center" if value is not None and not isinstance(value, str) else ""
