"""Commendations: persons and collectives commended as examples, which is no form of award."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.figures.comparable_rows import tally_sums
from services.reporting.figures.delta_tables import Contribution
from services.reporting.figures.delta_writer import ordinal_of
from services.reporting.figures.measures import COMMENDATIONS, CommendationBits
from services.reporting.readmodels.parts.counted_statements import CountedStatements
from services.reporting.readmodels.parts.latest_statement import Statement, columns_named
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Column, Connection

    from shared.readmodel.decoded_events import DecodedEvent

_COLUMNS = (
    "commendation_id",
    "plan_year",
    "programme",
    "unit_id",
    "occurred_on",
    "recipient_kind",
    "recipient_org_id",
    "recipient_person_ref",
    "recipient_unit_id",
    "occasion",
    "origin_kind",
)
_PLACE = {name: place for place, name in enumerate(_COLUMNS)}
_OPTIONAL = {"recipient_org_id", "recipient_person_ref", "recipient_unit_id", "origin_kind"}


class Commendations(CountedStatements):
    """The read model `commendations`: each counts in its year, under its own unit."""

    name = "commendations"
    statement_events = frozenset({"ExemplarCommended"})
    dimensions = ("programme", "recipient_kind")

    def columns(self) -> Sequence[Column[Any]]:
        """Return the columns of a commendation."""
        return columns_named(_COLUMNS, _OPTIONAL)

    def values(self, fact: DecodedEvent) -> tuple[Any, ...]:
        """Return the values of one event."""
        data = fact.data
        recipient = data["recipient"]
        return (
            data["commendation_id"],
            data["plan_year"],
            data.get("programme") or DEFAULT_PROGRAMME,
            data["unit_id"],
            data["occurred_on"],
            recipient["kind"],
            recipient.get("org_id"),
            recipient.get("person_ref"),
            recipient.get("unit_id"),
            data["occasion"],
            (data.get("origin") or {}).get("kind"),
        )

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return the number by year, as of a position."""
        return tally_sums(connection, self.delta_tables, COMMENDATIONS, until)

    def contribution(self, statement: Statement) -> Contribution:
        """Return the contribution of a commendation: in its year, under its unit."""
        value = {name: statement.values[place] for name, place in _PLACE.items()}
        return Contribution(
            value["plan_year"],
            self.writer.units[value["unit_id"]],
            ordinal_of(value["occurred_on"]),
            self.writer.dims[value["programme"], value["recipient_kind"]],
            0,
            int(CommendationBits.COMMENDED),
        )
