"""The lists of registrations, replications and awards: the entities behind the figures."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from sqlalchemy import func, select

from services.reporting.figures.measures import AwardBits, RegistrationBits, from_thousandths
from services.reporting.figures.members import EntitySet, EntitySets
from services.reporting.queries.lists.entity_columns import (
    AWARD_COLUMNS,
    REGISTRATION_COLUMNS,
    REPLICATION_COLUMNS,
)
from services.reporting.readmodels.awards.state import SUBJECT as AWARD
from services.reporting.readmodels.parts.version_rows import known_at
from services.reporting.readmodels.registrations.state import SUBJECT as REGISTRATION
from shared.database.columns import among
from shared.vocabulary import Flag
from shared.web.answers.pagination import Listed, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from services.reporting.figures.cube import Cube, Cubes
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.readmodels.awards.readmodel import Awards
    from services.reporting.readmodels.registrations.readmodel import Registrations
    from shared.readmodel.store import Store

EntityList = Literal["registrations", "awards"]
_CHUNK = 1_000
_REGISTRATIONS = RegistrationBits.REGISTERED | RegistrationBits.WITHDRAWN
_REPLICATED = RegistrationBits.REPLICATED
_AWARDS = AwardBits.GRANTED | AwardBits.REVOKED


class EntityLists:
    """Pages of registrations, replications and awards, year by year, in the order of recording."""

    def __init__(
        self, store: Store, cubes: Cubes, registrations: Registrations, awards: Awards
    ) -> None:
        self._store = store
        self._cubes = cubes
        self._registrations = registrations
        self._awards = awards
        self._entity_sets = EntitySets()

    def members(self, name: EntityList, list_query: ListQuery, bits: int | None) -> EntitySet:
        """Return all entities that pass the filters, with any of the bits (None: every entity)."""
        cube, every = self._of(name)
        sets = [
            self._entity_sets.of(cube, list_query, year, bits=bits or every)
            for year in self._years(list_query, cube)
        ]
        columns = zip(*sets, strict=True) if sets else [[]] * len(EntitySet._fields)
        joined = EntitySet(*(np.concatenate([np.zeros(0, np.int64), *each]) for each in columns))
        if len(sets) == 1:
            return joined
        order = np.argsort(joined.numbers, kind="stable")
        return EntitySet(*(column[order] for column in joined))

    def items(self, name: EntityList, list_query: ListQuery, numbers: Sequence[int]) -> list[Item]:
        """Return the items of entities, in the order of the numbers."""
        read = self.registration_items if name == "registrations" else self.award_items
        by_thing = {item.pop("thing"): item for item in read(list_query, numbers)}
        return [by_thing[number] for number in numbers]

    def cube(self, name: EntityList) -> Cube:
        """Return the cube whose numbers a set of entities has."""
        return self._of(name)[0]

    def _of(self, name: EntityList) -> tuple[Cube, int]:
        if name == "registrations":
            return self._cubes.registrations, _REGISTRATIONS
        return self._cubes.awards, _AWARDS

    def replication_items(self, list_query: ListQuery) -> list[Item]:
        """Return all replications that pass the filters, in the order of recording."""
        return [item for _, item in self._replications(list_query, (0, 0, 0))]

    def registrations(self, list_query: ListQuery) -> Listed:
        """Return a page of registrations, withdrawn ones too."""
        return self._page(
            list_query, self._cubes.registrations, _REGISTRATIONS, self.registration_items
        )

    def replications(self, list_query: ListQuery) -> Listed:
        """Return a page of replications, each at the place of the registration it counts under."""
        limit, after = list_query.page.limit, list_query.page.after
        place = (after("year", 0), after("thing", 0), after("position", 0))
        found: list[tuple[tuple[int, int, int], Item]] = []
        for item_place, item in self._replications(list_query, place):
            found.append((item_place, item))
            if len(found) > limit:
                break
        page, last = cut(found, limit)
        if last is None:
            return Listed([item for _, item in page], None)
        year, entity, position = last[0]
        following = list_query.place(year=year, thing=entity, position=position)
        return Listed([item for _, item in page], following)

    def _replications(
        self, list_query: ListQuery, after: tuple[int, int, int]
    ) -> Iterator[tuple[tuple[int, int, int], Item]]:
        """Yield (place, item) of the replications after a place (year, thing, position)."""
        cube = self._cubes.registrations
        for year in self._years(list_query, cube):
            if year < after[0]:
                continue
            entities = self._entity_sets.of(cube, list_query, year, bits=_REPLICATED)
            first = int(entities.numbers.searchsorted(after[1])) if year == after[0] else 0
            for begin in range(first, len(entities.numbers), _CHUNK):
                end = begin + _CHUNK
                homes = {
                    entity: _Home.of(cube, unit, day, dims)
                    for entity, _, unit, day, dims, _ in zip(
                        *(column[begin:end].tolist() for column in entities), strict=True
                    )
                }
                for row in self._model_statements(list_query, homes):
                    place = (year, row["thing"], row["position"])
                    if place > after:
                        yield place, _replication(row, homes[row["thing"]], list_query)

    def _model_statements(
        self, list_query: ListQuery, entities: Collection[int]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the statements in force about models, in order."""
        table = self._registrations.model_statements.table
        statement = table.c
        retracted = statement.retracted_position
        with self._store.reading() as connection:
            query = (
                select(table)
                .where(
                    among(connection, statement.thing, entities),
                    statement.position <= list_query.position,
                )
                .where(retracted.is_(None) | (retracted > list_query.position))
                .order_by(statement.thing, statement.position)
            )
            return [dict(row) for row in connection.execute(query).mappings()]

    def awards(self, list_query: ListQuery) -> Listed:
        """Return a page of awards granted, revoked ones too."""
        return self._page(list_query, self._cubes.awards, _AWARDS, self.award_items)

    def _page(
        self,
        list_query: ListQuery,
        cube: Cube,
        bits: int,
        items_of: Callable[[ListQuery, Collection[int]], Sequence[Item]],
    ) -> Listed:
        limit = list_query.page.limit
        year, entity = list_query.page.after("year", 0), list_query.page.after("thing", 0)
        found: list[tuple[int, int]] = []
        for each in self._years(list_query, cube):
            if each < year:
                continue
            after = entity if each == year else 0
            entities = self._entity_sets.of(cube, list_query, each, bits=bits).numbers
            first = int(entities.searchsorted(after, side="right"))
            needed = limit + 1 - len(found)
            found += [(each, int(number)) for number in entities[first : first + needed]]
            if len(found) > limit:
                break
        page, last = cut(found, limit)
        by_thing = {item.pop("thing"): item for item in items_of(list_query, [t for _, t in page])}
        items = [by_thing[number] for _, number in page]
        return Listed(items, list_query.place(year=last[0], thing=last[1]) if last else None)

    @staticmethod
    def _years(list_query: ListQuery, cube: Cube) -> Sequence[int]:
        stated = list_query.filters.plan_year
        return cube.cache.years() if stated is None else [stated]

    def registration_items(
        self, list_query: ListQuery, entities: Collection[int]
    ) -> Sequence[Item]:
        """Return registrations as items of their list, with their numbers, in no order."""
        if not entities:
            return []
        model = self._registrations
        entity, title = model.things.c, model.titles.c
        with self._store.reading() as connection:
            latest = (
                select(title.thing, func.max(title.from_position).label("at"))
                .where(among(connection, title.thing, entities))
                .where(title.from_position <= list_query.position)
                .group_by(title.thing)
                .subquery()
            )
            query = (
                select(
                    entity.subject,
                    entity.model_id,
                    entity.plan_year,
                    entity.programme,
                    title.title,
                    model.versions,
                )
                .where(among(connection, entity.thing, entities))
                .where(entity.thing == model.versions.c.thing)
                .where(known_at(model.versions, list_query.position))
                .where(latest.c.thing == entity.thing)
                .where(title.thing == entity.thing, title.from_position == latest.c.at)
            )
            rows = connection.execute(query).mappings().all()
        return [_registration(dict(row), list_query) for row in rows]

    def award_items(self, list_query: ListQuery, entities: Collection[int]) -> Sequence[Item]:
        """Return awards as items of their list, with their numbers, in no order."""
        if not entities:
            return []
        model = self._awards
        with self._store.reading() as connection:
            query = (
                select(model.things.c.subject, model.versions)
                .where(among(connection, model.things.c.thing, entities))
                .where(model.things.c.thing == model.versions.c.thing)
                .where(known_at(model.versions, list_query.position))
            )
            rows = connection.execute(query).mappings().all()
        return [_award(dict(row), list_query) for row in rows]


class _Home(NamedTuple):
    """The place where a statement on a model counts: a registration's unit, day and programme."""

    unit_id: str
    day: str
    programme: str

    @classmethod
    def of(cls, cube: Cube, unit: int, day: int, dims: int) -> _Home:
        """Return the values of a cube's interned numbers."""
        cache = cube.cache
        (unit_id,), (programme, *_) = cache.units.words[unit], cache.dims.words[dims]
        return cls(unit_id, date.fromordinal(day).isoformat(), programme)


def _replication(row: Mapping[str, Any], home: _Home, list_query: ListQuery) -> Item:
    stated = {
        **row,
        "source_model_id": row["model_id"],
        "programme": home.programme,
        "unit_id": home.unit_id,
        "unit_name": list_query.unit_name(home.unit_id, home.day),
    }
    return {column: stated[column] for column in REPLICATION_COLUMNS}


def _registration(row: dict[str, Any], list_query: ListQuery) -> Item:
    recognized, total = row["tier"] is not None, row["evaluation_total"]
    flags = {
        Flag.RECOGNIZED_WITHOUT_ELIGIBLE: recognized and not row["eligible"],
        Flag.DECISION_WITHOUT_NUMBER: recognized and not row["decision_number"],
        Flag.UNKNOWN_ORGANIZATION: row["unknown_organization"],
    }
    more = {
        "registration_id": row["subject"].removeprefix(REGISTRATION),
        "unit_name": list_query.unit_name(row["unit_id"], row["occurred_on"]),
        "subject_form": row["subject_form"] or "model",
        "flags": [flag.value for flag, raised in flags.items() if raised],
        "position": row["from_position"],
        "evaluation_total": None if total is None else from_thousandths(total),
    }
    return _item(row, more, REGISTRATION_COLUMNS)


def _award(row: dict[str, Any], list_query: ListQuery) -> Item:
    in_force = not row["revoked"]
    flags = {
        Flag.DECISION_WITHOUT_NUMBER: in_force and not row["decision_number"],
        Flag.POSSIBLE_DUPLICATE_AWARD: in_force and row["possible_duplicate"],
        Flag.UNKNOWN_ORGANIZATION: in_force and row["unknown_organization"],
    }
    more = {
        "award_id": row["subject"].removeprefix(AWARD),
        "unit_name": list_query.unit_name(row["unit_id"], row["occurred_on"]),
        "registration_ids": row["registration_ids"].split(),
        "flags": [flag.value for flag, raised in flags.items() if raised],
        "position": row["from_position"],
    }
    return _item(row, more, AWARD_COLUMNS)


def _item(row: dict[str, Any], more: dict[str, Any], columns: Sequence[str]) -> Item:
    stated = {**row, **more}
    return {"thing": row["thing"], **{column: stated[column] for column in columns}}
