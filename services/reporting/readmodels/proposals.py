"""Awards proposed, and what became of each proposal: nothing yet, declined, or granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.readmodels.awards.state import GRANTED, PROPOSED
from services.reporting.readmodels.parts.latest_statement import LatestStatements
from services.reporting.readmodels.parts.programmes import (
    REGISTERED,
    Programmes,
    named_registrations,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from services.reporting.readmodels.parts.latest_statement import Statement
    from shared.readmodel.comparable_rows import ComparableRows
    from shared.readmodel.decoded_events import DecodedEvent

DECLINED = "AwardDeclined"
_BECAME = {GRANTED: "granted", DECLINED: "declined"}


class Proposals(LatestStatements):
    """The read model `proposals`: one item for each award that was proposed."""

    name = "proposals"
    said_by = frozenset({PROPOSED, DECLINED, GRANTED})
    also = frozenset({REGISTERED})
    kept = (
        "award_id",
        "plan_year",
        "programme",
        "unit_id",
        "occurred_on",
        "award_form",
        "grantor_org_id",
        "recipient.kind",
        "recipient.org_id",
        "recipient.person_ref",
        "recipient.unit_id",
        "state",
        "decided_on",
        "reason",
    )
    optional = frozenset(
        {
            "grantor_org_id",
            "recipient_org_id",
            "recipient_person_ref",
            "recipient_unit_id",
            "decided_on",
            "reason",
        }
    )

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.programmes = Programmes(self.metadata, self._prefix)

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
        """Take in a registration, for its programme."""
        self.programmes.take(fact)

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the columns that are not as the event states them."""
        programme = self.programmes.of(fact.data)
        return {"programme": programme, "state": "proposed", "decided_on": None, "reason": None}

    def values_after(self, fact: DecodedEvent, before: Statement | None) -> tuple[Any, ...] | None:
        """Return what is kept once a proposal is decided; an award never proposed has none."""
        if fact.name == PROPOSED:
            return self.values(fact)
        if before is None:
            return None
        of_proposal = self.kept.index("state")
        decided = (_BECAME[fact.name], fact.data["occurred_on"], fact.data.get("reason"))
        return (*before.values[:of_proposal], *decided)

    def finish(self, connection: Connection) -> None:
        """Write the programmes."""
        self.programmes.flush(connection)

    def contents(self) -> Sequence[ComparableRows]:
        """Return what two fills are compared by."""
        return (*super().contents(), self.programmes.content())
