"""Organisations as last defined: their names stand beside what they own, decide and grant.

They are counted too, by unit, day and kind, for the flag `unknown_organization_kind`: which kinds a
jurisdiction knows is asked of its taxonomy when somebody reads. They are of no year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, Text

from services.reporting.readmodels.statements import Statement, Statements
from services.reporting.tally.contents import tally_contents
from services.reporting.tally.counting import OrganizationBits
from services.reporting.tally.tables import NO_YEAR, Standing, tally_tables
from services.reporting.tally.writing import TallyWriter, ordinal_of
from shared.readmodel.store import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.readmodel.contents import Content
    from shared.readmodel.facts import Fact


class Organizations(Statements):
    """The read model `organizations`."""

    name = "organizations"
    version: ClassVar[int] = 2
    said_by = frozenset({"OrganizationDefined"})

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.tally = tally_tables(self.metadata, self._prefix, ("kind",))
        self.writer = TallyWriter(self.tally)

    def columns(self) -> Sequence[Column[Any]]:
        """Return what is kept of an organisation."""
        return (
            Column("org_id", BYTEWISE, nullable=False),
            Column("name", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("occurred_on", Text, nullable=False),
            Column("block_code", Text),
            Column("side", Text),
        )

    def prepare(self, facts: Sequence[Fact], connection: Connection) -> None:
        """Make the tally ready for a batch."""
        del facts
        self.writer.open(connection)

    def values(self, fact: Fact) -> tuple[Any, ...]:
        """Return these of one event."""
        data = fact.data
        return (
            data["org_id"],
            data["name"],
            data["kind"],
            data["unit_id"],
            data["occurred_on"],
            data.get("block_code"),
            data.get("side"),
        )

    def told(self, position: int, old: Statement | None, new: Statement | None) -> None:
        """Count the definition that holds instead of the one before."""
        told = new or old
        if told is not None:
            self.writer.note(position, told.thing, self._standing(old), self._standing(new))

    def finish(self, connection: Connection) -> None:
        """Write the deltas."""
        self.writer.flush(connection)

    def forget(self) -> None:
        """Drop what is remembered."""
        super().forget()
        self.writer.forget()

    def committed(self, after: int, until: int) -> None:
        """Let readers know of the deltas."""
        self.writer.recent.committed(after, until)

    def contents(self) -> Sequence[Content]:
        """Return what two fills are compared by."""
        return (*super().contents(), *tally_contents(self.tally, self.named))

    def _standing(self, statement: Statement | None) -> Standing | None:
        if statement is None:
            return None
        _, _, kind, unit_id, occurred_on, *_ = statement.values
        unit, dims = self.writer.units[unit_id], self.writer.dims[kind,]
        day = ordinal_of(occurred_on)
        return Standing(NO_YEAR, unit, day, dims, 0, int(OrganizationBits.DEFINED))
