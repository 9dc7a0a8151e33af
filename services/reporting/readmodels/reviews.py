"""Review sessions, at which committees evaluate models: each as it was stated last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, SmallInteger, Text

from services.reporting.readmodels.parts.latest_statement import LatestStatements
from shared.database.columns import BYTEWISE
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.readmodel.decoded_events import DecodedEvent


class Reviews(LatestStatements):
    """The read model `reviews`."""

    name = "reviews"
    said_by = frozenset({"ReviewSessionHeld"})

    def columns(self) -> Sequence[Column[Any]]:
        """Return what is kept of a session."""
        return (
            Column("session_id", BYTEWISE, nullable=False),
            Column("org_id", BYTEWISE, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("programme", Text, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("occurred_on", Text, nullable=False),
            Column("minutes_number", Text),
            Column("minutes_signed_on", Text),
            Column("minutes_title", Text),
        )

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return these of one event."""
        data = fact.data
        minutes = data["minutes"]
        return (
            data["session_id"],
            data["org_id"],
            data["plan_year"],
            data.get("programme") or DEFAULT_PROGRAMME,
            data["unit_id"],
            data["occurred_on"],
            minutes.get("number"),
            minutes.get("signed_on"),
            minutes.get("title"),
        )
