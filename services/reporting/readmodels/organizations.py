"""Organisations as last defined: their names stand beside what they own, decide and grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Text

from services.reporting.readmodels.statements import Statements
from shared.readmodel.store import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.readmodel.facts import Fact


class Organizations(Statements):
    """The read model `organizations`."""

    name = "organizations"
    said_by = frozenset({"OrganizationDefined"})

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
