"""Templates filled in with what the ledger knows, so that nobody types an id."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.lists.desk.matching_rows import Words, words_of
from services.lists.desk.worker import DeskWorker
from services.lists.kinds.kind import ListColumn, ListKind, ListScope
from services.lists.ledger.reader import Row
from services.lists.matching.units import ListUnit
from services.lists.output.template import TemplateOf
from shared.clock import day_in_vietnam

LAST_YEAR, THIS_YEAR = "last", "this"


def template_of(
    kind: ListKind, unit: ListUnit, year: int, filled: str, worker: DeskWorker
) -> TemplateOf:
    """Return what the template of a unit and year holds; `filled` is "last", "this" or empty."""
    scope = ListScope(unit.unit_id, year)
    today = day_in_vietnam(worker.clock())
    words = words_of(kind, scope, worker.ledger, today)
    choices = {
        column.key: _choices(column, words) for column in kind.columns if column.names is not None
    }
    rows = list(_rows(kind, unit, year, filled, worker, words))
    return TemplateOf(
        kind,
        unit.unit_id,
        unit.name,
        year,
        {key: found for key, found in choices.items() if found},
        rows,
    )


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


def _rows(
    kind: ListKind, unit: ListUnit, year: int, filled: str, worker: DeskWorker, words: Words
) -> Iterator[Mapping[str, Any]]:
    if filled not in {LAST_YEAR, THIS_YEAR}:
        return
    of_year = year - 1 if filled == LAST_YEAR else year
    organizations = {each.org_id: each.name for each in words.organizations.known}
    for row in worker.ledger.registrations(unit.unit_id, of_year):
        if not row["withdrawn"]:
            yield _filled(kind, row, filled, organizations, words)


def _filled(
    kind: ListKind, row: Row, filled: str, organizations: Mapping[str, str], words: Words
) -> Mapping[str, Any]:
    """Return the cells of a registration: to be kept up this year, or to be judged."""
    columns = {column.key: column for column in kind.columns}

    def name(key: str, code: str | None) -> str | None:
        """Return the name of a code, the code where it has none."""
        if key not in columns or code is None:
            return code
        codes = words.codes(columns[key], row["unit_id"]).codes
        return next((each.name for each in codes if each.code == code), code)

    cells = {
        "title": row["title"],
        "owner": organizations.get(row["owner_org_id"] or "", row["owner_org_id"]),
        "unit": row["unit_name"],
        "owner_kind": name("owner_kind", row["owner_kind"]),
        "field": name("field", row["field_code"]),
        "block": name("block", row["block_code"]),
    }
    if filled == LAST_YEAR and kind.name == "registrations":
        kept = {"model_id": row["model_id"], "registration_kind": "Duy trì"}
        return {**cells, **kept}
    return {**cells, "registration_id": row["registration_id"]}
