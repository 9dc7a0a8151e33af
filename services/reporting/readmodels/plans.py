"""Plans of the year: one for each organisation and year, the latest issued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, SmallInteger, Text

from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.database.columns import BYTEWISE
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.readmodel.decoded_events import DecodedEvent


class Plans(LatestStatements):
    """The read model `plans`."""

    name = "plans"
    said_by = frozenset({"PlanIssued"})

    def columns(self) -> Sequence[Column[Any]]:
        """Return what is kept of a plan."""
        return (
            Column("org_id", BYTEWISE, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("programme", Text, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("occurred_on", Text, nullable=False),
            Column("document_number", Text),
            Column("document_signed_on", Text),
            Column("document_title", Text),
        )

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return these of one event."""
        data = fact.data
        document = data["document"]
        return (
            data["org_id"],
            data["plan_year"],
            data.get("programme") or DEFAULT_PROGRAMME,
            data["unit_id"],
            data["occurred_on"],
            document.get("number"),
            document.get("signed_on"),
            document.get("title"),
        )
