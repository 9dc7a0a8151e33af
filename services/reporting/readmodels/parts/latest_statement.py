"""Entities described by whole statements: the latest one that was not retracted is in force.

Plans, organisations, asserted figures and inspections are stored so. Every statement is kept, so
that a retraction brings the one before it back as a new version row.
"""

from __future__ import annotations

from operator import itemgetter
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

from services.reporting.readmodels.parts.redactions import (
    REDACTED,
    Redaction,
    is_free_in,
    parted,
)
from services.reporting.readmodels.parts.version_rows import (
    SurrogateIds,
    VersionWriter,
    version_content,
    versions_table,
)
from shared.database.bulk_write import insert, update
from shared.database.columns import BYTEWISE, POSITION, among
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent, retracted_key
from shared.readmodel.generations import prefix_of
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

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


def statements_table(metadata: MetaData, name: str, *columns: Column[Any]) -> Table:
    """Declare a table of statements: the event, its entity, and the values."""
    table = Table(
        name,
        metadata,
        Column("position", POSITION, primary_key=True, autoincrement=False),
        Column("thing", Integer, nullable=False),
        Column("subject", BYTEWISE, nullable=False),
        Column("source", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("retracted_position", BigInteger),
        *columns,
    )
    Index(f"{name}_subject", table.c.subject)
    return table


def statements_content(table: Table) -> ComparableRows:
    """Return the statements for comparing two generations."""
    return ComparableRows(
        "statements",
        table,
        "subject",
        began="position",
        ended="retracted_position",
        left_out=frozenset({"thing"}),
    )


def write_statements(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], stored: Collection[int]
) -> None:
    """Write the new statements, and the new retractions."""
    insert(connection, table, [row for row in rows if row[0] not in stored])
    retracted = ((row[_OWN_COLUMNS - 1], row[0]) for row in rows if row[0] in stored)
    write_retractions(connection, table, [each for each in retracted if each[0] is not None])


def write_retractions(
    connection: Connection, table: Table, rows: Sequence[tuple[int, int]]
) -> None:
    """Write the positions of retractions; each row is that position, then the statement's."""
    columns = table.c
    setting, where = [columns.retracted_position], [columns.position]
    update(connection, table, setting=setting, where=where, rows=rows)


class LatestStatements:
    """A read model of whole statements; a subclass defines the events and their columns."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    statement_events: ClassVar[frozenset[str]]
    """The events that are statements."""
    also: ClassVar[frozenset[str]] = frozenset()
    """Other events that the subclass reads."""
    kept: ClassVar[tuple[str, ...]]
    """The stored fields: `document.number` of an event becomes the column `document_number`.

    The type of a column follows from its name, unless `types` has it.
    """
    optional: ClassVar[frozenset[str]] = frozenset()
    """The nullable columns."""
    types: ClassVar[Mapping[str, TypeEngine[Any]]] = {}
    each_alone: ClassVar[bool] = False
    """True if every statement is an entity of its own, instead of one entity for each subject."""

    def __init__(self, prefix: str | None = None) -> None:
        prefix = prefix or prefix_of(self.name)
        self.metadata = MetaData()
        self._reads = [
            (_column(path), _reader(path, required=_column(path) not in self.optional))
            for path in self.kept
        ]
        columns = (
            Column(name, self.types.get(name) or _type(name), nullable=name in self.optional)
            for name in self.names()
        )
        self.statements = statements_table(self.metadata, f"{prefix}statements", *columns)
        self.versions = versions_table(
            self.metadata, f"{prefix}versions", Column("statement", POSITION, nullable=False)
        )
        self.events = self.statement_events | self.also | {RETRACTED}
        pointers = (f"/{path.replace('.', '/')}" for path in self.kept)
        columns_of = zip(self.names(), pointers, strict=True)
        self.texts = {c: p for c, p in columns_of if is_free_in(self.statement_events, p)}
        self.events |= {REDACTED} if self.texts else set()
        self._prefix = prefix
        self._writer = VersionWriter(self.versions)
        self._numbers = SurrogateIds(self.statements.c.thing)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the columns of a statement."""
        return tuple(map(_column, cls.kept))

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the derived columns, which differ from the event's fields."""
        return {"programme": fact.data.get("programme") or DEFAULT_PROGRAMME}

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return the values of these columns."""
        data, computed = fact.data, self.computed(fact)
        return tuple(
            [computed[name] if name in computed else read(data) for name, read in self._reads]
        )

    def values_after(self, fact: DecodedEvent, before: Statement | None) -> tuple[Any, ...] | None:
        """Return the values of these columns after the statement in force; None: no statement."""
        del before
        return self.values(fact)

    def new_texts(self, _row: Any, redaction: Redaction) -> dict[str, Any]:  # noqa: ANN401  a row
        """Return the columns of a statement, as stored, that a redaction of it changes."""
        of_row = {column: redaction.text((path,)) for column, path in self.texts.items()}
        return {column: text for column, text in of_row.items() if text is not None}

    def _redact(self, redaction: Redaction, connection: Connection) -> None:
        table = self.statements
        at = table.c.position == redaction.position
        for row in connection.execute(select(table).where(at)).all():
            values = self.new_texts(row, redaction)
            if values:
                connection.execute(table.update().where(at).values(values))

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
        return statements_content(self.statements), version_content(self.versions, self.named)

    def sums(self, _connection: Connection, _until: int) -> Mapping[str, int]:
        """Return nothing, unless the subclass counts."""
        return {}

    @property
    def named(self) -> LabelledBy:
        """Return the table that resolves the numbers of entities."""
        return LabelledBy(self.statements)

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events."""
        facts, redactions = parted(facts)
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
        everything = (s for statements in by_subject.values() for s in statements)
        rows = [(*s[:_OWN_COLUMNS], *s.values) for s in everything]
        write_statements(connection, self.statements, rows, stored)
        self._writer.flush(connection)
        self.finish(connection)
        for redaction in redactions:
            self._redact(redaction, connection)

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
        known = statements[0].thing if statements and not self.each_alone else None
        old = None if known is None else _holds(statements, known)
        values = self.values_after(fact, old)
        if values is None:
            return
        entity = self._numbers.new(connection) if known is None else known
        source, event_id = fact.key
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


def _holds(statements: Sequence[Statement], entity: int) -> Statement | None:
    """Return the latest statement of an entity that was not retracted."""
    in_force = (s for s in reversed(statements) if s.retracted_position is None)
    return next((s for s in in_force if s.thing == entity), None)


def _column(path: str) -> str:
    """Return the column of a path such as `document.number`."""
    return path.replace(".", "_")


def _type(column: str) -> TypeEngine[Any]:
    """Return the type of a column: a year, an id (ordered by its bytes), or text."""
    if column == "plan_year":
        return SmallInteger()
    return BYTEWISE if column.endswith("_id") else Text()


def _reader(path: str, *, required: bool) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that reads a path in an event's data; None for an absent optional."""
    name, _, member = path.partition(".")
    if not member:
        return itemgetter(name) if required else lambda data: data.get(name)
    if required:
        return lambda data: data[name][member]
    return lambda data: (data.get(name) or {}).get(member)
