"""The cells of a list on a page: names, words and days, each with the card that it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.queries.explaining.titles import MODEL, REGISTRATION
from shared.web.answers.csv_tables import Style, label_of, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.reporting.dashboard.lists.declarations import ListDeclaration, ShownColumn
    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.filters import Item

_MODELS = {
    "source_model_id": MODEL,
    "target_model_id": MODEL,
    "registration_id": REGISTRATION,
}


class ListCell(NamedTuple):
    """The text of a cell, and the address of the card of what it names."""

    text: str
    address: str | None = None
    numeric: bool = False


def cells_of(
    declared: ListDeclaration, items: Sequence[Item], context: PageContext
) -> list[list[ListCell]]:
    """Return the cells of rows, with all names looked up together."""
    titles = _titles(declared, items, context)
    style = Style(context.choice.lang, worded=True)
    return [
        [_cell(column, row, titles, context) for column in declared.columns]
        for row in context.reads.labelled(items, context.as_of, style)
    ]


def _titles(
    declared: ListDeclaration, items: Iterable[Item], context: PageContext
) -> Mapping[str, str]:
    named = [column.name for column in declared.columns if column.name in _MODELS]
    subjects = {
        _MODELS[name] + item[name] for item in items for name in named if item[name] is not None
    }
    found = context.reads.titles(subjects, context.as_of) if subjects else {}
    return {subject: titled.title for subject, titled in found.items() if titled.title}


def _cell(
    column: ShownColumn, row: Mapping[str, Any], titles: Mapping[str, str], context: PageContext
) -> ListCell:
    text = _text(column.name, row, titles, context)
    card = column.card
    if card is None or row.get(card.column) is None or not text:
        return ListCell(text, None, column.numeric)
    if card.parameter == "award" and row.get("state") in {"proposed", "declined"}:
        return ListCell(text)  # the card is that of an award granted
    address = context.choice.address(card.path, **{card.parameter: row[card.column]})
    return ListCell(text, address, column.numeric)


def _text(
    name: str, row: Mapping[str, Any], titles: Mapping[str, str], context: PageContext
) -> str:
    """Return the text of a value: a status, a name, or as it is written."""
    value = row[name]
    if name == "tier":
        return status_of(row, context)
    if value is None:
        other = row.get("recipient_unit_id_label") or row.get("recipient_person_ref") or ""
        return str(other) if name == "recipient_org_id" else ""
    if name in _MODELS:
        return titles.get(_MODELS[name] + value, value)
    if name == "target_unit_id":
        return context.called([(value, context.day)])(value, context.day)
    return str(row[label_of(name)] or "") if label_of(name) in row else _written(name, row, context)


def _written(name: str, row: Mapping[str, Any], context: PageContext) -> str:
    words, value = context.words, row[name]
    if isinstance(value, bool):
        return words("yes" if value else "no")
    if isinstance(value, (int, float)):
        return words(row.get("qualifier") or "exact") + words.number(value)
    if name.endswith("_on"):
        return words.day(value)
    return said(name, value, context.choice.lang) or ""


def status_of(row: Mapping[str, Any], context: PageContext) -> str:
    """Return how far a registration has come: withdrawn, its tier, eligible or registered."""
    if row["withdrawn"]:
        return context.words("withdrawn")
    if row["tier"]:
        return str(row["tier_label"])
    return context.words("eligible" if row["eligible"] else "registered")
