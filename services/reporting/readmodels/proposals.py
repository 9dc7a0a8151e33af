"""Proposed awards, with the state of each: open, declined, or granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.readmodels.awards.state import GRANTED, PROPOSED
from services.reporting.readmodels.parts.programmes import StatementsOnRegistrations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.readmodels.parts.latest_statement import Statement
    from shared.readmodel.decoded_events import DecodedEvent

DECLINED = "AwardDeclined"
_BECAME = {GRANTED: "granted", DECLINED: "declined"}


class Proposals(StatementsOnRegistrations):
    """The read model `proposals`: one item for each proposed award."""

    name = "proposals"
    statement_events = frozenset({PROPOSED, DECLINED, GRANTED})
    naming = frozenset({PROPOSED})
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

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the derived columns, which differ from the event's fields."""
        undecided = {"state": "proposed", "decided_on": None, "reason": None}
        return {**super().computed(fact), **undecided}

    def values_after(self, fact: DecodedEvent, before: Statement | None) -> tuple[Any, ...] | None:
        """Return the values after a decision; an award never proposed has none."""
        if fact.name == PROPOSED:
            return self.values(fact)
        if before is None:
            return None
        of_proposal = self.kept.index("state")
        decided = (_BECAME[fact.name], fact.data["occurred_on"], fact.data.get("reason"))
        return (*before.values[:of_proposal], *decided)
