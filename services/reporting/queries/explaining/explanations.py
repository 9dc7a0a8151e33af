"""The explanation of a figure: the entities that it counts, each with its events.

There is one item for each counted entity, so the number of items always equals the figure. For a
count of different organisations each item is an organisation, with the events of its counted
entities.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, literal, select

from services.reporting.figures.cells import cell_of, counters_of
from services.reporting.figures.members import EntitySets
from services.reporting.queries.lists.model_history import event_item
from shared.database.columns import among
from shared.web.answers.pagination import cut

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from services.reporting.figures.cells import Counter
    from services.reporting.figures.cube import Cube, Cubes
    from services.reporting.figures.members import EntitySet
    from services.reporting.queries.explaining.reasons import Reasons
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.readmodels.catalog import Catalog
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.store import Store


class Explained(NamedTuple):
    """A figure, one page of its items, and the place of the last one if more follow."""

    figure: int
    items: Sequence[Item]
    after: Mapping[str, object] | None


class _Counted(NamedTuple):
    """One counted item: an organisation with its entities, or a single entity."""

    cube: Cube
    organization: str | None
    entities: tuple[int, ...]


class _NamedEntity(NamedTuple):
    """The subject of an entity; `position` is that of its only event, None if it has several."""

    subject: str
    position: int | None


class Explanations:
    """Finds the items of a figure in the cubes, and their events in the log."""

    def __init__(
        self, log: Reader, store: Store, catalog: Catalog, cubes: Cubes, reasons: Reasons
    ) -> None:
        self._log = log
        self._store = store
        self._catalog = catalog
        self._cubes = cubes
        self._reasons = reasons
        self._entity_sets = EntitySets()

    def explain(self, list_query: ListQuery, measure: str) -> Explained:
        """Return a page of the items that a measure counts in the cell of the filters.

        Raises `no_such_cell` (422) for dimensions that the measure does not have.
        """
        list_query = replace(list_query, filters=cell_of(list_query.filters, measure))
        counters = counters_of(self._cubes, measure, list_query.filters.dimensions)
        counted = [self._counted(list_query, counter) for counter in counters]
        given = max(list_query.page.after("given", 0), 0)
        limit = list_query.page.limit
        page, last = cut(list(_slice(counted, given, given + limit + 1)), limit)
        after = list_query.place(given=given + limit) if last else None
        return Explained(sum(map(len, counted)), list(self._items(list_query, page)), after)

    def _counted(self, list_query: ListQuery, counter: Counter) -> _Parts:
        year = list_query.filters.plan_year
        assert year is not None  # noqa: S101  a figure always has a year
        found = self._entity_sets.of(counter.cube, list_query, year, bits=counter.bit)
        return _Parts(counter.cube, found, distinct=counter.distinct)

    def _items(self, list_query: ListQuery, page: Sequence[_Counted]) -> Iterator[Item]:
        named: dict[tuple[Cube, int], _NamedEntity] = {}
        for cube in {each.cube: None for each in page}:
            entities = {entity for each in page if each.cube is cube for entity in each.entities}
            named.update(((cube, entity), name) for entity, name in self._named(cube, entities))
        events = self._events({name.subject for name in named.values()}, list_query.position)
        every = [event for those in events.values() for event in those]
        by_position = {
            event.position: {**event_item(event), **why}
            for event, why in zip(every, self._reasons.of(every, list_query.position), strict=True)
        }
        for each in page:
            names = [named[each.cube, entity] for entity in each.entities]
            its_own = [
                event.position
                for name in names
                for event in events[name.subject]
                if name.position in {None, event.position}
            ]
            yield {
                "subject": each.organization or names[0].subject,
                "events": [by_position[position] for position in sorted(its_own)],
            }

    def _named(self, cube: Cube, entities: Collection[int]) -> Iterator[tuple[int, _NamedEntity]]:
        """Yield the subjects of entities; an inspection is a single event of its subject."""
        catalog, cubes = self._catalog, self._cubes
        no_position = literal(None, BigInteger)
        if cube is cubes.inspections:
            statements = catalog.inspections.statements.c
            query, number = (
                select(statements.thing, statements.subject, statements.position),
                statements.thing,
            )
        elif cube in {cubes.commendations, cubes.organizations}:
            of_persons = cube is cubes.commendations
            statements = (
                catalog.commendations if of_persons else catalog.organizations
            ).statements.c
            query, number = (
                select(statements.thing, statements.subject, no_position).distinct(),
                statements.thing,
            )
        else:
            named = (catalog.awards if cube is cubes.awards else catalog.registrations).things.c
            query, number = select(named.thing, named.subject, no_position), named.thing
        with self._store.reading() as connection:
            for entity, *name in connection.execute(
                query.where(among(connection, number, entities))
            ):
                yield entity, _NamedEntity(*name)

    def _events(
        self, subjects: Collection[str], position: int
    ) -> Mapping[str, Sequence[RecordedEvent]]:
        """Return the events of subjects, as known at a position."""
        found: dict[str, list[RecordedEvent]] = {subject: [] for subject in subjects}
        for event in self._log.streams(sorted(subjects)):
            if event.position <= position and event.subject in found:
                found[event.subject].append(event)
        return found


def _slice(counted: Sequence[_Parts], first: int, last: int) -> Iterator[_Counted]:
    """Yield the items from one index to another over all counters in sequence."""
    for each in counted:
        yield from each.between(max(first, 0), max(last, 0))
        first, last = first - len(each), last - len(each)


class _Parts:
    """The items of one counter: entities in the order of their recording, or organisations.

    There may be a million of them: they stay arrays until a page shows them.
    """

    def __init__(self, cube: Cube, found: EntitySet, *, distinct: bool) -> None:
        self._cube = cube
        self._entities = found.numbers
        self._by_org = sorted(self._organizations(found)) if distinct else None

    def __len__(self) -> int:
        return len(self._entities if self._by_org is None else self._by_org)

    def between(self, first: int, last: int) -> Iterator[_Counted]:
        """Yield the items from one index up to another."""
        if self._by_org is None:
            for entity in self._entities[first:last].tolist():
                yield _Counted(self._cube, None, (entity,))
            return
        for organization, begin, end in self._by_org[first:last]:
            yield _Counted(self._cube, organization, tuple(self._entities[begin:end].tolist()))

    def _organizations(self, found: EntitySet) -> Iterator[tuple[str, int, int]]:
        """Group the entities by organisation; yield the range of each."""
        order = np.argsort(found.orgs, kind="stable")
        orgs, self._entities = found.orgs[order], found.numbers[order]
        numbers, begins = np.unique(orgs, return_index=True)
        ends = np.append(begins, len(orgs))[1:]
        words = self._cube.cache.orgs.words
        for org, begin, end in zip(numbers.tolist(), begins.tolist(), ends.tolist(), strict=True):
            if org:
                yield _subject(words[org][0]), begin, end


def _subject(organization: str) -> str:
    """Return the subject of an item; for inspections it is stored as a whole subject."""
    return organization if "/" in organization else f"organization/{organization}"
