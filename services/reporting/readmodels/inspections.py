"""Inspections planned and conducted; what was inspected counts once, however often it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.figures.comparable_rows import tally_sums
from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import CONDUCTED, INSPECTIONS
from services.reporting.readmodels.parts.counted_statements import CountedStatements
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

_CONDUCTED = "InspectionConducted"
_PLANNED = "InspectionPlanned"


class Inspections(CountedStatements):
    """The read model `inspections`: one item for each event, planned or conducted."""

    name = "inspections"
    said_by = frozenset({_PLANNED, _CONDUCTED})
    also = frozenset({REGISTERED})
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
    )
    optional = frozenset({"org_id", "rating", "document_number", "origin_kind", "note"})
    each_alone = True
    dimensions = ("programme",)

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.programmes = Programmes(self.metadata, self._prefix)

    def prepare(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Load the programmes of the registrations that are named."""
        named = {
            each
            for fact in facts
            if fact.name in self.said_by
            for each in named_registrations(fact.data)
        }
        self.programmes.open(connection, named)
        super().prepare(facts, connection)

    def see(self, fact: DecodedEvent) -> None:
        """Take in a registration, for its programme."""
        self.programmes.take(fact)

    def computed(self, fact: DecodedEvent) -> Mapping[str, Any]:
        """Return the columns that are not as the event states them."""
        data = fact.data
        return {
            "state": "conducted" if fact.name == _CONDUCTED else "planned",
            "programme": self.programmes.of(data),
            "scopes": " ".join(data["scopes"]),
        }

    def finish(self, connection: Connection) -> None:
        """Write the programmes and the deltas."""
        self.programmes.flush(connection)
        super().finish(connection)

    def contents(self) -> Sequence[ComparableRows]:
        """Return what two fills are compared by."""
        return (*super().contents(), self.programmes.content())

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return how many were conducted by year, as of a position."""
        return tally_sums(connection, self.tally, INSPECTIONS, until)

    def standing(self, statement: Statement) -> Contribution | None:
        """Return how an inspection conducted counts: for its organisation, else for its unit."""
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
