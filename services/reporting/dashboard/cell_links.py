"""The cell of a table in the address of a page: its dimensions, as in an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.reporting.figures.grouping_by_map import ALLOCATED
from shared.vocabulary import Dimension, Flag, Measure
from shared.vocabulary.code_words import CODE_WORDS
from shared.web.answers.csv_tables import said
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.dashboard.texts.formatting import PageTexts
    from services.reporting.queries.facade import Queries

ROW = "row"
"""The parameter for the row of a table by unit; `unit` is the scope of every page."""
CELL = (ROW, *(str(each) for each in Dimension if each is not Dimension.UNIT))
NAMED = (Dimension.FIELD, Dimension.BLOCK, Dimension.TIER, Dimension.AWARD_FORM)


_NONE: Mapping[str, str] = {
    Dimension.TIER: "no_tier",
    Dimension.CLASSIFICATION: "no_classification",
}
"""The words for a dimension without a value; elsewhere the value is only unknown."""


class Names:
    """The names of codes: by the taxonomy in force, else by the texts of the pages."""

    def __init__(self, words: PageTexts, by_dimension: Mapping[str, Mapping[str, str]]) -> None:
        self.words = words
        self._by_dimension = by_dimension

    @classmethod
    def of(cls, context: PageContext) -> Names:
        """Return the names used in the tables of a scope and year."""
        return cls(context.words, _names(context.reads, context))

    def __call__(self, dimension: str, code: str | None) -> str:
        """Return the name of a code of a dimension."""
        if code is None and dimension in _NONE:
            return self.words(_NONE[dimension])
        if code is not None and dimension == Dimension.CLASSIFICATION:
            return code  # free text, as the committee states it
        if code is None:
            return self.words(None)
        if named := self._by_dimension.get(dimension, {}).get(code):
            return named
        if code in CODE_WORDS.get(dimension, {}):
            return said(dimension, code, self.words.language) or code
        return self.words.code(code)


def _names(reads: Queries, context: PageContext) -> dict[str, dict[str, str]]:
    return {
        str(each): reads.names(each, context.unit, context.year, context.as_of) for each in NAMED
    }


def cell_of(parameters: Mapping[str, str]) -> dict[str, str | bool | None]:
    """Return the cell that an address names; an empty dimension means: without a value."""
    cell: dict[str, str | bool | None] = {
        str(Dimension.UNIT) if name == ROW else name: parameters[name] or None
        for name in CELL
        if name in parameters
    }
    if ALLOCATED in parameters:
        cell[ALLOCATED] = parameters[ALLOCATED] == "yes"
    return cell


def as_parameters(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell of the contract's dimensions as page parameters."""
    return {ROW if name == Dimension.UNIT else name: code for name, code in cell.items()}


def cell_words(cell: Mapping[str, Any], context: PageContext) -> list[tuple[str, str]]:
    """Return a cell in words: the name of each dimension, and that of its value."""
    words, names = context.words, Names.of(context)
    pairs: list[tuple[str, str]] = []
    for dimension, code in cell.items():
        if dimension == ALLOCATED:
            pairs.append((words("unallocated"), words("at_any_depth")))
        elif dimension != Dimension.UNIT:
            pairs.append((words(dimension), names(dimension, code)))
        elif code is None:
            pairs.append((words("unit"), words("unallocated")))
        elif code == (context.unit or context.reads.country(context.as_of)):
            pairs.append((words("unit"), words("at_scope")))
        else:
            pairs.append((words("unit"), context.called([(code, context.day)])(code, context.day)))
    return pairs


def measure_of(parameters: Mapping[str, str]) -> str | None:
    """Return the measure or flag that an address names, None where it names none; others: 422."""
    measure = parameters.get("measure")
    if measure is not None and measure not in {*map(str, Measure), *map(str, Flag)}:
        raise parameter_error(
            "measure", vi="không phải một chỉ tiêu của sổ cái", en="is no measure of the ledger"
        )
    return measure
