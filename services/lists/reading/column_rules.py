"""Rules that look at a whole column: days that Excel misread, texts in old fonts."""

from collections.abc import Sequence
from dataclasses import replace

from services.lists.reading.cell_values import CellReading
from services.lists.reading.columns import ColumnSpec, ValueKind
from services.lists.reading.days import DayPrecision, ReadDay, is_swap_suspected
from services.lists.reading.findings import NO, YES, Answers, ListFinding, question
from services.lists.reading.rules import DAYS_SWAPPED, TEXT_CONVERTED

_EXAMPLES = 3

Places = Sequence[tuple[str, CellReading]]
"""The address and the reading of each cell of a column, by row."""


def column_findings(
    column: ColumnSpec, places: Places, answers: Answers
) -> tuple[list[ListFinding], dict[int, CellReading]]:
    """Return the questions about a column, and the readings that its answers replace."""
    if not places:
        return [], {}
    letters = places[0][0].rstrip("0123456789")
    if column.value is ValueKind.DAY:
        return _swapped_days(column, letters, places, answers)
    return _converted_texts(column, letters, places, answers), {}


def _swapped_days(
    column: ColumnSpec, letters: str, places: Places, answers: Answers
) -> tuple[list[ListFinding], dict[int, CellReading]]:
    serials: dict[int, ReadDay] = {}
    texts: list[ReadDay] = []
    for index, (_, reading) in enumerate(places):
        day = reading.value
        if isinstance(day, ReadDay) and reading.is_serial:
            serials[index] = day
        elif isinstance(day, ReadDay) and day.precision is DayPrecision.DAY:
            texts.append(day)
    if not is_swap_suspected(list(serials.values()), texts):
        return [], {}
    answer = answers.to(DAYS_SWAPPED, letters)
    if answer == NO:
        return [], {}
    if answer == YES:
        swapped = {index: day.swapped() for index, day in serials.items()}
        return [], {index: replace(places[index][1], value=day) for index, day in swapped.items()}
    examples = ", ".join(
        f"{places[index][0]}: {day.as_written()} → {day.swapped().as_written()}"
        for index, day in list(serials.items())[:_EXAMPLES]
    )
    return [
        question(
            DAYS_SWAPPED,
            letters,
            "",
            (YES, NO),
            heading=column.headings[0],
            count=len(serials),
            examples=examples,
        )
    ], {}


def _converted_texts(
    column: ColumnSpec, letters: str, places: Places, answers: Answers
) -> list[ListFinding]:
    converted = [(place, text) for place, reading in places if (text := reading.converted)]
    if not converted or answers.to(TEXT_CONVERTED, letters) is not None:
        return []
    # Names of persons are shown beside their rows only.
    examples = "; ".join(
        place if column.is_person else f"{place}: “{each.text}”"
        for place, each in converted[:_EXAMPLES]
    )
    encodings = ", ".join(sorted({each.encoding for _, each in converted}))
    return [
        question(
            TEXT_CONVERTED,
            letters,
            "" if column.is_person else converted[0][1].typed,
            (YES, NO),
            heading=column.headings[0],
            count=len(converted),
            encodings=encodings,
            examples=examples,
        )
    ]
