"""The defined organisations, for the flag `unknown_organization` of entities that name others.

The flag depends on the position: it is cleared when the organisation is defined later, and set
again when the definition is retracted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, MetaData, Table, Text, select, tuple_

from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE, among
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.decoded_events import RETRACTED, DecodedEvent, retracted_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

DEFINED = "OrganizationDefined"
_SUBJECT = "organization/"


class KnownOrganizations:
    """The definitions in force, and the entities that wait for one."""

    def __init__(self, metadata: MetaData, prefix: str) -> None:
        self.definitions = Table(
            f"{prefix}definitions",
            metadata,
            Column("org_id", BYTEWISE, primary_key=True),
            Column("source", Text, primary_key=True),
            Column("event_id", Text, primary_key=True),
        )
        self._waiting = Table(
            f"{prefix}waiting",
            metadata,
            Column("org_id", BYTEWISE, primary_key=True),
            Column("thing", Integer, primary_key=True, autoincrement=False),
        )
        self._known: dict[str, set[tuple[str, str]]] = {}
        self._added: dict[tuple[str, str, str], None] = {}
        self._removed: set[tuple[str, str, str]] = set()
        self._waits: dict[str, set[int]] = {}
        self._new_waits: dict[tuple[str, int], None] = {}

    def contents(self, named: LabelledBy) -> tuple[ComparableRows, ...]:
        """Return the contents to compare; `named` resolves the numbers of entities."""
        return (
            ComparableRows("definitions", self.definitions, "org_id", said=_SUBJECT),
            ComparableRows(
                "waiting", self._waiting, "org_id", said=_SUBJECT, things={"thing": named}
            ),
        )

    def open(
        self, connection: Connection, facts: Iterable[DecodedEvent], named: Collection[str]
    ) -> tuple[set[int], set[str]]:
        """Load the known organisations of a batch.

        Returns the entities that wait for one defined in it, and the organisations that a
        retraction in it may make unknown again (entities that name those must be loaded too).
        """
        defined: set[str] = set()
        uncertain: set[str] = set()
        for fact in facts:
            if fact.subject.startswith(_SUBJECT):
                org_id = fact.subject.removeprefix(_SUBJECT)
                (uncertain if fact.name == RETRACTED else defined).add(org_id)
        self._added, self._removed, self._new_waits = {}, set(), {}
        touched = defined | uncertain
        self._known = {org_id: set() for org_id in (*named, *touched)}
        for org_id, source, event_id in self._select(connection, self.definitions, self._known):
            self._known[org_id].add((source, event_id))
        self._waits = {}
        for org_id, entity in self._select(connection, self._waiting, defined):
            self._waits.setdefault(org_id, set()).add(entity)
        return set().union(*self._waits.values()), uncertain

    def take(self, fact: DecodedEvent) -> str | None:
        """Fold a definition or its retraction; return the organisation whose state changed."""
        if not fact.subject.startswith(_SUBJECT):
            return None
        org_id = fact.subject.removeprefix(_SUBJECT)
        definitions = self._known[org_id]
        before = bool(definitions)
        if fact.name == DEFINED:
            definitions.add(fact.key)
            self._added[(org_id, *fact.key)] = None
        elif fact.name == RETRACTED:
            key = retracted_key(fact)
            definitions.discard(key)
            if (org_id, *key) in self._added:
                del self._added[(org_id, *key)]
            else:
                self._removed.add((org_id, *key))
        return org_id if bool(definitions) != before else None

    def unknown(self, org_ids: Iterable[str]) -> list[str]:
        """Return which of these organisations are not defined."""
        return [org_id for org_id in org_ids if not self._known[org_id]]

    def wait(self, org_id: str, entity: int) -> None:
        """Record that an entity names an organisation that is not defined."""
        self._new_waits[org_id, entity] = None
        self._waits.setdefault(org_id, set()).add(entity)

    def waiting(self, org_id: str) -> set[int]:
        """Return the entities that named an organisation while it was not defined."""
        return self._waits.get(org_id, set())

    def learn(self, connection: Connection, org_ids: Collection[str]) -> None:
        """Load further organisations, those of entities loaded later."""
        missing = [org_id for org_id in org_ids if org_id not in self._known]
        self._known.update((org_id, set()) for org_id in missing)
        for org_id, source, event_id in self._select(connection, self.definitions, missing):
            self._known[org_id].add((source, event_id))

    def flush(self, connection: Connection) -> None:
        """Write the changes; rows of entities that no longer wait are kept, and have no effect."""
        if self._removed:
            columns = self.definitions.c
            key = tuple_(columns.org_id, columns.source, columns.event_id)
            connection.execute(self.definitions.delete().where(key.in_(list(self._removed))))
        insert(connection, self.definitions, list(self._added))
        if self._new_waits:
            wanted = {org_id for org_id, _ in self._new_waits}
            present = {(row[0], row[1]) for row in self._select(connection, self._waiting, wanted)}
            insert(connection, self._waiting, [w for w in self._new_waits if w not in present])

    @staticmethod
    def _select(
        connection: Connection, table: Table, org_ids: Collection[str]
    ) -> Sequence[tuple[Any, ...]]:
        if not org_ids:
            return ()
        query = select(table).where(among(connection, table.c.org_id, org_ids))
        return [tuple(row) for row in connection.execute(query)]
