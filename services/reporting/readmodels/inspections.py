"""Inspections planned and conducted; an inspected unit or organisation counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.figures.comparable_rows import tally_sums
from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import INSPECTIONS, InspectionBits
from services.reporting.readmodels.parts.counted_statements import CountedStatements
from services.reporting.readmodels.parts.latest_statement import Statement, columns_named
from services.reporting.readmodels.parts.programmes import (
    REGISTERED,
    Programmes,
    named_registrations,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Column, Connection

    from shared.readmodel.comparable_rows import ComparableRows
    from shared.readmodel.decoded_events import DecodedEvent

CONDUCTED = "InspectionConducted"
PLANNED = "InspectionPlanned"
_COLUMNS = (
    "inspection_id",
    "state",
    "plan_year",
    "programme",
    "unit_id",
    "occurred_on",
    "org_id",
    "scopes",
    "rating",
    "document_number",
    "origin_kind",
    "note",
)
_PLACE = {name: place for place, name in enumerate(_COLUMNS)}
_OPTIONAL = {"org_id", "rating", "document_number", "origin_kind", "note"}


class Inspections(CountedStatements):
    """The read model `inspections`: one item for each event, planned or conducted."""

    name = "inspections"
    statement_events = frozenset({PLANNED, CONDUCTED})
    also = frozenset({REGISTERED})
    each_alone = True
    dimensions = ("programme",)

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.programmes = Programmes(self.metadata, self._prefix)

    def columns(self) -> Sequence[Column[Any]]:
        """Return the columns of an inspection."""
        return columns_named(_COLUMNS, _OPTIONAL)

    def prepare(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Load the programmes of the named registrations."""
        named = {
            each
            for fact in facts
            if fact.name in self.statement_events
            for each in named_registrations(fact.data)
        }
        self.programmes.open(connection, named)
        super().prepare(facts, connection)

    def see(self, fact: DecodedEvent) -> None:
        """Fold a registration, for its programme."""
        self.programmes.take(fact)

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return the values of one event."""
        data = fact.data
        programme = self.programmes.programme(data.get("programme"), named_registrations(data))
        return (
            data["inspection_id"],
            "conducted" if fact.name == CONDUCTED else "planned",
            data["plan_year"],
            programme,
            data["unit_id"],
            data["occurred_on"],
            data.get("org_id"),
            " ".join(data["scopes"]),
            data.get("rating"),
            (data.get("document") or {}).get("number"),
            (data.get("origin") or {}).get("kind"),
            data.get("note"),
        )

    def finish(self, connection: Connection) -> None:
        """Write the programmes and the deltas."""
        self.programmes.flush(connection)
        super().finish(connection)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        return (*super().contents(), self.programmes.content())

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return the number conducted by year, as of a position."""
        return tally_sums(connection, self.delta_tables, INSPECTIONS, until)

    def contribution(self, statement: Statement) -> Contribution | None:
        """Return the contribution of an inspection: for its organisation, else for its unit."""
        if statement.values[_PLACE["state"]] != "conducted":
            return None
        value = {name: statement.values[place] for name, place in _PLACE.items()}
        inspected = (
            f"organization/{value['org_id']}" if value["org_id"] else f"unit/{value['unit_id']}"
        )
        return Contribution(
            value["plan_year"],
            self.writer.units[value["unit_id"]],
            ordinal_of(value["occurred_on"]),
            self.writer.dims[value["programme"]],
            self.writer.orgs[inspected],
            int(InspectionBits.CONDUCTED),
        )
