"""Entities described by whole statements: the latest one that was not retracted is in force.

Plans, organisations, asserted figures and inspections are stored so. Every statement is kept, so
that a retraction brings the one before it back as a new version row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    select,
)

from services.reporting.readmodels.parts.surrogate_ids import SurrogateIds
from services.reporting.readmodels.parts.version_rows import (
    VersionWriter,
    version_content,
    versions_table,
)
from shared.database.bulk_write import insert, update
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent, retracted_key
from shared.readmodel.generations import prefix_of
from shared.readmodel.store import BYTEWISE, POSITION, among

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

_OWN_COLUMNS = 6


class Statement(NamedTuple):
    """One event that is a statement about an entity; `values` are the read model's own columns."""

    position: int
    thing: int
    subject: str
    source: str
    event_id: str
    retracted_position: int | None
    values: tuple[Any, ...]


class LatestStatements:
    """A read model of whole statements; a subclass defines the events and their columns."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    statement_events: ClassVar[frozenset[str]]
    """The events that are statements."""
    also: ClassVar[frozenset[str]] = frozenset()
    """Other events that the subclass reads."""
    each_alone: ClassVar[bool] = False
    """True if every statement is an entity of its own, instead of one entity for each subject."""

    def __init__(self, prefix: str | None = None) -> None:
        prefix = prefix or prefix_of(self.name)
        self.metadata = MetaData()
        self.statements = Table(
            f"{prefix}statements",
            self.metadata,
            Column("position", POSITION, primary_key=True, autoincrement=False),
            Column("thing", Integer, nullable=False),
            Column("subject", BYTEWISE, nullable=False),
            Column("source", Text, nullable=False),
            Column("event_id", Text, nullable=False),
            Column("retracted_position", BigInteger),
            *self.columns(),
        )
        Index(f"{prefix}statements_subject", self.statements.c.subject)
        self.versions = versions_table(
            self.metadata, f"{prefix}versions", Column("statement", POSITION, nullable=False)
        )
        self.events = self.statement_events | self.also | {RETRACTED}
        self._prefix = prefix
        self._writer = VersionWriter(self.versions)
        self._numbers = SurrogateIds(self.statements.c.thing)

    def columns(self) -> Sequence[Column[Any]]:
        """Return the columns of a statement."""
        raise NotImplementedError

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return the values of these columns."""
        raise NotImplementedError

    def values_after(self, fact: DecodedEvent, before: Statement | None) -> tuple[Any, ...] | None:
        """Return the values of these columns after the statement in force; None: no statement."""
        del before
        return self.values(fact)

    def prepare(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Load the data that `values` and `replaced` need."""

    def see(self, fact: DecodedEvent) -> None:
        """Fold an event of `also`."""

    def replaced(self, position: int, old: Statement | None, new: Statement | None) -> None:
        """Handle the change of an entity's statement in force at a position (None: none)."""

    def finish(self, connection: Connection) -> None:
        """Write the subclass's own data."""

    def forget(self) -> None:
        """Drop the cached number."""
        self._numbers.forget()

    def committed(self, after: int, until: int) -> None:
        """Do nothing: no cache follows statements, unless the subclass counts."""

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        return (
            ComparableRows(
                "statements",
                self.statements,
                "subject",
                began="position",
                ended="retracted_position",
                left_out=frozenset({"thing"}),
            ),
            version_content(self.versions, self.named),
        )

    def sums(self, _connection: Connection, _until: int) -> Mapping[str, int]:
        """Return nothing, unless the subclass counts."""
        return {}

    @property
    def named(self) -> LabelledBy:
        """Return the table that resolves the numbers of entities."""
        return LabelledBy(self.statements)

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        self.prepare(facts, connection)
        self._writer.open()
        stated = {
            f.subject for f in facts if f.name in self.statement_events or f.name == RETRACTED
        }
        by_subject = self._load(connection, stated)
        began = self._open_rows(connection, by_subject)
        stored = {s.position for statements in by_subject.values() for s in statements}
        for fact in facts:
            if fact.name in self.statement_events:
                self._state(fact, by_subject.setdefault(fact.subject, []), began, connection)
            elif fact.name == RETRACTED:
                self._retract(fact, by_subject.get(fact.subject, []), began)
            else:
                self.see(fact)
        self._write(connection, by_subject, stored)
        self.finish(connection)

    def _load(
        self, connection: Connection, subjects: Collection[str]
    ) -> dict[str, list[Statement]]:
        found: dict[str, list[Statement]] = {}
        if subjects:
            table = self.statements
            query = select(table).where(among(connection, table.c.subject, subjects))
            for row in connection.execute(query.order_by(table.c.position)):
                position, entity, subject, source, event_id, retracted, *values = row
                statement = Statement(
                    position, entity, subject, source, event_id, retracted, tuple(values)
                )
                found.setdefault(subject, []).append(statement)
        return found

    def _open_rows(
        self, connection: Connection, by_subject: dict[str, list[Statement]]
    ) -> dict[int, int]:
        """Return the first position of each entity's open row."""
        entities = {s.thing for statements in by_subject.values() for s in statements}
        if not entities:
            return {}
        table = self.versions.c
        query = select(table.thing, table.from_position).where(
            among(connection, table.thing, entities), table.to_position.is_(None)
        )
        return {row[0]: row[1] for row in connection.execute(query)}

    def _state(
        self,
        fact: DecodedEvent,
        statements: list[Statement],
        began: dict[int, int],
        connection: Connection,
    ) -> None:
        if statements and not self.each_alone:
            entity = statements[0].thing
        else:
            entity = self._numbers.new(connection)
        source, event_id = fact.key
        old = _holds(statements, entity)
        values = self.values_after(fact, old)
        if values is None:
            return
        new = Statement(fact.position, entity, fact.subject, source, event_id, None, values)
        statements.append(new)
        self._hold(fact.position, old, new, began)

    def _retract(
        self, fact: DecodedEvent, statements: list[Statement], began: dict[int, int]
    ) -> None:
        key = retracted_key(fact)
        for place, statement in enumerate(statements):
            if (statement.source, statement.event_id) == key:
                old = _holds(statements, statement.thing)
                statements[place] = statement._replace(retracted_position=fact.position)
                new = _holds(statements, statement.thing)
                if old is not None and (new is None or new.position != old.position):
                    self._hold(fact.position, old, new, began)

    def _hold(
        self, position: int, old: Statement | None, new: Statement | None, began: dict[int, int]
    ) -> None:
        if new is not None:
            self._writer.put(new.thing, position, began.get(new.thing), (new.position,))
            began[new.thing] = position
        elif old is not None:
            self._writer.end(old.thing, position, began.pop(old.thing, None))
        self.replaced(position, old, new)

    def _write(
        self,
        connection: Connection,
        by_subject: dict[str, list[Statement]],
        stored: Collection[int],
    ) -> None:
        everything = [s for statements in by_subject.values() for s in statements]
        new = [s for s in everything if s.position not in stored]
        insert(connection, self.statements, [(*s[:_OWN_COLUMNS], *s.values) for s in new])
        columns = self.statements.c
        update(
            connection,
            self.statements,
            setting=[columns.retracted_position],
            where=[columns.position],
            rows=[
                (s.retracted_position, s.position)
                for s in everything
                if s.retracted_position is not None and s.position in stored
            ],
        )
        self._writer.flush(connection)


def _holds(statements: Sequence[Statement], entity: int) -> Statement | None:
    """Return the latest statement of an entity that was not retracted."""
    in_force = (s for s in reversed(statements) if s.retracted_position is None)
    return next((s for s in in_force if s.thing == entity), None)


def columns_named(names: Sequence[str], optional: Collection[str]) -> tuple[Column[Any], ...]:
    """Return columns by their names: a year, an id (ordered by its bytes), or text."""
    return tuple(
        Column(
            name,
            SmallInteger if name == "plan_year" else BYTEWISE if name.endswith("_id") else Text,
            nullable=name in optional,
        )
        for name in names
    )
