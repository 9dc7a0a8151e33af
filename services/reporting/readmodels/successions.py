"""Successions of organisations, one item each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Text

from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.readmodel.store import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.readmodel.decoded_events import DecodedEvent


class Successions(LatestStatements):
    """The read model `successions`; ids of predecessors are one text, separated by spaces."""

    name = "successions"
    statement_events = frozenset({"OrganizationSucceeded"})
    each_alone = True

    def columns(self) -> Sequence[Column[Any]]:
        """Return the columns of a succession."""
        return (
            Column("successor", BYTEWISE, nullable=False),
            Column("predecessors", Text, nullable=False),
            Column("occurred_on", Text, nullable=False),
        )

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return the values of one event."""
        data = fact.data
        return data["successor"], " ".join(data["predecessors"]), data["occurred_on"]
