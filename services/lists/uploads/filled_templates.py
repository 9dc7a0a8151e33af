"""Templates filled in from the ledger, so that no id is typed by hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.lists.kinds.kind import ListColumn, ListKind, ListScope
from services.lists.ledger.reader import Row
from services.lists.matching.units import ListUnit
from services.lists.output.template import TemplateOf
from services.lists.uploads.matching_rows import Words, words_of
from services.lists.uploads.worker import DeskWorker
from shared.clock import day_in_vietnam

LAST_YEAR, THIS_YEAR = "last", "this"


@dataclass(slots=True)
class FilledTemplate:
    """Makes the template of a kind for a unit and year from what the ledger knows."""

    kind: ListKind
    unit: ListUnit
    year: int
    worker: DeskWorker

    def template_of(self, filled: str) -> TemplateOf:
        """Return what the template holds; `filled` is "last", "this" or empty."""
        scope = ListScope(self.unit.unit_id, self.year)
        words = words_of(
            self.kind,
            scope,
            self.worker.ledger,
            day_in_vietnam(self.worker.clock()),
            with_registrations=False,
        )
        named = (column for column in self.kind.columns if column.names is not None)
        choices = {column.key: _choices(column, words) for column in named}
        return TemplateOf(
            self.kind,
            self.unit.unit_id,
            self.unit.name,
            self.year,
            {key: found for key, found in choices.items() if found},
            list(self._rows(filled, words)),
        )

    def _rows(self, filled: str, words: Words) -> Iterator[Mapping[str, Any]]:
        if filled not in {LAST_YEAR, THIS_YEAR}:
            return
        of_year = self.year - 1 if filled == LAST_YEAR else self.year
        organizations = {each.org_id: each.name for each in words.organizations.known}
        for row in self.worker.ledger.registrations(self.unit.unit_id, of_year):
            if row["withdrawn"]:
                continue
            owner = organizations.get(row["owner_org_id"] or "", row["owner_org_id"])
            cells = {**_named(self.kind, row, words), "owner": owner}
            if filled == LAST_YEAR and self.kind.name == "registrations":
                yield {**cells, "model_id": row["model_id"], "registration_kind": "Duy trì"}
            else:
                yield {**cells, "registration_id": row["registration_id"]}


def _choices(column: ListColumn, words: Words) -> Sequence[str]:
    scope = words.scope.unit_id
    if column.names == "unit":
        units = words.maps[words.days[0]].within(scope)
        return sorted(unit.name for unit in units if unit.unit_id != scope) or [scope]
    if column.names == "organization":
        return sorted({each.name for each in words.organizations.known})
    if column.names == "registration":
        return ()
    return [code.name for code in words.codes(column, scope).codes] + list(column.also)[:1]


def _named(kind: ListKind, row: Row, words: Words) -> Mapping[str, Any]:
    """Return the cells of a registration, with names for its codes."""
    columns = {column.key: column for column in kind.columns}

    def name(key: str, code: str | None) -> str | None:
        if key not in columns or code is None:
            return code
        codes = words.codes(columns[key], row["unit_id"]).codes
        return next((each.name for each in codes if each.code == code), code)

    return {
        "title": row["title"],
        "unit": row["unit_name"],
        "owner_kind": name("owner_kind", row["owner_kind"]),
        "field": name("field", row["field_code"]),
        "block": name("block", row["block_code"]),
    }
