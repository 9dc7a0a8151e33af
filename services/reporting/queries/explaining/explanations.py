"""Explain this number: the things that a figure counts, each with its events.

There is one item for each thing counted, so the number of items is the figure, always. A count of
different organisations counts organisations: each item is one, with the events of what it stands
for.
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
    """A figure, one page of what it counts, and the place of the last item if more follow."""

    figure: int
    items: Sequence[Item]
    after: Mapping[str, object] | None


class _Counted(NamedTuple):
    """One thing counted: an organisation by its subject, else a thing; and what it stands for."""

    tally: Cube
    organization: str | None
    things: tuple[int, ...]


class _NamedEntity(NamedTuple):
    """The subject of a thing; `position` is that of its only event, None where it has several."""

    subject: str
    position: int | None


class Explanations:
    """Finds what a figure counts in the tallies, and its events in the log."""

    def __init__(
        self, log: Reader, store: Store, catalog: Catalog, tallies: Cubes, reasons: Reasons
    ) -> None:
        self._log = log
        self._store = store
        self._catalog = catalog
        self._tallies = tallies
        self._reasons = reasons
        self._standing = EntitySets()

    def explain(self, reading: ListQuery, measure: str) -> Explained:
        """Return a page of the things that a measure counts in the cell of the filters.

        Raises `no_such_cell` (422) for dimensions that the measure does not have.
        """
        reading = replace(reading, filters=cell_of(reading.filters, measure))
        counters = counters_of(self._tallies, measure, reading.filters.dimensions)
        counted = [self._counted(reading, counter) for counter in counters]
        given = max(reading.page.after("given", 0), 0)
        limit = reading.page.limit
        page, last = cut(list(_slice(counted, given, given + limit + 1)), limit)
        after = reading.place(given=given + limit) if last else None
        return Explained(sum(map(len, counted)), list(self._items(reading, page)), after)

    def _counted(self, reading: ListQuery, counter: Counter) -> _Parts:
        year = reading.filters.plan_year
        assert year is not None  # noqa: S101  a figure is one of a year
        found = self._standing.of(counter.tally, reading, year, bits=counter.bit)
        return _Parts(counter.tally, found, distinct=counter.distinct)

    def _items(self, reading: ListQuery, page: Sequence[_Counted]) -> Iterator[Item]:
        named: dict[tuple[Cube, int], _NamedEntity] = {}
        for tally in {each.tally: None for each in page}:
            things = {thing for each in page if each.tally is tally for thing in each.things}
            named.update(((tally, thing), name) for thing, name in self._named(tally, things))
        events = self._events({name.subject for name in named.values()}, reading.position)
        every = [event for those in events.values() for event in those]
        told = {
            event.position: {**event_item(event), **why}
            for event, why in zip(every, self._reasons.of(every, reading.position), strict=True)
        }
        for each in page:
            names = [named[each.tally, thing] for thing in each.things]
            its_own = [
                event.position
                for name in names
                for event in events[name.subject]
                if name.position in {None, event.position}
            ]
            yield {
                "subject": each.organization or names[0].subject,
                "events": [told[position] for position in sorted(its_own)],
            }

    def _named(self, tally: Cube, things: Collection[int]) -> Iterator[tuple[int, _NamedEntity]]:
        """Yield the subjects of things; one inspection is one event among others of its subject."""
        catalog, tallies = self._catalog, self._tallies
        anything = literal(None, BigInteger)
        if tally is tallies.inspections:
            said = catalog.inspections.statements.c
            query, number = select(said.thing, said.subject, said.position), said.thing
        elif tally in {tallies.commendations, tallies.organizations}:
            of_persons = tally is tallies.commendations
            said = (catalog.commendations if of_persons else catalog.organizations).statements.c
            query, number = select(said.thing, said.subject, anything).distinct(), said.thing
        else:
            named = (catalog.awards if tally is tallies.awards else catalog.registrations).things.c
            query, number = select(named.thing, named.subject, anything), named.thing
        with self._store.reading() as connection:
            for thing, *name in connection.execute(query.where(among(connection, number, things))):
                yield thing, _NamedEntity(*name)

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
    """Yield what is counted from one place to another, of all counters one behind the other."""
    for each in counted:
        yield from each.between(max(first, 0), max(last, 0))
        first, last = first - len(each), last - len(each)


class _Parts:
    """What one tally counts: things in the order of their recording, or organisations.

    There may be a million of them: they stay numbers until a page shows them.
    """

    def __init__(self, tally: Cube, found: EntitySet, *, distinct: bool) -> None:
        self._tally = tally
        self._things = found.numbers
        self._by_org = sorted(self._organizations(found)) if distinct else None

    def __len__(self) -> int:
        return len(self._things if self._by_org is None else self._by_org)

    def between(self, first: int, last: int) -> Iterator[_Counted]:
        """Yield what is counted from one place up to another."""
        if self._by_org is None:
            for thing in self._things[first:last].tolist():
                yield _Counted(self._tally, None, (thing,))
            return
        for organization, begin, end in self._by_org[first:last]:
            yield _Counted(self._tally, organization, tuple(self._things[begin:end].tolist()))

    def _organizations(self, found: EntitySet) -> Iterator[tuple[str, int, int]]:
        """Put the things of each organisation together; yield where they stand."""
        order = np.argsort(found.orgs, kind="stable")
        orgs, self._things = found.orgs[order], found.numbers[order]
        numbers, begins = np.unique(orgs, return_index=True)
        ends = np.append(begins, len(orgs))[1:]
        words = self._tally.memory.orgs.words
        for org, begin, end in zip(numbers.tolist(), begins.tolist(), ends.tolist(), strict=True):
            if org:
                yield _subject(words[org][0]), begin, end


def _subject(organization: str) -> str:
    """Return the subject of what was counted; of inspections whole subjects are counted."""
    return organization if "/" in organization else f"organization/{organization}"
