"""Which organisation took the place of which: one item for each succession."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Text

from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.database.columns import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.readmodel.decoded_events import DecodedEvent


class Successions(LatestStatements):
    """The read model `successions`; ids of predecessors stand in one text, apart by spaces."""

    name = "successions"
    said_by = frozenset({"OrganizationSucceeded"})
    each_alone = True

    def columns(self) -> Sequence[Column[Any]]:
        """Return what is kept of a succession."""
        return (
            Column("successor", BYTEWISE, nullable=False),
            Column("predecessors", Text, nullable=False),
            Column("occurred_on", Text, nullable=False),
        )

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return these of one event."""
        data = fact.data
        return data["successor"], " ".join(data["predecessors"]), data["occurred_on"]
