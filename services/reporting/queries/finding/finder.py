"""One question over models, organisations, units, awards and decisions of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.queries.finding.entry_search import MOST, EntrySearch
from services.reporting.queries.finding.recipient_units import RecipientUnits
from services.reporting.queries.finding.scope_units import ScopeUnits
from services.reporting.queries.scope import naming_day
from shared.vocabulary.search_words import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from services.reporting.queries.explaining.titles import Titled, Titles
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.queries.lists.unit_search import FoundUnit, UnitSearch
    from services.reporting.readmodels.search.readmodel import Search
    from shared.readmodel.store import Store

UNIT = "unit"
AWARD = "award"
LONGEST = 500
"""Characters of a question."""
KINDS = ("model", "organization", UNIT, AWARD, "decision")
"""What is found, in the order in which it is shown."""
ITEM_MEMBERS = (
    "kind",
    "subject",
    "title",
    "organization",
    "org_id",
    "unit_id",
    "unit_name",
    "plan_year",
    "code",
    "model_id",
    "about",
    "inside",
    "signed_on",
    "position",
)


class FoundKind(NamedTuple):
    """A part of what was found of one kind: `number` is exact if so said, else there are more.

    `after` is the number of items up to here if more follow.
    """

    kind: str
    number: int
    exact: bool
    items: Sequence[Item]
    after: int | None


class Finder:
    """Finds entries by words; units by their names on the map."""

    def __init__(self, store: Store, search: Search, units: UnitSearch, titles: Titles) -> None:
        self._titles = titles
        self._units = units
        self._scopes = ScopeUnits()
        self._recipients = RecipientUnits(units)
        self._searches: Mapping[str, EntrySearch] = {
            "model": EntrySearch(store, search.models),
            "organization": EntrySearch(store, search.organizations),
            AWARD: EntrySearch(store, search.awards),
            "decision": EntrySearch(store, search.decisions),
        }

    def find(
        self, list_query: ListQuery, q: str, kinds: Sequence[str], part: tuple[int, int]
    ) -> list[FoundKind]:
        """Return what has the words of `q`, by kind; `part` are the first and last items."""
        question = Question.of(q)
        found: list[FoundKind] = []
        if not question:
            return [FoundKind(kind, 0, exact=True, items=(), after=None) for kind in kinds]
        places = self._scopes.of(list_query)
        start, stop = part[0], min(part[1], MOST)
        for kind in kinds:
            if kind == UNIT:
                items, number = self._found_units(list_query, q, places, (start, stop))
            else:
                instead = None
                if kind == AWARD:
                    instead = self._recipients.instead(question, list_query.snapshot)
                hits = self._searches[kind].hits(
                    question, places, list_query.position, (start, stop), instead
                )
                items, number = self._items(kind, hits.rows, list_query), hits.number
            more = start + len(items) < min(number, MOST)
            after = start + len(items) if more and items else None
            found.append(FoundKind(kind, min(number, MOST), number <= MOST, items, after))
        return found

    def _items(self, kind: str, rows: Sequence[Any], list_query: ListQuery) -> list[Item]:
        """Return hits in the form of the contract, with the names of their units."""
        snapshot, day = list_query.snapshot, _day(list_query)
        with snapshot.lock:
            named = {row.unit_id for row in rows}
            if kind == AWARD:
                named |= {row.about for row in rows if row.about is not None}
            names = {unit_id: snapshot.titled(unit_id, day) for unit_id in named}
        decided: Mapping[str, Titled] = {}
        if kind == "decision" and rows:
            decided = self._titles.of({row.subject for row in rows}, list_query.position)
        about = {
            row.subject: _title(decided.get(row.subject)) if kind != AWARD else names.get(row.about)
            for row in rows
        }
        return [
            {
                "kind": kind,
                "subject": row.subject,
                "title": row.title,
                "organization": row.named,
                "org_id": row.org_id,
                "unit_id": row.unit_id,
                "unit_name": names[row.unit_id],
                "plan_year": row.plan_year,
                "code": row.code or _form(decided.get(row.subject)),
                "model_id": _model(kind, row),
                "about": about[row.subject],
                "inside": None,
                "signed_on": row.signed_on,
                "position": row.position,
            }
            for row in rows
        ]

    def _found_units(
        self,
        list_query: ListQuery,
        q: str,
        places: frozenset[str] | None,
        part: tuple[int, int],
    ) -> tuple[list[Item], int]:
        found = self._units.find(
            q,
            list_query.as_of,
            list_query.filters.map.day,
            _day(list_query),
            part[1],
            within=places,
        )
        return [_unit_item(each) for each in found.units[part[0] :]], found.number


def _day(list_query: ListQuery) -> date:
    filters = list_query.filters
    return naming_day(filters.map, filters.plan_year)


def _model(kind: str, row: Any) -> str | None:  # noqa: ANN401  a row of entries
    if kind == "model":
        return str(row.subject).partition("/")[2]
    about: str | None = row.about
    return about if kind == "decision" else None


def _title(titled: Titled | None) -> str | None:
    return titled and titled.title


def _form(titled: Titled | None) -> str | None:
    return titled and titled.form


def _unit_item(unit: FoundUnit) -> Item:
    stated = {
        "kind": UNIT,
        "subject": f"unit/{unit.unit_id}",
        "title": unit.title,
        "inside": ", ".join(unit.inside) or None,
        "unit_id": unit.unit_id,
        "unit_name": unit.title,
        "code": unit.level,
        "about": unit.formerly,
    }
    return {member: stated.get(member) for member in ITEM_MEMBERS}
