"""One cell of a column becomes a value, a fault or a question."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.lists.reading.columns import ColumnSpec, ValueKind
from services.lists.reading.days import (
    DayFault,
    DayPrecision,
    NoDay,
    ReadDay,
    day_of_number,
    day_of_text,
)
from services.lists.reading.findings import NO, YES, Answers, ListFinding, fault, question
from services.lists.reading.numbers import (
    Amount,
    NoNumber,
    amount_of_number,
    amount_of_text,
    amounts_of_text,
    has_several,
)
from services.lists.reading.other_values import (
    DocumentMention,
    document_of_text,
    yes_no_of_text,
)
from services.lists.reading.rules import (
    CELL_ERROR,
    DAY_IMPOSSIBLE,
    DAY_OF_TWO_DIGITS,
    DAY_UNREADABLE,
    DOCUMENT_UNREADABLE,
    FORMULA_NOT_CALCULATED,
    NUMBER_AMBIGUOUS,
    NUMBER_UNREADABLE,
    TEXT_CONVERTED,
    UNIT_NOT_TAKEN,
    YES_NO_UNREADABLE,
)
from services.lists.reading.texts import CellText, text_of
from services.lists.workbook.grid import NOT_CALCULATED, CellKind, GridCell

ReadValue = str | ReadDay | Amount | tuple[Amount, ...] | bool | DocumentMention


@dataclass(frozen=True, slots=True)
class CellReading:
    """The value of a cell (None: empty, or not to be read), and what the column must know of it."""

    value: ReadValue | None = None
    findings: tuple[ListFinding, ...] = ()
    converted: CellText | None = None
    is_serial: bool = False
    """The day came as a number of Excel, not as a text."""
    is_formula: bool = False


_EMPTY = CellReading()


class CellReader:
    """Reads cells under the answers given so far and the calendar of the workbook."""

    def __init__(self, answers: Answers, *, date1904: bool = False) -> None:
        self._answers = answers
        self._date1904 = date1904
        self._readers = {
            ValueKind.TEXT: self._text,
            ValueKind.DAY: self._day,
            ValueKind.NUMBER: self._number,
            ValueKind.NUMBERS: self._numbers,
            ValueKind.YES_NO: self._yes_no,
            ValueKind.DOCUMENT: self._document,
        }

    def read(self, cell: GridCell | None, column: ColumnSpec, place: str) -> CellReading:
        """Return what a cell says; `place` is its address."""
        if cell is None:
            return _EMPTY
        if cell.kind is CellKind.ERROR:
            code = str(cell.value)
            rule = FORMULA_NOT_CALCULATED if code == NOT_CALCULATED else CELL_ERROR
            return CellReading(findings=(fault(rule, place, code),))
        text = text_of(cell, many_lines=column.many_lines or column.value is ValueKind.NUMBERS)
        if not text.text:
            return _EMPTY
        reading = self._readers[column.value](cell, text, column, place)
        if not cell.is_formula:
            return reading
        return replace(reading, is_formula=True)

    def _text(
        self, _cell: GridCell, text: CellText, _column: ColumnSpec, place: str
    ) -> CellReading:
        if not text.encoding:
            return CellReading(text.text)
        kept = self._answers.to(TEXT_CONVERTED, place) == NO
        return CellReading(text.typed if kept else text.text, converted=text)

    def _day(self, cell: GridCell, text: CellText, _column: ColumnSpec, place: str) -> CellReading:
        value = cell.value
        if isinstance(value, date):
            day = value.date() if isinstance(value, datetime) else value
            is_month = cell.kind is CellKind.MONTH
            precision = DayPrecision.MONTH if is_month else DayPrecision.DAY
            return CellReading(ReadDay(day, precision), is_serial=not is_month)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = day_of_number(value, date1904=self._date1904)
            if isinstance(found, ReadDay):
                return CellReading(found, is_serial=found.precision is DayPrecision.DAY)
            return CellReading(findings=(fault(DAY_UNREADABLE, place, text.text),))
        found = day_of_text(text.text)
        if isinstance(found, ReadDay):
            return CellReading(found)
        return self._no_day(found, text.text, place)

    def _no_day(self, found: NoDay, read: str, place: str) -> CellReading:
        suggestions = tuple(each.as_written() for each in found.suggestions)
        if found.fault is DayFault.TWO_DIGITS:
            answer = self._answers.to(DAY_OF_TWO_DIGITS, place)
            meant = found.suggestions[0] if answer == YES else day_of_text(answer or "")
            if isinstance(meant, ReadDay):
                return CellReading(meant)
            asked = question(DAY_OF_TWO_DIGITS, place, read, suggestions, suggestion=suggestions[0])
            return CellReading(findings=(asked,))
        rule = DAY_IMPOSSIBLE if found.fault is DayFault.IMPOSSIBLE else DAY_UNREADABLE
        return CellReading(findings=(fault(rule, place, read, suggestions),))

    def _number(
        self, cell: GridCell, text: CellText, column: ColumnSpec, place: str
    ) -> CellReading:
        read, value = text.text, cell.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            amount = amount_of_number(value, is_percent=cell.kind is CellKind.PERCENT)
            return self._with_unit(amount, read, column, place)
        found = amount_of_text(read) if cell.kind is CellKind.TEXT else NoNumber()
        if isinstance(found, NoNumber) and found.choices:
            answer = self._answers.to(NUMBER_AMBIGUOUS, place)
            answered = amount_of_text(answer) if answer else found
            found = answered if isinstance(answered, Amount) else found
        if isinstance(found, Amount):
            return self._with_unit(found, read, column, place)
        return _EMPTY if found is None else _no_number(found, read, place)

    def _numbers(
        self, cell: GridCell, text: CellText, column: ColumnSpec, place: str
    ) -> CellReading:
        if cell.kind is not CellKind.TEXT or not has_several(text.text):
            alone = self._number(cell, text, column, place)
            value = (alone.value,) if isinstance(alone.value, Amount) else None
            return replace(alone, value=value)
        found = amounts_of_text(text.text)
        if isinstance(found, NoNumber):
            return _no_number(found, text.text, place)
        return CellReading(found) if found else _EMPTY

    def _with_unit(self, amount: Amount, read: str, column: ColumnSpec, place: str) -> CellReading:
        if column.takes_unit or not amount.unit:
            return CellReading(amount)
        heading = column.headings[0]
        found = fault(UNIT_NOT_TAKEN, place, read, heading=heading, unit=amount.unit)
        return CellReading(findings=(found,))

    def _yes_no(
        self, cell: GridCell, text: CellText, _column: ColumnSpec, place: str
    ) -> CellReading:
        said = cell.value if isinstance(cell.value, bool) else yes_no_of_text(text.text)
        if said is None:
            return CellReading(findings=(fault(YES_NO_UNREADABLE, place, text.text),))
        return CellReading(said)

    def _document(
        self, _cell: GridCell, text: CellText, _column: ColumnSpec, place: str
    ) -> CellReading:
        number, written = document_of_text(text.text)
        if not number:
            return CellReading(findings=(fault(DOCUMENT_UNREADABLE, place, text.text),))
        if not written:
            return CellReading(DocumentMention(number))
        day = day_of_text(written)
        if isinstance(day, ReadDay):
            return CellReading(DocumentMention(number, day))
        asked = self._no_day(day, written, place)
        value = asked.value if isinstance(asked.value, ReadDay) else None
        return CellReading(DocumentMention(number, value), asked.findings)


def _no_number(found: NoNumber, read: str, place: str) -> CellReading:
    if not found.choices:
        return CellReading(findings=(fault(NUMBER_UNREADABLE, place, read),))
    choices = " / ".join(found.choices)
    asked = question(NUMBER_AMBIGUOUS, place, read, found.choices, choices=choices)
    return CellReading(findings=(asked,))
