"""The names of organisations as last defined, for the words of what they own or receive."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Column, MetaData, Table, Text, select

from shared.database.bulk_write import insert, update
from shared.database.columns import BYTEWISE, POSITION, among
from shared.readmodel.comparable_rows import ComparableRows
from shared.readmodel.decoded_events import DecodedEvent, retracted_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

ORGANIZATION = "organization/"


class Definition(NamedTuple):
    """One definition of an organisation."""

    org_id: str
    position: int
    source: str
    event_id: str
    name: str
    kind: str
    unit_id: str
    retracted_position: int | None = None


class OwnerNames:
    """Every definition, so that a retraction brings the one before it back."""

    def __init__(self, metadata: MetaData, prefix: str) -> None:
        self.table = Table(
            f"{prefix}definitions",
            metadata,
            Column("org_id", BYTEWISE, primary_key=True),
            Column("position", POSITION, primary_key=True, autoincrement=False),
            Column("source", Text, nullable=False),
            Column("event_id", Text, nullable=False),
            Column("name", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("retracted_position", POSITION),
        )
        self._clear()

    def _clear(self) -> None:
        self._in_force: dict[str, list[Definition]] = {}
        self._new: dict[int, Definition] = {}
        self._retracted: list[tuple[int, str, int]] = []

    def content(self) -> ComparableRows:
        """Return the definitions for comparing two generations."""
        return ComparableRows(
            "definitions",
            self.table,
            "org_id",
            said=ORGANIZATION,
            began="position",
            ended="retracted_position",
        )

    def load(self, connection: Connection, org_ids: Collection[str]) -> None:
        """Begin a batch: load the definitions of some organisations."""
        self._clear()
        if org_ids:
            columns = self.table.c
            query = select(self.table).where(
                among(connection, columns.org_id, org_ids), columns.retracted_position.is_(None)
            )
            for row in connection.execute(query.order_by(columns.position)):
                definition = Definition(*row)
                self._in_force.setdefault(definition.org_id, []).append(definition)

    def name(self, org_id: str | None) -> str | None:
        """Return the name of an organisation, None if it is not defined."""
        definition = None if org_id is None else self.in_force(org_id)
        return None if definition is None else definition.name

    def in_force(self, org_id: str) -> Definition | None:
        """Return the last definition of an organisation that was not retracted, if any."""
        definitions = self._in_force.get(org_id)
        return definitions[-1] if definitions else None

    def define(self, fact: DecodedEvent) -> None:
        """Add a definition."""
        data = fact.data
        definition = Definition(
            data["org_id"], fact.position, *fact.key, data["name"], data["kind"], data["unit_id"]
        )
        self._in_force.setdefault(definition.org_id, []).append(definition)
        self._new[fact.position] = definition

    def retract(self, org_id: str, fact: DecodedEvent) -> None:
        """Retract a definition; the retraction of any other statement changes nothing."""
        key = retracted_key(fact)
        for definition in self._in_force.get(org_id, ()):
            if (definition.source, definition.event_id) == key:
                self._in_force[org_id].remove(definition)
                if definition.position in self._new:
                    ended = definition._replace(retracted_position=fact.position)
                    self._new[definition.position] = ended
                else:
                    self._retracted.append((fact.position, org_id, definition.position))
                return

    def flush(self, connection: Connection) -> None:
        """Write the new definitions and retractions."""
        columns = self.table.c
        insert(connection, self.table, list(self._new.values()))
        update(
            connection,
            self.table,
            setting=[columns.retracted_position],
            where=[columns.org_id, columns.position],
            rows=self._retracted,
        )
        self._clear()
