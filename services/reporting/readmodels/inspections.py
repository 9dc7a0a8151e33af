"""Inspections planned and conducted; an inspected unit or organisation counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.figures.comparable_rows import tally_sums
from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import CONDUCTED, INSPECTIONS
from services.reporting.readmodels.parts.counted_statements import CountedStatements
from services.reporting.readmodels.parts.programmes import StatementsOnRegistrations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from services.reporting.readmodels.parts.latest_statement import Statement
    from shared.readmodel.decoded_events import DecodedEvent

_CONDUCTED = "InspectionConducted"
_PLANNED = "InspectionPlanned"


class Inspections(StatementsOnRegistrations, CountedStatements):
    """The read model `inspections`: one item for each event, planned or conducted."""

    name = "inspections"
    version = 2
    statement_events = frozenset({_PLANNED, _CONDUCTED})
    naming = statement_events
    kept = (
        "inspection_id",
        "state",
        "plan_year",
        "programme",
        "unit_id",
        "occurred_on",
        "org_id",
        "scopes",
        "rating",
        "document.number",
        "origin.kind",
        "note",
        "registration_ids",
    )
    optional = frozenset({"org_id", "rating", "document_number", "origin_kind", "note"})
    each_alone = True
    dimensions = ("programme",)

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the derived columns, which differ from the event's fields."""
        return {
            **super().computed(fact),
            "state": "conducted" if fact.name == _CONDUCTED else "planned",
            "scopes": " ".join(fact.data["scopes"]),
            "registration_ids": " ".join(fact.data.get("registration_ids") or ()),
        }

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return the number conducted by year, as of a position."""
        return tally_sums(connection, self.delta_tables, INSPECTIONS, until)

    def contribution(self, statement: Statement) -> Contribution | None:
        """Return the contribution of an inspection: for its organisation, else for its unit."""
        value = dict(zip(self.names(), statement.values, strict=True))
        if value["state"] != "conducted":
            return None
        inspected = (
            f"organization/{value['org_id']}" if value["org_id"] else f"unit/{value['unit_id']}"
        )
        return Contribution(
            value["plan_year"],
            self.writer.units[value["unit_id"]],
            ordinal_of(value["occurred_on"]),
            self.writer.dims[value["programme"]],
            self.writer.orgs[inspected],
            CONDUCTED,
        )
