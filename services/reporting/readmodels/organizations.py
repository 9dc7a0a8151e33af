"""Organisations as last defined: their names stand beside what they own, decide and grant.

They are counted too, by unit, day and kind, for the flag `unknown_organization_kind`: which kinds a
jurisdiction knows is asked of its taxonomy when somebody reads. They are of no year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, Text

from services.reporting.figures.delta_tables import NO_YEAR, Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import OrganizationBits
from services.reporting.readmodels.parts.counted_statements import CountedStatements
from shared.database.columns import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.readmodels.parts.latest_statement import Statement
    from shared.readmodel.decoded_events import DecodedEvent


class Organizations(CountedStatements):
    """The read model `organizations`."""

    name = "organizations"
    version: ClassVar[int] = 2
    said_by = frozenset({"OrganizationDefined"})
    dimensions = ("kind",)

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

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
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

    def standing(self, statement: Statement) -> Contribution:
        """Return how a definition counts: of no year, by its kind."""
        _, _, kind, unit_id, occurred_on, *_ = statement.values
        unit, dims = self.writer.units[unit_id], self.writer.dims[kind,]
        day = ordinal_of(occurred_on)
        return Contribution(NO_YEAR, unit, day, dims, 0, int(OrganizationBits.DEFINED))
