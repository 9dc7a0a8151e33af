"""Entities that change with many events: their tables, and the fold of one batch of events.

Awards and registrations share this: an entity gets a number, a version row for each change, a delta
for each change of its contribution, and the flag `unknown_organization` while it names an
organisation that is not defined.
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
from services.reporting.readmodels.parts.redactions import RepeatedText, parted
from services.reporting.readmodels.parts.version_rows import (
    SurrogateIds,
    VersionWriter,
    version_content,
    versions_table,
)
from shared.database.bulk_write import insert, keeps
from shared.database.columns import BYTEWISE, among
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from services.reporting.figures.delta_tables import Contribution
    from services.reporting.figures.measures import Counting
    from shared.readmodel.decoded_events import DecodedEvent

_RUNS = 3
"""The cache holds as many entities as this number of runs can touch."""
_OWN_COLUMNS = 3
"""The number of columns of version rows before the state: thing, from_position, to_position."""


class Entity(Protocol):
    """One entity as known at a position, while it is folded."""

    thing: int
    entity_id: str
    from_position: int | None
    unknown_organization: bool
    contribution: Contribution | None

    def organizations(self) -> Collection[str]:
        """Return the organisations that it names; those in its documents are not included."""


Row = TypeVar("Row", bound=Entity)
Cached = TypeVar("Cached")


class CountedTables:
    """The tables of a read model with deltas, under a prefix such as `rm_awards_`."""

    dimensions: ClassVar[tuple[str, ...]]
    """The dimensions of the cube."""

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
    """The tables of one generation of entities; a subclass adds its own."""

    row: Callable[..., Row]
    """The constructor of an entity from its columns in `things` and then its version columns."""
    subject: ClassVar[str]
    """The prefix of the entities' subjects."""
    counting: ClassVar[Counting]
    texts: Sequence[RepeatedText] = ()
    """The free texts that its rows repeat."""

    def __init__(
        self, prefix: str, *, things: Iterable[Column[Any]] = (), versions: Iterable[Column[Any]]
    ) -> None:
        """Declare the tables; `things` are columns that never change, `versions` those that may."""
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

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        others, redactions = parted(facts)
        self.fold_others(others, connection)
        for redaction in redactions:
            for text in self.texts:
                text.replace(connection, redaction)

    def fold_others(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold the events of a run that are no redactions."""
        raise NotImplementedError

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
        """Return the contents of the subclass's own tables."""
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
        self._keeps_versions = keeps(connection, tables.versions)
        self._keeps_things = keeps(connection, tables.things)
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
        """Load the entities that a run changes, with their contributions before it."""

    @abstractmethod
    def take(self, fact: DecodedEvent) -> None:
        """Fold one event."""

    @abstractmethod
    def contribution(self, entity: Row) -> Contribution:
        """Return the contribution of an entity."""

    def add(self, entities: Iterable[Row]) -> None:
        """Add entities that were loaded or created; those that are present are ignored."""
        for entity in entities:
            if entity.entity_id not in self._by_id:
                self._by_id[entity.entity_id] = entity
                self._by_entity[entity.thing] = entity

    def stored(self, column: Column[Any], values: Collection[Any]) -> Iterator[Row]:
        """Yield the stored entities with one of the values in a column."""
        if values:
            yield from self.stored_where(among(self._connection, column, values))

    def stored_where(self, condition: Any) -> Iterator[Row]:  # noqa: ANN401  a condition
        """Yield the stored entities that meet a condition."""
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
        """Update entities that name an organisation that became known or unknown."""
        organizations = self._organizations
        org_id = organizations.take(fact)
        if org_id is None:
            return
        affected = (
            self._by_entity if organizations.unknown([org_id]) else organizations.waiting(org_id)
        )
        for number in sorted(affected):
            entity = self._by_entity[number]
            if org_id in entity.organizations():
                self.changed(entity, fact.position)

    def changed(self, entity: Row, position: int) -> None:
        """Store the state of an entity from a position on, and the change of its contribution."""
        organizations, number = self._organizations, entity.thing
        unknown = organizations.unknown(entity.organizations())
        entity.unknown_organization = bool(unknown)
        for org_id in unknown:
            organizations.wait(org_id, number)
        contribution = self.contribution(entity)
        self._deltas.note(position, number, entity.contribution, contribution)
        entity.contribution = contribution
        if self._keeps_versions:
            self._versions.put(number, position, entity.from_position, self._versioned(entity))
        entity.from_position = position

    def note_thing(self, *row: Any) -> None:  # noqa: ANN401  the columns of `things`
        """Add a new entity to `things`."""
        if self._keeps_things:
            self._new_entities.append(row)

    def flush(self) -> None:
        """Write the changes of the batch."""
        connection = self._connection
        insert(connection, self._tables.things, self._new_entities)
        self._versions.flush(connection)
        self._organizations.flush(connection)
        self._deltas.flush(connection)


class RecentEntities(Generic[Cached]):
    """A cache of the entities of the last runs: most events belong to recently changed ones.

    Its content equals that of the database after the last commit; where that is not certain, it is
    cleared. The number of entities depends on the length of the runs.
    """

    def __init__(self) -> None:
        self._entities: dict[str, Cached] = {}
        self._most = 0

    def take(self, ids: Iterable[str]) -> dict[str, Cached]:
        """Remove and return the cached ones of some entities; `keep` returns them to the cache."""
        taken = {}
        for each in ids:
            entity = self._entities.pop(each, None)
            if entity is not None:
                taken[each] = entity
        return taken

    def keep(self, entities: Mapping[str, Cached], run: int) -> None:
        """Cache the entities of a run of so many events, and evict the least recently changed."""
        for each in entities:
            self._entities.pop(each, None)  # to move it to the end
        self._entities.update(entities)
        self._most = max(self._most, _RUNS * run)
        for each in list(islice(self._entities, max(0, len(self._entities) - self._most))):
            del self._entities[each]

    def forget(self) -> None:
        """Drop everything."""
        self._entities.clear()
