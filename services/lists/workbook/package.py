"""Reads a workbook with openpyxl into plain values for JSON; runs in the child process only.

Of the package only what a list needs is read: names of sheets, shared texts, styles, the calendar,
the document properties. Drawings, pivot tables, links and macros are never opened.
"""

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from typing import IO, Any, Literal, NamedTuple
from zipfile import ZipFile, ZipInfo

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.utils import datetime as calendar
from openpyxl.xml.constants import ARC_STYLE, SHARED_STRINGS
from openpyxl.xml.functions import fromstring

from services.lists.workbook.archive import XML_PART
from services.lists.workbook.grid import NOT_CALCULATED, CellKind
from services.lists.workbook.limits import MEGABYTE, WorkbookLimits
from services.lists.workbook.problems import TOO_LARGE
from services.lists.workbook.sheet_cells import SheetStream, WrittenCell, WrittenText, shared_texts
from shared.errors import broken

PackedCell = list[object]
"""[column, kind, value, number of the font, is formula], and the runs of a mixed text."""


class _CellStyle(NamedTuple):
    """The part of a style that changes how a value is read."""

    font: str
    is_day: bool
    is_percent: bool
    is_month: bool = False


_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_PLAIN_STYLE = _CellStyle("", is_day=False, is_percent=False)


class _CheckedParts(ZipFile):
    """An archive of which only those parts are opened that were searched for a DOCTYPE."""

    def open(
        self,
        name: str | ZipInfo,
        mode: Literal["r", "w"] = "r",
        pwd: bytes | None = None,
        *,
        force_zip64: bool = False,
    ) -> IO[bytes]:
        """Open a part; one that is no XML by its name is not opened."""
        part = name if isinstance(name, str) else name.filename
        if not XML_PART.search(part):
            message = f"the part {part} was not checked"
            raise ValueError(message)
        return super().open(name, mode, pwd, force_zip64=force_zip64)


class WorkbookPackage(ExcelReader):  # type: ignore[misc, unused-ignore]
    """A workbook of which sheets are streamed one after the other."""

    def __init__(self, source: IO[bytes], limits: WorkbookLimits) -> None:
        super().__init__(source, read_only=True, data_only=True, keep_links=False)
        self._limits = limits
        self._texts: list[WrittenText] = []
        self._fonts: dict[str, int] = {}
        self._styles: list[_CellStyle] = []
        self._letters = 0
        self.archive = _CheckedParts(source)

    def read_strings(self) -> None:
        """Keep the shared texts with the fonts of their pieces, which openpyxl leaves out."""
        package: Any = self.package
        shared = package.find(SHARED_STRINGS)
        if shared is not None:
            with self.archive.open(shared.PartName[1:]) as source:
                self._texts = shared_texts(source)

    def content(self) -> dict[str, object]:
        """Return the whole workbook; raise what a limit refuses."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        # Labels of Office and other programs have types that openpyxl does not know.
        with suppress(TypeError, ValueError, KeyError, AttributeError):
            self.read_custom()
        self._styles = self._read_styles()
        sheets = list(self._sheets())
        book: Any = self.wb  # what the type stubs of openpyxl do not know yet
        return {
            "date1904": self.wb.epoch.year == 1904,
            "properties": {str(each.name): str(each.value) for each in book.custom_doc_props.props},
            "sheets": sheets,
            "fonts": list(self._fonts),
        }

    def _sheets(self) -> Iterator[dict[str, object]]:
        cells = 0
        for sheet, relation in self.parser.find_sheets():
            if relation.target not in self.valid_files or "chartsheet" in relation.Type:
                continue
            state = sheet.state or "visible"
            packed: dict[str, object] = {"name": sheet.name, "state": state}
            if state == "visible":
                stream = SheetStream(sheet.name, self._limits, cells)
                with self.archive.open(relation.target) as source:
                    packed["rows"] = self._rows(stream, source)
                packed["merges"], packed["hidden_rows"] = stream.merges, stream.hidden_rows
                cells = stream.cells_so_far
            yield packed

    def _rows(self, stream: SheetStream, source: IO[bytes]) -> list[tuple[int, list[PackedCell]]]:
        rows: dict[int, list[PackedCell]] = {}
        for cell in stream.cells(source):
            rows.setdefault(cell.row, []).append(self._packed(cell))
        return sorted(rows.items())

    def _packed(self, cell: WrittenCell) -> PackedCell:
        style = self._styles[cell.style] if cell.style < len(self._styles) else _PLAIN_STYLE
        font = self._fonts.setdefault(style.font, len(self._fonts))
        kind, value = self._value(cell, style)
        if isinstance(value, list):
            text = "".join(piece for piece, _ in value)
            self._count(text)
            return [cell.column, kind, text, font, cell.is_formula, value]
        if isinstance(value, str):
            self._count(value)
        return [cell.column, kind, value, font, cell.is_formula]

    def _count(self, text: str) -> None:
        self._letters += len(text)
        if self._letters > self._limits.letters:
            limit = self._limits.letters // MEGABYTE
            raise broken(TOO_LARGE, part="*", megabytes=f"> {limit}", limit=limit)

    def _value(self, cell: WrittenCell, style: _CellStyle) -> tuple[CellKind, object]:
        value = cell.value
        if value is None or value == "":
            # A formula that gives an empty text has a type; one never calculated has none.
            calculated = cell.type == "str"
            return (CellKind.TEXT, "") if calculated else (CellKind.ERROR, NOT_CALCULATED)
        if isinstance(value, list) or cell.type in ("str", "inlineStr"):
            return CellKind.TEXT, value
        if cell.type == "s":
            return CellKind.TEXT, self._texts[int(value)]
        return self._typed(cell.type, value, style)

    def _typed(self, kind: str, value: str, style: _CellStyle) -> tuple[CellKind, object]:
        if kind == "b":
            return CellKind.YES_NO, value in ("1", "true")
        if kind == "e":
            return CellKind.ERROR, value
        if kind == "d":
            return _day(_from_iso(value))
        return self._number(value, style)

    def _number(self, value: str, style: _CellStyle) -> tuple[CellKind, object]:
        number = float(value)
        if not math.isfinite(number):
            return CellKind.ERROR, "#NUM!"
        if style.is_day:
            try:
                kind, day = _day(calendar.from_excel(number, self.wb.epoch))
            except (OverflowError, ValueError):
                return CellKind.NUMBER, number
            return (CellKind.MONTH if style.is_month and day.endswith("-01") else kind), day
        kind = CellKind.PERCENT if style.is_percent else CellKind.NUMBER
        return kind, int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _read_styles(self) -> list[_CellStyle]:
        if ARC_STYLE not in self.valid_files:
            return []
        tree: Any = fromstring(self.archive.read(ARC_STYLE))
        sheet: Any = Stylesheet.from_tree(tree)
        fonts = [font.name or "" for font in sheet.fonts]
        formats = list(sheet.number_formats)
        return [
            _CellStyle(
                fonts[style.fontId] if style.fontId < len(fonts) else "",
                is_day=number in sheet.date_formats and number not in sheet.timedelta_formats,
                is_percent="%" in _format(style.numFmtId, formats),
                is_month=_is_month(_format(style.numFmtId, formats)),
            )
            for number, style in enumerate(sheet.cell_styles)
        ]


def _from_iso(text: str) -> object:
    reader: Any = calendar.from_ISO8601
    day: object = reader(text)
    return day


def _format(number: int, formats: list[str]) -> str:
    if number < BUILTIN_FORMATS_MAX_SIZE:
        return str(BUILTIN_FORMATS.get(number, ""))
    own = number - BUILTIN_FORMATS_MAX_SIZE
    return formats[own] if own < len(formats) else ""


def _is_month(code: str) -> bool:
    """Tell whether a format shows month and year without the day (mmm-yy, mm/yyyy)."""
    letters = _LITERAL.sub("", code).lower()
    return "m" in letters and "y" in letters and "d" not in letters


def _day(value: object) -> tuple[CellKind, str]:
    """Return a day, with its hour only where it has one; an hour alone is a text."""
    if isinstance(value, datetime):
        is_midnight = value.time() == time()
        return CellKind.DAY, (value.date() if is_midnight else value).isoformat()
    if isinstance(value, date):
        return CellKind.DAY, value.isoformat()
    return CellKind.TEXT, str(value)
