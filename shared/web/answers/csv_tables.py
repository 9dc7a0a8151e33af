"""Lists as CSV (RFC 4180) for programs and for people with spreadsheets.

Without `lang` it is for programs: the columns have the contract's names and order, followed by a
label for each code, `<column>_label` (`unit_name` for a unit). With `lang` it is for people:
headings in that language, each label next to its code, objects spread over columns. Numbers are
always formatted for the reader's language.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from shared.errors import Language
from shared.vocabulary.code_words import CODE_WORDS, Both
from shared.vocabulary.column_words import COLUMN_WORDS
from shared.vocabulary.event_words import FIGURE_WORDS, WORDS_OF_EVENTS
from shared.web.answers.json_response import as_json

Row = Mapping[str, Any]
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the machine's code page
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_FORMULA_WITHIN = re.compile(r"""([;\t\r\n][ \t"]*)(?=[=+\-@＝＋－＠])""")
"""Where a cell begins for a spreadsheet that parts by semicolons, as Excel in Vietnamese does."""
_IDS = re.compile(r"[A-Za-z0-9._-]+(?:; [A-Za-z0-9._-]+)*")
"""Ids of the contract: they may begin like a formula, but cannot call a function."""
_OF_IDS = ("id", "_ids", "_code", "_ref", "tier", "award_form", "metric", "programme")
_TRUE_FALSE: Mapping[bool, Both] = {True: ("có", "yes"), False: ("không", "no")}
_CODE = ("{} (mã)", "{} (code)")
_READABLE = {
    "codes": ("scheme", "code"),
    "entries": ("code", "name"),
    "waiting_for": ("kind", "id"),
}
"""The two members of objects in a list that are shown to people."""


class Style(NamedTuple):
    """The style of rows: the language, and `worded` if they are for people (`lang`)."""

    language: Language
    worded: bool


@dataclass(frozen=True)
class ListTable:
    """The columns of a list: those of the contract, those with labels, those with objects."""

    columns: Sequence[str]
    labels: frozenset[str] = frozenset()
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headings: Mapping[str, Both] = field(default_factory=dict)
    """Headings that differ from those in other lists."""

    def heading(self, column: str, language: Language) -> str:
        """Return the heading of a column."""
        both = self.headings.get(column)
        return both[_place(language)] if both else in_words(column, language)


def in_words(column: str, language: Language) -> str:
    """Return the heading of a column or dimension, by default its name."""
    both = COLUMN_WORDS.get(column) or FIGURE_WORDS.get(column, (column, column))
    return both[_place(language)]


def label_of(column: str) -> str:
    """Return the name of the label column of a code."""
    return "unit_name" if column in {"unit_id", "unit"} else f"{column}_label"


@lru_cache(maxsize=4_096)
def _words(column: str, code: str, language: Language) -> str:
    if column == "type":
        name = code.split(".")[1] if code.count(".") > 1 else code
        both = WORDS_OF_EVENTS.get(name, (name, name))
    else:
        both = CODE_WORDS.get(column, {}).get(code) or FIGURE_WORDS.get(code, (code, code))
    return both[_place(language)]


def said(column: str, code: object, language: Language) -> str | None:
    """Return the label of a column's code, by default the code itself."""
    if code is None:
        return None
    if isinstance(code, (list, tuple)):
        return "; ".join(said(column, each, language) or "" for each in code)
    return _words(column, str(code), language)


class CsvWriter:
    """Writes the rows of a table page by page, for one reader."""

    def __init__(self, table: ListTable, style: Style) -> None:
        self._style = style
        self._cells = list(_worded(table, style.language) if style.worded else _named(table))

    def head(self) -> bytes:
        """Return the byte-order mark and the line of headings."""
        return (BYTE_ORDER_MARK + self._lines([[heading for heading, _ in self._cells]])).encode()

    def lines(self, rows: Iterable[Row]) -> bytes:
        """Return rows as lines."""
        cells = [read for _, read in self._cells]
        style = self._style
        written = (
            [_text(column, read(row, style.language), style) for column, read in cells]
            for row in rows
        )
        return self._lines(written).encode()

    @staticmethod
    def _lines(rows: Iterable[Sequence[str]]) -> str:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        return text.getvalue()


_Read = Callable[[Row, Language], object]
_Cell = tuple[str, tuple[str, _Read]]
"""A heading, the column that determines the format, and the getter of the value."""


def _named(table: ListTable) -> Iterable[_Cell]:
    labelled = [each for each in table.columns if each in table.labels]
    for column in table.columns:
        yield column, (column, _value(column))
    for column in labelled:
        if label_of(column) not in table.columns:
            yield label_of(column), (label_of(column), _label(column))


def _worded(table: ListTable, language: Language) -> Iterable[_Cell]:
    """Yield each column, with the label next to its code."""
    label_columns = {label_of(column) for column in table.labels}
    spread = (
        f"{column}.{member}" if member else column
        for column in table.columns
        if column not in label_columns
        for member in table.members.get(column, ("",))
    )
    for column in spread:
        heading = table.heading(column, language)
        if column in table.labels:
            yield _CODE[_place(language)].format(heading), (column, _value(column))
            yield heading, (label_of(column), _label(column))
        else:
            yield heading, (column, _value(column))


def cells_of(table: ListTable, style: Style) -> list[tuple[str, str, Callable[[Row], object]]]:
    """Return for each column its heading, the column whose rules apply, and its reader."""

    def bound(read: _Read) -> Callable[[Row], object]:
        return lambda row: read(row, style.language)

    cells = _worded(table, style.language) if style.worded else _named(table)
    return [(heading, column, bound(read)) for heading, (column, read) in cells]


def in_one_text(column: str, value: object, style: Style) -> str:
    """Return a truth value, a list or an object as one text, with nothing before it."""
    if isinstance(value, bool):
        return _TRUE_FALSE[value][_place(style.language)]
    return _readable(column, value) or as_json(value).decode()


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return _harmless("", text)


def _value(column: str) -> _Read:
    name, _, member = column.partition(".")
    if member:
        return lambda row, _: (row.get(name) or {}).get(member)
    return lambda row, _: row.get(name)


def _label(column: str) -> _Read:
    value, label = _value(column), label_of(column)
    words = column if column in CODE_WORDS else column.rpartition(".")[2]

    def read(row: Row, language: Language) -> object:
        if label in row:
            return row[label]
        return said(words, value(row, language), language)

    return read


def _text(column: str, value: object, style: Style) -> str:
    """Return the text of a cell."""
    if value is None:
        return ""
    if type(value) is str:
        return _harmless(column, value)
    if isinstance(value, bool):
        return _TRUE_FALSE[value][_place(style.language)] if style.worded else str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (float, Decimal)):
        text = f"{Decimal(str(value)):f}"
        return text.replace(".", ",") if style.language == "vi" else text
    if isinstance(value, (list, tuple, dict)):
        value = (style.worded and _readable(column, value)) or as_json(value).decode()
    return _harmless(column, str(value))


def _readable(column: str, value: object) -> str:
    """Return a list as text for people; empty if the value is no list."""
    if not isinstance(value, (list, tuple)):
        return ""
    members = _READABLE.get(column, ())
    return "; ".join(
        ": ".join(str(each[member]) for member in members) if isinstance(each, dict) else str(each)
        for each in value
    )


def _harmless(column: str, text: str) -> str:
    """Return a text that no spreadsheet runs as a formula, since publishers write the texts.

    Ids are returned unchanged.
    """
    starts = text[:1] in _FORMULA_STARTS
    if not starts and _FORMULA_WITHIN.search(text) is None:
        return text
    if column.endswith(_OF_IDS) and _IDS.fullmatch(text):
        return text
    return ("'" if starts else "") + _FORMULA_WITHIN.sub(r"\1'", text)


def _place(language: Language) -> int:
    return 0 if language == "vi" else 1
