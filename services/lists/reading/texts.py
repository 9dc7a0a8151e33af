"""The words of a cell: in Unicode, composed, without what cannot be seen."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from services.lists.workbook.grid import CellKind, CellValue, GridCell
from services.lists.workbook.legacy_fonts import decoded, encoding_of

_INVISIBLE = re.compile("[\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\ufeff]")
_SOFT_HYPHEN = "\u00ad"
_LINE_ENDS = re.compile(r"\r\n?|[\v\f]")
_LINES = re.compile(r" ?\n(?: ?\n)* ?")
_SPACES = re.compile(r"[^\S\n]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f-\xa0\xad\u1680\u2000-\u206f\u3000\ufeff]|  |^ | $")
"""Nearly every text of a list is clean: one look tells."""


@dataclass(frozen=True, slots=True)
class CellText:
    """The text of a cell, and of one in an old font what its bytes look like and in which."""

    text: str
    typed: str = ""
    encoding: str = ""


def text_of(cell: GridCell, *, many_lines: bool = False) -> CellText:
    """Return the words of a cell of any kind; those of a number are its digits."""
    if cell.kind is not CellKind.TEXT:
        return CellText(shown(cell.kind, cell.value))
    if not cell.runs and encoding_of(cell.font) is None:
        return CellText(clean(str(cell.value), many_lines=many_lines))
    # Decoded before anything is cleaned: U+00AD is the letter ư of TCVN3.
    runs = cell.runs or ((str(cell.value), cell.font),)
    encodings = sorted({str(encoding) for _, font in runs if (encoding := encoding_of(font))})
    typed = clean("".join(piece for piece, _ in runs), many_lines=many_lines)
    if not encodings:
        return CellText(typed)
    text = clean("".join(decoded(piece, font) for piece, font in runs), many_lines=many_lines)
    return CellText(text) if text == typed else CellText(text, typed, ", ".join(encodings))


def clean(text: str, *, many_lines: bool = False) -> str:
    """Return a text composed (NFC), its space single, its lines kept where they are wanted."""
    if unicodedata.is_normalized("NFC", text) and not _UNCLEAN.search(text):
        return text
    visible = _CONTROLS.sub(" ", _INVISIBLE.sub(" ", text.replace(_SOFT_HYPHEN, "")))
    # Space is made single first: a search for space before a line end would be quadratic.
    single = _SPACES.sub(" ", _LINE_ENDS.sub("\n", visible))
    lines = _LINES.sub("\n" if many_lines else " ", single)
    return unicodedata.normalize("NFC", lines).strip()


def shown(kind: CellKind, value: CellValue) -> str:
    """Return a value as the office sees it."""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, datetime):
        return f"{value.day:02}/{value.month:02}/{value.year} {value.hour:02}:{value.minute:02}"
    if isinstance(value, date):
        day = f"{value.month:02}/{value.year}"
        return day if kind is CellKind.MONTH else f"{value.day:02}/{day}"
    if isinstance(value, int | float):
        number = value * 100 if kind is CellKind.PERCENT else value
        digits = f"{number:.15g}".replace(".", ",")
        return f"{digits}%" if kind is CellKind.PERCENT else digits
    return str(value)
