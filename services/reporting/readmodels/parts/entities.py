"""Entities that many events make: their tables, and the fold of one batch of their events.

What awards and registrations have in common: a thing gets a number, a version row whenever it
changes, a delta whenever it counts otherwise, and the flag `unknown_organization` while it names
an organisation that is not defined.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, select

from services.reporting.figures.comparable_rows import tally_contents, tally_sums
from services.reporting.figures.delta_tables import tally_tables
from services.reporting.figures.delta_writer import DeltaWriter
from services.reporting.readmodels.parts.organization_references import KnownOrganizations
from services.reporting.readmodels.parts.version_rows import (
    SurrogateIds,
    VersionWriter,
    version_content,
    versions_table,
)
from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE, among
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from services.reporting.figures.delta_tables import Contribution
    from services.reporting.figures.measures import Counting
    from shared.readmodel.decoded_events import DecodedEvent

_RUNS = 3
"""As many entities are kept as so many runs can touch."""
_OWN_COLUMNS = 3
"""So many columns of version rows say which thing it is, and from when to when."""


class Entity(Protocol):
    """One thing as known at a position, as a fold holds it."""

    thing: int
    entity_id: str
    from_position: int | None
    unknown_organization: bool
    contribution: Contribution | None

    def organizations(self) -> Collection[str]:
        """Return the organisations that it names; those of papers are not counted."""


Row = TypeVar("Row", bound=Entity)
Remembered = TypeVar("Remembered")


class CountedTables:
    """The tables of what is counted, under a prefix such as `rm_awards_`: tally and versions."""

    dimensions: ClassVar[tuple[str, ...]]
    """The dimensions of the tally."""

    def __init__(self, prefix: str) -> None:
        self.metadata = MetaData()
        self.delta_tables = tally_tables(self.metadata, prefix, self.dimensions)
        self.writer = DeltaWriter(self.delta_tables)
        self.numbers: SurrogateIds

    def forget(self) -> None:
        """Drop the cached rows."""
        self.writer.forget()
        self.numbers.forget()

    def committed(self, after: int, until: int) -> None:
        """Publish the deltas to the caches of the reads."""
        self.writer.recent.committed(after, until)


class EntityTables(CountedTables, Generic[Row]):
    """The tables of one generation of entities; a subclass adds those of its own."""

    row: Callable[..., Row]
    """Makes an entity of what the things and then the version rows hold of it."""
    subject: ClassVar[str]
    """The beginning of the entities' subjects."""
    counting: ClassVar[Counting]

    def __init__(
        self, prefix: str, *, things: Iterable[Column[Any]] = (), versions: Iterable[Column[Any]]
    ) -> None:
        """Declare the tables; `things` never change, `versions` are the columns of what may."""
        super().__init__(prefix)
        self.things = Table(
            f"{prefix}things",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("subject", BYTEWISE, nullable=False),
            *things,
            Column("recorded", BigInteger, nullable=False),
        )
        Index(f"{prefix}things_subject", self.things.c.subject)
        self.versions = versions_table(self.metadata, f"{prefix}versions", *versions)
        self.versioned = [column.name for column in self.versions.columns][_OWN_COLUMNS:]
        self.organizations = KnownOrganizations(self.metadata, prefix)
        self.numbers = SurrogateIds(self.things.c.thing)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        named = LabelledBy(self.things)
        no_number = frozenset({"thing"})
        return (
            ComparableRows("things", self.things, "subject", began="recorded", left_out=no_number),
            version_content(self.versions, named),
            *self.further_contents(named),
            *self.organizations.contents(named),
            *tally_contents(self.delta_tables, named),
        )

    def further_contents(self, named: LabelledBy) -> Iterable[ComparableRows]:
        """Return by what the subclass's own tables are compared."""
        raise NotImplementedError

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return every measure and flag by year, as of a position."""
        return tally_sums(connection, self.delta_tables, self.counting, until)


class EntityFold(ABC, Generic[Row]):
    """One batch: loads the rows it touches, folds it, writes it."""

    def __init__(self, tables: EntityTables[Row], connection: Connection) -> None:
        self._tables = tables
        self._connection = connection
        self._deltas = tables.writer
        self._organizations = tables.organizations
        self._versions = VersionWriter(tables.versions)
        self._versioned = attrgetter(*tables.versioned)
        self._by_id: dict[str, Row] = {}
        self._by_entity: dict[int, Row] = {}
        self._new_entities: list[tuple[Any, ...]] = []

    def run(self, facts: Sequence[DecodedEvent]) -> None:
        """Fold a run of events."""
        self._deltas.open(self._connection)
        self.load(facts)
        for fact in facts:
            self.take(fact)
        self.flush()

    @abstractmethod
    def load(self, facts: Sequence[DecodedEvent]) -> None:
        """Load all that the facts touch, with how it stands before them."""

    @abstractmethod
    def take(self, fact: DecodedEvent) -> None:
        """Take in one event."""

    @abstractmethod
    def contribution(self, entity: Row) -> Contribution:
        """Return how an entity counts now."""

    def add(self, entities: Iterable[Row]) -> None:
        """Take in entities that were loaded or made; ignore those that are here already."""
        for entity in entities:
            if entity.entity_id not in self._by_id:
                self._by_id[entity.entity_id] = entity
                self._by_entity[entity.thing] = entity

    def stored(self, column: Column[Any], values: Collection[Any]) -> Iterator[Row]:
        """Yield the entities as they are stored of which a column has one of the values."""
        if values:
            yield from self.stored_where(among(self._connection, column, values))

    def stored_where(self, condition: Any) -> Iterator[Row]:  # noqa: ANN401  a condition
        """Yield the entities as they are stored for which a condition holds."""
        tables, version = self._tables, self._tables.versions.c
        columns = (version.from_position, *(version[name] for name in tables.versioned))
        query = (
            select(*tables.things.c, *columns)
            .where(tables.things.c.thing == version.thing, version.to_position.is_(None))
            .where(condition)
        )
        make, beginning = tables.row, tables.subject
        for number, subject, *rest in self._connection.execute(query):
            yield make(number, subject.removeprefix(beginning), *rest)

    def learn(self, fact: DecodedEvent) -> None:
        """Update registrations that name an organisation that became known or unknown."""
        organizations = self._organizations
        org_id = organizations.take(fact)
        if org_id is None:
            return
        affected = (
            self._by_entity if organizations.unknown([org_id]) else organizations.waiting(org_id)
        )
        for number in list(affected):
            entity = self._by_entity[number]
            if org_id in entity.organizations():
                self.changed(entity, fact.position)

    def changed(self, entity: Row, position: int) -> None:
        """Write down an entity as it is from a position on, and how it counts then."""
        organizations, number = self._organizations, entity.thing
        unknown = organizations.unknown(entity.organizations())
        entity.unknown_organization = bool(unknown)
        for org_id in unknown:
            organizations.wait(org_id, number)
        contribution = self.contribution(entity)
        self._deltas.note(position, number, entity.contribution, contribution)
        entity.contribution = contribution
        self._versions.put(number, position, entity.from_position, self._versioned(entity))
        entity.from_position = position

    def flush(self) -> None:
        """Write what the batch has changed."""
        connection = self._connection
        insert(connection, self._tables.things, self._new_entities)
        self._versions.flush(connection)
        self._organizations.flush(connection)
        self._deltas.flush(connection)


class RecentEntities(Generic[Remembered]):
    """Entities by id, those that were touched last; how many follows the length of the runs.

    They are as the database has them, for they were written with the last commit; whoever cannot
    be sure of that forgets them all.
    """

    def __init__(self) -> None:
        self._entities: dict[str, Remembered] = {}
        self._most = 0

    def take(self, ids: Iterable[str]) -> dict[str, Remembered]:
        """Return those of some ids that are remembered; they are the caller's until `keep`."""
        taken = {}
        for each in ids:
            entity = self._entities.pop(each, None)
            if entity is not None:
                taken[each] = entity
        return taken

    def keep(self, entities: Mapping[str, Remembered], run: int) -> None:
        """Cache the entities of a run of so many events, and evict the least recently changed."""
        for each in entities:
            self._entities.pop(each, None)  # so that it stands last
        self._entities.update(entities)
        self._most = max(self._most, _RUNS * run)
        for each in list(islice(self._entities, max(0, len(self._entities) - self._most))):
            del self._entities[each]

    def forget(self) -> None:
        """Drop everything."""
        self._entities.clear()
