"""Proposed awards, with the state of each: open, declined, or granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.readmodels.awards.state import GRANTED, PROPOSED
from services.reporting.readmodels.parts.latest_statement import LatestStatements, columns_named
from services.reporting.readmodels.parts.programmes import (
    REGISTERED,
    Programmes,
    named_registrations,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column, Connection

    from services.reporting.readmodels.parts.latest_statement import Statement
    from shared.readmodel.comparable_rows import ComparableRows
    from shared.readmodel.decoded_events import DecodedEvent

DECLINED = "AwardDeclined"
_BECAME = {GRANTED: "granted", DECLINED: "declined"}
_COLUMNS = (
    "award_id",
    "plan_year",
    "programme",
    "unit_id",
    "occurred_on",
    "award_form",
    "grantor_org_id",
    "recipient_kind",
    "recipient_org_id",
    "recipient_person_ref",
    "recipient_unit_id",
    "state",
    "decided_on",
    "reason",
)
_OPTIONAL = {
    "grantor_org_id",
    "recipient_org_id",
    "recipient_person_ref",
    "recipient_unit_id",
    "decided_on",
    "reason",
}
_PROPOSED = _COLUMNS.index("state")
"""The number of columns that come from the proposal itself."""


class Proposals(LatestStatements):
    """The read model `proposals`: one item for each proposed award."""

    name = "proposals"
    statement_events = frozenset({PROPOSED, DECLINED, GRANTED})
    also = frozenset({REGISTERED})

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.programmes = Programmes(self.metadata, self._prefix)

    def columns(self) -> Sequence[Column[Any]]:
        """Return the columns of a proposal."""
        return columns_named(_COLUMNS, _OPTIONAL)

    def prepare(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Load the programmes of the registrations that proposals name."""
        named = {
            each
            for fact in facts
            if fact.name == PROPOSED
            for each in named_registrations(fact.data)
        }
        self.programmes.open(connection, named)

    def see(self, fact: DecodedEvent) -> None:
        """Fold a registration, for its programme."""
        self.programmes.take(fact)

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return the values of a new proposal."""
        data = fact.data
        recipient = data["recipient"]
        return (
            data["award_id"],
            data["plan_year"],
            self.programmes.programme(data.get("programme"), named_registrations(data)),
            data["unit_id"],
            data["occurred_on"],
            data["award_form"],
            data.get("grantor_org_id"),
            recipient["kind"],
            recipient.get("org_id"),
            recipient.get("person_ref"),
            recipient.get("unit_id"),
            "proposed",
            None,
            None,
        )

    def values_after(self, fact: DecodedEvent, before: Statement | None) -> tuple[Any, ...] | None:
        """Return the values after a decision; an award never proposed has none."""
        if fact.name == PROPOSED:
            return self.values(fact)
        if before is None:
            return None
        decided = (_BECAME[fact.name], fact.data["occurred_on"], fact.data.get("reason"))
        return (*before.values[:_PROPOSED], *decided)

    def finish(self, connection: Connection) -> None:
        """Write the programmes."""
        self.programmes.flush(connection)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        return (*super().contents(), self.programmes.content())
