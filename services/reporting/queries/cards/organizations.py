"""An organisation with its models, plans, inspections and awards, and its result of each year.

What its predecessors did counts with it: an organisation that took their place is rated with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.figures.members import entities_of_organizations
from services.reporting.queries.filters import Filters, ListQuery
from services.reporting.readmodels.parts.version_rows import known_at
from shared.database.columns import among
from shared.errors import NotFound, Problem, declare
from shared.vocabulary import DEFAULT_PROGRAMME, Measure
from shared.web.answers.as_of_parameters import RECORDED, MapChoice
from shared.web.answers.pagination import Page

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from services.reporting.figures.cube import Cubes
    from services.reporting.map_snapshots import MapSnapshots
    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.filters import Item
    from services.reporting.queries.lists.other_lists import StatementLists
    from services.reporting.queries.lists.registrations_and_awards import EntityLists
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store

COUNTED: Mapping[Measure, int] = {
    Measure.REGISTERED: Bits.REGISTERED,
    Measure.ELIGIBLE: Bits.ELIGIBLE,
    Measure.EVALUATED: Bits.EVALUATED,
    Measure.RECOGNIZED: Bits.RECOGNIZED,
    Measure.EXEMPLARY: Bits.EXEMPLARY,
}
"""The measures of registrations in a year's result, with their bits."""
RESULT_COLUMNS = (
    "org_id",
    "org_name",
    "plan_year",
    *(str(each) for each in COUNTED),
    str(Measure.AWARDS_GRANTED),
    "inspections",
    "plan_number",
    "plan_signed_on",
)
UNKNOWN_ORGANIZATION = declare(
    "unknown_organization_card",
    404,
    vi="Sổ cái chưa có tổ chức {org_id} (tính đến vị trí {position}).",
    en="The ledger has no organisation {org_id} (as of position {position}).",
)
_RECORDED = MapChoice(RECORDED, None)
_IN_LIST = Bits.REGISTERED | Bits.WITHDRAWN


@dataclass(frozen=True)
class OrganizationCard:
    """An organisation as last defined, with everything of it and of its predecessors.

    `models` are numbers of registrations by year, the latest first.
    """

    item: Item
    predecessors: Sequence[Item]
    successors: Sequence[Item]
    plans: Sequence[Item]
    inspections: Sequence[Item]
    awards: Sequence[Item]
    models: Mapping[int, Sequence[int]]
    results: Sequence[Item]


class OrganizationCards:
    """Reads organisations as known at a position."""

    def __init__(  # noqa: PLR0917  the parts of the reads
        self,
        store: Store,
        catalog: Catalog,
        cubes: Cubes,
        maps: MapSnapshots,
        entities: EntityLists,
        statements: StatementLists,
    ) -> None:
        self._store = store
        self._maps = maps
        self._catalog = catalog
        self._cubes = cubes
        self._entities = entities
        self._statements = statements

    def query(self, as_of: AsOf) -> ListQuery:
        """Return the query of a card: no filters, and the map as known at a position."""
        return ListQuery.of(Filters(None, None, None, _RECORDED), as_of, Page(), self._maps)

    def card(self, org_id: str, query: ListQuery) -> OrganizationCard:
        """Return an organisation; one that is not defined is 404.

        `query` has no filters: its snapshot gives the names of units.
        """
        before, after = self._line(org_id, query.position)
        named = {each["org_id"]: each for each in self._named([org_id, *before, *after], query)}
        if org_id not in named:
            params = {"org_id": org_id, "position": query.position}
            raise NotFound(Problem(UNKNOWN_ORGANIZATION, params))
        org_ids = [org_id, *before]
        plans = self._of("plans", org_ids, query)
        inspections = self._of("inspections", org_ids, query)
        awards = self.awards(org_ids, query)
        owned = {
            year: entities_of_organizations(
                self._cubes.registrations, org_ids, year, query.position
            )
            for year in reversed(self._cubes.registrations.cache.years())
        }
        card = OrganizationCard(
            item=named[org_id],
            predecessors=[named.get(each) or _unknown(each) for each in before],
            successors=[named.get(each) or _unknown(each) for each in after],
            plans=plans,
            inspections=inspections,
            awards=awards,
            models={
                year: [each.number for each in found if each.bits & _IN_LIST]
                for year, found in owned.items()
                if any(each.bits & _IN_LIST for each in found)
            },
            results=[],
        )
        counted = {
            year: [each for each in found if each.dims[0] == DEFAULT_PROGRAMME]
            for year, found in owned.items()
        }
        years = {
            *(year for year, found in counted.items() if found),
            *(each["plan_year"] for each in (*plans, *inspections, *awards)),
        }
        results = [
            self._result(card, year, [each.bits for each in counted.get(year, ())])
            for year in sorted(years, reverse=True)
        ]
        return OrganizationCard(**{**vars(card), "results": results})

    def awards(self, org_ids: Collection[str], query: ListQuery) -> list[Item]:
        """Return the awards that organisations received, revoked ones too."""
        model = self._catalog.awards
        version = model.versions.c
        with self._store.reading() as connection:
            found = select(version.thing).where(
                among(connection, version.recipient_org_id, org_ids),
                known_at(model.versions, query.position),
            )
            numbers = sorted(connection.scalars(found), reverse=True)
        return self._entities.items("awards", query, numbers)

    def registrations(self, numbers: Sequence[int], query: ListQuery) -> list[Item]:
        """Return registrations of a card."""
        return self._entities.items("registrations", query, numbers)

    def _line(self, org_id: str, position: int) -> tuple[list[str], list[str]]:
        """Return all predecessors, and predecessors of these; and the same of successors."""
        pairs = self._statements.successions(position)
        before: dict[str, list[str]] = {}
        after: dict[str, list[str]] = {}
        for predecessor, successor in pairs:
            before.setdefault(successor, []).append(predecessor)
            after.setdefault(predecessor, []).append(successor)
        return reached(org_id, before), reached(org_id, after)

    def _named(self, org_ids: Collection[str], query: ListQuery) -> list[Item]:
        return self._of("organizations", org_ids, query)

    def _of(self, name: str, org_ids: Collection[str], query: ListQuery) -> list[Item]:
        """Return the items of a list that name one of the organisations, the latest first."""
        source = self._statements.source(name, query)
        with self._store.reading() as connection:
            theirs = among(connection, source.column("org_id"), org_ids)
            rows = connection.execute(source.query.where(theirs)).mappings().all()
        items = [
            source.item_of(
                {**row, "unit_name": query.unit_name(row["unit_id"], row["occurred_on"])}
            )
            for row in rows
        ]
        return sorted(items, key=lambda each: each["occurred_on"], reverse=True)

    @staticmethod
    def _result(card: OrganizationCard, year: int, bits: Sequence[int]) -> Item:
        plan = next((each for each in card.plans if each["plan_year"] == year), None)
        awards = [each for each in card.awards if each["plan_year"] == year]
        awards = [each for each in awards if each["programme"] == DEFAULT_PROGRAMME]
        return {
            "org_id": card.item["org_id"],
            "org_name": card.item["name"],
            "plan_year": year,
            **{
                str(measure): sum(1 for each in bits if each & bit)
                for measure, bit in COUNTED.items()
            },
            str(Measure.AWARDS_GRANTED): sum(1 for each in awards if not each["revoked"]),
            "inspections": sum(
                1
                for each in card.inspections
                if each["plan_year"] == year and each["state"] == "conducted"
            ),
            "plan_number": plan and (plan["document_number"] or ""),
            "plan_signed_on": plan and plan["document_signed_on"],
        }


def reached(start: str, towards: Mapping[str, Sequence[str]]) -> list[str]:
    """Return everything that is reached from a start, the nearest first."""
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        for each in towards.get(waiting.pop(0), ()):
            if each not in found and each != start:
                found[each] = None
                waiting.append(each)
    return list(found)


def _unknown(org_id: str) -> dict[str, Any]:
    return {"org_id": org_id, "name": org_id}
