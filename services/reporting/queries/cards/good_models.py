"""The exchange of good models: exemplary and replicated ones, their promises and outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from services.reporting.figures.measures import RegistrationBits as Bits
from services.reporting.readmodels.registrations.state import SUBJECT as REGISTRATION
from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from services.reporting.queries.cards.model_cards import ModelCards
    from services.reporting.queries.filters import Item
    from services.reporting.queries.lists.registrations_and_awards import EntityLists
    from services.reporting.queries.sorting.sorted_lists import SortedLists
    from services.reporting.queries.sorting.sorted_query import SortedQuery
    from services.reporting.readmodels.catalog import Catalog
    from shared.readmodel.store import Store


class GoodModel(NamedTuple):
    """A model to learn from: its registration, its promises, outcomes, and replications."""

    item: Item
    promised: Mapping[str, Any]
    outcomes: Sequence[Item]
    replications: int


class GoodModels:
    """Reads the exemplary or the replicated models of a scope and year."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        entities: EntityLists,
        cards: ModelCards,
        lists: SortedLists,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._entities = entities
        self._cards = cards
        self._lists = lists

    def part(
        self, query: SortedQuery, first: int, limit: int, *, replicated: bool
    ) -> tuple[list[GoodModel], int]:
        """Return some models from a place on, and the number of all; of registrations of a list."""
        if replicated:
            items, count = self._replicated(query, first, limit)
        else:
            found = self._lists.part(replace(query, bits=Bits.EXEMPLARY), first, limit)
            items, count = list(found.items), found.of
        list_query = query.list_query
        ids = [each["registration_id"] for each in items]
        promised = self._cards.promises(ids, list_query.position)
        outcomes = self._cards.outcomes(ids, list_query)
        models = [each["model_id"] for each in items]
        taken_up = self._cards.replications(models, list_query.position)
        return [
            GoodModel(
                item,
                promised.get(item["registration_id"], {}),
                [o for o in outcomes if o["registration_id"] == item["registration_id"]],
                sum(1 for each in taken_up if each["source_model_id"] == item["model_id"]),
            )
            for item in items
        ], count

    def _replicated(self, query: SortedQuery, first: int, limit: int) -> tuple[list[Item], int]:
        """Return the registrations of replicated models, the latest recorded first."""
        list_query = query.list_query
        found = self._entities.members("registrations", list_query, Bits.REPLICATED).numbers
        numbers = found[::-1][first : first + limit].tolist()
        entity = self._catalog.registrations.things.c
        with self._store.reading() as connection:
            stated = select(entity.thing, entity.model_id, entity.plan_year).where(
                among(connection, entity.thing, numbers)
            )
            models = {row[0]: (row[1], row[2]) for row in connection.execute(stated)}
            theirs = select(entity.thing, entity.model_id, entity.plan_year, entity.subject).where(
                among(connection, entity.model_id, {each for each, _ in models.values()}),
                entity.recorded <= list_query.position,
            )
            rows = connection.execute(theirs.order_by(entity.plan_year, entity.thing)).all()
        registrations = [row for row in rows if row[3].startswith(REGISTRATION)]
        chosen = [_nearest(registrations, *models[number]) for number in numbers]
        return self._entities.items("registrations", list_query, chosen), len(found)


def _nearest(rows: Collection[Any], model_id: str, year: int) -> int:
    """Return the registration of a model under which its replication of a year is shown."""
    theirs = [row for row in rows if row[1] == model_id]
    until = [row for row in theirs if row[2] <= year]
    return int((until or theirs)[-1][0])
