"""Commendations: persons and collectives commended as examples, which is no form of award."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.reporting.figures.comparable_rows import tally_sums
from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import COMMENDATIONS, COMMENDED
from services.reporting.readmodels.parts.counted_statements import CountedStatements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from services.reporting.readmodels.parts.latest_statement import Statement


class Commendations(CountedStatements):
    """The read model `commendations`: each counts in its year, under its own unit."""

    name = "commendations"
    statement_events = frozenset({"ExemplarCommended"})
    kept = (
        "commendation_id",
        "plan_year",
        "programme",
        "unit_id",
        "occurred_on",
        "recipient.kind",
        "recipient.org_id",
        "recipient.person_ref",
        "recipient.unit_id",
        "occasion",
        "origin.kind",
    )
    optional = frozenset(
        {"recipient_org_id", "recipient_person_ref", "recipient_unit_id", "origin_kind"}
    )
    dimensions = ("programme", "recipient_kind")

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return the number by year, as of a position."""
        return tally_sums(connection, self.delta_tables, COMMENDATIONS, until)

    def contribution(self, statement: Statement) -> Contribution:
        """Return the contribution of a commendation: in its year, under its unit."""
        value = dict(zip(self.names(), statement.values, strict=True))
        return Contribution(
            value["plan_year"],
            self.writer.units[value["unit_id"]],
            ordinal_of(value["occurred_on"]),
            self.writer.dims[value["programme"], value["recipient_kind"]],
            0,
            COMMENDED,
        )
