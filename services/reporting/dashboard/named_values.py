"""The names of values in corrected fields: units, organisations, codes of a taxonomy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cell_links import Names
from services.reporting.queries.explaining.titles import ORGANIZATION
from shared.vocabulary import Dimension

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.dashboard.reason_lines import Named

_UNITS = frozenset({"unit_id"})
_ORGANIZATIONS = frozenset({"owner_org_id", "grantor_org_id", "org_id"})
_CODES = {
    "field_code": Dimension.FIELD,
    "block_code": Dimension.BLOCK,
    "award_form": Dimension.AWARD_FORM,
}


def names_of(items: Collection[Mapping[str, Any]], context: PageContext) -> Named:
    """Look up the names of the values of all these items together."""
    stated = [each for item in items for each in _values(item)]
    orgs = {ORGANIZATION + value for field, value in stated if field in _ORGANIZATIONS}
    titles = context.reads.titles(orgs, context.as_of) if orgs else {}
    units = [(value, context.day) for field, value in stated if field in _UNITS]
    called = context.reads.called(units, context.as_of) if units else {}
    names = Names.of(context) if any(field in _CODES for field, _ in stated) else None

    def named(field: str, value: str) -> str | None:
        if field in _UNITS:
            return called.get((value, context.day))
        if field in _ORGANIZATIONS:
            titled = titles.get(ORGANIZATION + value)
            return titled.title if titled else None
        return names(_CODES[field], value) if names and field in _CODES else None

    return named


def _values(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (field, value) of every text in the corrections of an item."""
    for change in item.get("changes", ()):
        for stated in (change["before"], change["after"]):
            parts = stated if isinstance(stated, dict) else {change["field"]: stated}
            yield from ((field, value) for field, value in parts.items() if isinstance(value, str))
