"""The words of a row become units, codes, organisations and registrations, or remarks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.lists.kinds.kind import ListColumn, ListKind, ListScope, MatchedRow
from services.lists.ledger.reader import LedgerReader
from services.lists.matching.amounts import metrics_of
from services.lists.matching.candidates import Match
from services.lists.matching.codes import CodeList, ListedTaxonomies, NamedCode, contract_codes
from services.lists.matching.organizations import ListedOrganization, OrganizationNames
from services.lists.matching.registrations import ListedRegistration, YearRegistrations
from services.lists.matching.units import ListUnit, UnitsOfDay
from services.lists.reading.columns import ValueKind
from services.lists.remarks import Remark
from shared.vocabulary.vietnamese import plain

_TAXONOMIES = {"field", "block", "tier", "award_form"}
_OPEN_CODES = {"metric", "measure"}
"""Columns whose codes a locality may add to."""


@dataclass(slots=True)
class Words:
    """The ledger's words at one time, with which those of a list are compared.

    `days` are the days on whose map units are looked for, the likeliest first.
    """

    scope: ListScope
    days: Sequence[date]
    maps: Mapping[date, UnitsOfDay]
    taxonomies: ListedTaxonomies
    organizations: OrganizationNames
    registrations: YearRegistrations
    _codes: dict[tuple[str, str], CodeList] = field(default_factory=dict)

    def unit(self, text: str) -> Match[ListUnit]:
        """Return the unit that a text names within the unit of the list."""
        matches = [self.maps[day].find(text, self.scope.unit_id) for day in self.days]
        found = next((match for match in matches if match.found), None)
        return found or next((match for match in matches if match.suggestions), matches[0])

    def codes(self, column: ListColumn, unit_id: str) -> CodeList:
        """Return the codes of a column for a unit."""
        names = column.names or ""
        kept = self._codes.get((names, unit_id))
        if kept is None:
            kept = contract_codes(names, is_open=names in _OPEN_CODES)
            if names in _TAXONOMIES:
                day = self.days[0]
                kept = self.taxonomies.in_force(names, unit_id, day, self.maps[day])
            self._codes[names, unit_id] = kept
        return kept


def words_of(
    kind: ListKind,
    scope: ListScope,
    ledger: LedgerReader,
    today: date,
    *,
    with_registrations: bool = True,
) -> Words:
    """Read from the ledger what a list of a kind needs; a template needs no registrations."""
    first, last = date(scope.plan_year, 1, 1), date(scope.plan_year, 12, 31)
    days = [scope.list_day] if scope.list_day else [min(last, today), min(first, today)]
    maps = {day: ledger.units_on(day) for day in days}
    names = {column.names for column in kind.columns}
    known = [
        ListedOrganization(row["org_id"], row["name"], row["unit_id"])
        for row in (ledger.organizations(scope.unit_id) if "organization" in names else ())
        if row["name"]
    ]
    needed = with_registrations and ("registration" in names or kind.name == "registrations")
    registered = ledger.registrations(scope.unit_id, scope.plan_year) if needed else []
    return Words(
        scope,
        list(dict.fromkeys(days)),
        maps,
        ledger.taxonomies(),
        OrganizationNames(known),
        YearRegistrations(registered),
    )


class RowMatcher:
    """Matches the rows of one list, one after another."""

    def __init__(self, kind: ListKind, words: Words) -> None:
        self._kind = kind
        self._words = words
        self._matched: dict[tuple[str, str, str], str | ListedOrganization | Match[Any]] = {}
        order = {"unit": 0, "organization": 1}
        self._columns = sorted(kind.columns, key=lambda each: order.get(each.names or "", 2))

    def match(
        self, number: int, values: Mapping[str, Any], cells: Mapping[str, str]
    ) -> tuple[MatchedRow, Sequence[Remark]]:
        """Return a row with ids and codes for words, and what could not be matched."""
        matched = dict(values)
        names: dict[str, str] = {}
        remarks: list[Remark] = []
        for column in self._columns:
            text = values.get(column.key)
            if column.names is None or text is None or column.names == "registration":
                continue
            unit_id = matched.get("unit") or self._words.scope.unit_id
            found = self._found(column, str(text), unit_id)
            if isinstance(found, ListedOrganization):
                names[found.org_id] = found.name
                matched[column.key] = found.org_id
            elif isinstance(found, Match):
                matched.pop(column.key)
                remarks.append(_not_matched(column, cells.get(column.key, ""), text, found))
            else:
                matched[column.key] = found
        if "registration_id" in {c.key for c in self._columns if c.names == "registration"}:
            remarks += self._registration(matched, cells)
        remarks += self._missing(matched, values, cells)
        if not remarks:
            remarks += self._amounts(matched, cells)
        known = self._words.registrations.by_id.get(matched.get("registration_id", ""))
        if known is not None and "model_id" in {each.key for each in self._columns}:
            matched.setdefault("model_id", known.model_id)
        return MatchedRow(number, matched, self._words.scope, names), remarks

    def _found(
        self, column: ListColumn, text: str, unit_id: str
    ) -> str | ListedOrganization | Match[Any]:
        """Match a text once: the columns of a list repeat few words many times."""
        key = (column.key, text, unit_id)
        if key not in self._matched:
            self._matched[key] = self._find(column, text, unit_id)
        return self._matched[key]

    def _find(
        self, column: ListColumn, text: str, unit_id: str
    ) -> str | ListedOrganization | Match[Any]:
        if column.names == "unit":
            unit = self._words.unit(text)
            return unit.found.unit_id if unit.found else unit
        if column.names == "organization":
            known = self._words.organizations.find(text, unit_id)
            return known.found or self._words.organizations.define(text, unit_id)
        also = {plain(word): code for word, code in column.also.items()}.get(plain(text))
        code = self._words.codes(column, unit_id).find(text)
        return also or (code.found.code if code.found else code)

    def _registration(self, matched: dict[str, Any], cells: Mapping[str, str]) -> Sequence[Remark]:
        stated, title = matched.get("registration_id"), matched.get("title")
        if stated is not None or title is None:
            return ()
        found = self._words.registrations.find(title, matched.get("unit"), matched.get("owner"))
        if found.found is not None:
            matched["registration_id"] = found.found.registration_id
            return ()
        column = self._kind.column("title")
        return (_not_matched(column, cells.get("title", ""), title, found),)

    def _amounts(self, matched: dict[str, Any], cells: Mapping[str, str]) -> Sequence[Remark]:
        """Make numbers by metric of the amounts of a row."""
        remarks: list[Remark] = []
        for column in self._columns:
            stated = matched.get(column.key)
            if column.spec.value is ValueKind.NUMBERS and stated is not None:
                cell = cells.get(column.key, "")
                matched[column.key], said = metrics_of(stated, matched.get("metric"), cell)
                remarks += said
        return remarks

    def _missing(
        self, matched: Mapping[str, Any], values: Mapping[str, Any], cells: Mapping[str, str]
    ) -> Sequence[Remark]:
        lacking = [
            group
            for group in self._kind.one_of
            if all(matched.get(key) is None and values.get(key) is None for key in group)
        ]
        remarks = [_none_of([self._kind.column(key) for key in group]) for group in lacking]
        return remarks + [
            Remark(
                "column_empty",
                f"Cột “{column.spec.headings[0]}” bắt buộc mà đang để trống.",
                f"The column “{column.spec.headings[0]}” is required and empty.",
                column.key,
                cells.get(column.key, ""),
            )
            for column in self._columns
            if column.spec.required
            and values.get(column.key) is None
            and matched.get(column.key) is None
        ]


def _none_of(columns: Sequence[ListColumn]) -> Remark:
    named = "”, “".join(column.spec.headings[0] for column in columns)
    return Remark(
        "columns_empty",
        f"Cần điền ít nhất một trong các cột “{named}”.",
        f"At least one of the columns “{named}” must be filled in.",
    )


def _not_matched(column: ListColumn, cell: str, text: object, match: Match[Any]) -> Remark:
    suggestions = tuple(_name(each) for each in match.suggestions)
    heading = column.spec.headings[0]
    meant_vi = f" Có phải: {'; '.join(suggestions)}?" if suggestions else ""
    meant_en = f" Perhaps: {'; '.join(suggestions)}?" if suggestions else ""
    return Remark(
        "not_matched",
        f"{heading} “{text}” không có trong sổ cái.{meant_vi}",
        f"{heading} “{text}” is not known to the ledger.{meant_en}",
        column.key,
        cell,
        str(text),
        suggestions,
    )


def _name(item: object) -> str:
    match item:
        case ListUnit(name=name) | NamedCode(name=name) | ListedOrganization(name=name):
            return name
        case ListedRegistration(title=title, registration_id=identity):
            return f"{title} ({identity})"
        case _:
            return str(item)
