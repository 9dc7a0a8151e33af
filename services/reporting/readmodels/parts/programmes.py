"""Programmes of entities that name registrations: stated, else common to these, else the default.

A registration's programme never changes, so only those of other programmes are stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, MetaData, Table, Text, select

from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE, among
from shared.readmodel.comparable_rows import ComparableRows
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.decoded_events import DecodedEvent

REGISTERED = "ModelRegistered"


class Programmes:
    """The registrations of other programmes than the default."""

    def __init__(self, metadata: MetaData, prefix: str) -> None:
        self._table = Table(
            f"{prefix}programmes",
            metadata,
            Column("registration_id", BYTEWISE, primary_key=True),
            Column("programme", Text, nullable=False),
        )
        self._known: dict[str, str] = {}
        self._new: dict[str, str] = {}
        self._asked: set[str] = set()

    def content(self) -> ComparableRows:
        """Return the contents by which two generations are compared."""
        return ComparableRows("programmes", self._table, "registration_id", said="registration/")

    def open(self, connection: Connection, registration_ids: Collection[str]) -> None:
        """Load the registrations that a batch names."""
        self._known, self._new, self._asked = {}, {}, set()
        self.learn(connection, registration_ids)

    def learn(self, connection: Connection, registration_ids: Collection[str]) -> None:
        """Load further registrations."""
        missing = set(registration_ids) - self._asked
        if missing:
            self._asked |= missing
            query = select(self._table).where(
                among(connection, self._table.c.registration_id, missing)
            )
            self._known.update((row[0], row[1]) for row in connection.execute(query))

    def take(self, fact: DecodedEvent) -> None:
        """Fold a registration."""
        programme = fact.data.get("programme")
        if programme and programme != DEFAULT_PROGRAMME:
            registration_id = fact.data["registration_id"]
            self._known[registration_id] = self._new[registration_id] = programme

    def programme(self, stated: str | None, registration_ids: Iterable[str]) -> str:
        """Return the programme of an entity that names registrations."""
        if stated:
            return stated
        named = {self._known.get(each, DEFAULT_PROGRAMME) for each in registration_ids}
        return named.pop() if len(named) == 1 else DEFAULT_PROGRAMME

    def flush(self, connection: Connection) -> None:
        """Write the new rows."""
        insert(connection, self._table, list(self._new.items()))


def named_registrations(data: Mapping[str, Any]) -> list[str]:
    """Return the registrations that an award's or an inspection's data names."""
    basis: Mapping[str, Any] = data.get("basis") or data
    return list(basis.get("registration_ids") or ())


class StatementsOnRegistrations(LatestStatements):
    """Whole statements that name registrations, whose programme is their default."""

    also = frozenset({REGISTERED})
    naming: ClassVar[frozenset[str]]
    """The statements that name registrations."""

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.programmes = Programmes(self.metadata, self._prefix)

    def prepare(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Load the programmes of the named registrations."""
        naming = (fact.data for fact in facts if fact.name in self.naming)
        named = {each for data in naming for each in named_registrations(data)}
        self.programmes.open(connection, named)
        super().prepare(facts, connection)

    def see(self, fact: DecodedEvent) -> None:
        """Fold a registration, for its programme."""
        self.programmes.take(fact)

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the derived columns, which differ from the event's fields."""
        data = fact.data
        named = named_registrations(data)
        return {"programme": self.programmes.programme(data.get("programme"), named)}

    def finish(self, connection: Connection) -> None:
        """Write the programmes."""
        self.programmes.flush(connection)
        super().finish(connection)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        return (*super().contents(), self.programmes.content())
